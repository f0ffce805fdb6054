import assert from "node:assert/strict";
import { captureDistribution } from "../../../lib/manifest/distribution.ts";
import { inSnapshot, startRowsCluster } from "../../support/rows_cluster.ts";
import { rowsTest } from "../../support/rows_test_case.ts";

const test = rowsTest(startRowsCluster);

test("distribution: rows per value, NULL apart, values hashed on request", async (cluster) => {
  const sql = await cluster.database("distribution");
  await sql.unsafe(`
    CREATE TABLE orders (tenant text, "Odd: one" numeric) PARTITION BY LIST (tenant);
    CREATE TABLE orders_a PARTITION OF orders FOR VALUES IN ('a');
    CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
    INSERT INTO orders VALUES ('a', 1.0), ('a', 1.00), ('b', NULL), ('', NULL), (NULL, 1.0);
    CREATE SCHEMA other;
    CREATE TABLE other.orders_a (tenant text);
  `);
  await inSnapshot(sql, async () => {
    const table = { schema: "public", name: "orders" };
    const byTenant = await captureDistribution(sql, "orders:tenant");
    assert.deepEqual(byTenant, {
      table,
      column: "tenant",
      is_hashed: false,
      values: [{ value: "", row_count: 1 }, { value: "a", row_count: 2 }, { value: "b", row_count: 1 }],
      null_row_count: 1,
    });
    const odd = await captureDistribution(sql, 'public.orders:"Odd: one"');
    assert.deepEqual(odd.values, [{ value: "1.0", row_count: 2 }, { value: "1.00", row_count: 1 }]);
    const hashed = await captureDistribution(sql, "orders:tenant", { hashValues: true });
    const sha256OfA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    assert.deepEqual(hashed.values.find(({ value }) => value === sha256OfA)?.row_count, 2);
    assert.equal(hashed.null_row_count, 1);
    for (const hashValues of [false, true]) {
      const required = (...requiredValues: string[]) =>
        captureDistribution(sql, "orders:tenant", { hashValues, requiredValues });
      assert.equal((await required("a", "")).values.length, 3);
      await assert.rejects(required("a", "c", "d"), { code: "ROWS_HIDDEN", message: /no rows of .* with c, d\./ });
    }
    const rejected: [string, string][] = [
      ["orders", "DISTRIBUTION_TARGET_INVALID"],
      ["orders:a:b", "DISTRIBUTION_TARGET_INVALID"],
      ["or ders:tenant", "DISTRIBUTION_TARGET_INVALID"],
      ["orders:tenant; DROP TABLE orders", "DISTRIBUTION_TARGET_INVALID"],
      ["Orders:tenants", "DISTRIBUTION_TARGET_MISSING"],
      ["orders_a:tenant", "DISTRIBUTION_TARGET_AMBIGUOUS"],
    ];
    for (const [target, code] of rejected) {
      await assert.rejects(captureDistribution(sql, target), { code }, target);
    }
    await assert.rejects(captureDistribution(sql, "orders:tenant", { maxValues: 2 }), {
      code: "DISTRIBUTION_TOO_WIDE",
    });
    assert.equal((await captureDistribution(sql, "orders:tenant", { maxValues: 3 })).values.length, 3);
  });
});
