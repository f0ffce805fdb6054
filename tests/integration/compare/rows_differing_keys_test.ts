import assert from "node:assert/strict";
import type postgres from "postgres";
import { differingKeys } from "../../../lib/manifest/rows/differing_keys.ts";
import { differingBuckets } from "../../../lib/manifest/rows/row_digest_buckets.ts";
import { digestTable } from "../../../lib/manifest/rows/row_digest.ts";
import { listTables, withKey } from "../../../lib/manifest/rows/rows.ts";
import { inSnapshot, startRowsCluster } from "../../support/rows_cluster.ts";
import { rowsTest } from "../../support/rows_test_case.ts";

const test = rowsTest(startRowsCluster);

/** What differs between the only table of two databases, and in how many buckets. */
function compare(source: postgres.Sql, restored: postgres.Sql, limit?: number) {
  return inSnapshot(source, () =>
    inSnapshot(restored, async () => {
      const [expected] = await listTables(source);
      const actual = withKey((await listTables(restored))[0], expected.key);
      const a = await digestTable(source, expected, { buckets: true });
      const b = await digestTable(restored, actual, { buckets: true });
      const buckets = differingBuckets(a.buckets!, b.buckets!);
      const keys = await differingKeys({ sql: source, table: expected }, { sql: restored, table: actual }, {
        buckets,
        limit,
      });
      return { buckets: buckets.length, keys: keys.sort((x, y) => JSON.stringify(x) < JSON.stringify(y) ? -1 : 1) };
    }));
}

test("differing keys: names what is missing, extra, doubled and changed", async (cluster) => {
  const source = await cluster.database("keys");
  await source.unsafe(`
    CREATE TABLE orders ("the id" int8 PRIMARY KEY, v text);
    INSERT INTO orders SELECT i, md5(i::text) FROM generate_series(1, 20000) AS i;
  `);
  const restored = await cluster.restoredCopy("keys", "keys_restored");
  assert.deepEqual(await compare(source, restored), { buckets: 0, keys: [] });
  await restored.unsafe(`
    ALTER TABLE orders DROP CONSTRAINT orders_pkey;
    DELETE FROM orders WHERE "the id" = 17;
    UPDATE orders SET v = v || '.' WHERE "the id" = 19999;
    INSERT INTO orders SELECT * FROM orders WHERE "the id" = 5;
    INSERT INTO orders VALUES (-1, 'new');
  `);
  assert.deepEqual(await compare(source, restored), {
    buckets: 4,
    keys: [
      { kind: "changed", key: { "the id": "19999" } },
      { kind: "extra", key: { "the id": "-1" } },
      { kind: "extra", key: { "the id": "5" } },
      { kind: "missing", key: { "the id": "17" } },
    ],
  });
});

test("differing keys: stops at the limit where everything differs", async (cluster) => {
  const source = await cluster.database("all_keys");
  await source.unsafe(`
    CREATE TABLE orders (tenant text, number numeric, v text, PRIMARY KEY (tenant, number));
    INSERT INTO orders SELECT 'tenant ' || i % 7, i / 10.0, 'v' FROM generate_series(1, 5000) AS i;
  `);
  const restored = await cluster.restoredCopy("all_keys", "all_keys_restored");
  await restored`UPDATE orders SET v = 'w'`;
  const { buckets, keys } = await compare(source, restored, 3);
  assert.equal(buckets, 256);
  assert.deepEqual(
    keys.map(({ kind, key }) => [kind, Object.keys(key)]),
    Array(3).fill(["changed", ["tenant", "number"]]),
  );
  await restored`TRUNCATE orders`;
  assert.deepEqual((await compare(source, restored)).keys.map(({ kind }) => kind), Array(20).fill("missing"));
});

test("differing keys: two swapped values and a row given to another tenant are found", async (cluster) => {
  const source = await cluster.database("swapped_keys");
  await source.unsafe(`
    CREATE TABLE orders (id uuid PRIMARY KEY, tenant int4, amount int4);
    INSERT INTO orders SELECT md5(i::text)::uuid, i % 5, i FROM generate_series(1, 1000) AS i;
  `);
  const restored = await cluster.restoredCopy("swapped_keys", "swapped_keys_restored");
  await restored`UPDATE orders SET amount = 31 - amount WHERE amount IN (10, 21)`;
  await restored`UPDATE orders SET tenant = 4 WHERE amount = 100`;
  assert.deepEqual((await compare(source, restored)).keys.map(({ kind }) => kind), ["changed", "changed", "changed"]);
});
