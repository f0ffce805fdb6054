import assert from "node:assert/strict";
import { differingIds } from "../../../lib/manifest/large_object_buckets.ts";
import { digestLargeObjects } from "../../../lib/manifest/large_objects.ts";
import { writeIds } from "../../../lib/manifest/privileges/id_ranges.ts";
import { compare } from "../../../lib/jobs/compare/compare.ts";
import { jobOptions, makeBackup, manifestOf } from "../../support/jobs.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { inSnapshot, startRowsCluster } from "../../support/rows_cluster.ts";
import { rowsTest } from "../../support/rows_test_case.ts";

const test = rowsTest(startRowsCluster);

test("large objects: one digest after a restore, another after any change", async (cluster) => {
  const sql = await cluster.database("large_objects");
  const digest = (from = sql) => inSnapshot(from, () => digestLargeObjects(from));
  assert.deepEqual(await digest(), { count: 0, size_bytes: 0, digest: "0".repeat(32) });
  await sql.unsafe(`
    SELECT lo_from_bytea(1001, 'abc'), lo_create(1002), lo_from_bytea(1003, decode(repeat('00ff', 400000), 'hex'));
    SELECT lo_from_bytea(1004, ''), lo_put(1004, 700000, 'after a hole');
    SELECT lo_from_bytea(1005, '\\x0000');
    SELECT lo_from_bytea(1007, convert_to(repeat('a', 262144) || repeat('b', 262144), 'UTF8'));
  `);
  const whole = await digest();
  assert.deepEqual([whole.count, whole.size_bytes], [6, 3 + 800_000 + 700_012 + 2 + 524_288]);
  assert.deepEqual(await digest(await cluster.restoredCopy("large_objects", "large_objects_restored")), whole);

  const seen = new Set([whole.digest]);
  let before = whole;
  const ids = Array.from({ length: 200 }, (_, place) => 1000 + place);
  const differing: string[] = [];
  const changes = [
    "SELECT lo_put(1003, 799999, '\\xfe')",
    "SELECT lo_put(1003, 0, '\\x01')",
    "SELECT lo_put(1005, 2, '\\x00')",
    "SELECT lo_put(1007, 0, lo_get(1007, 262144, 262144)), lo_put(1007, 262144, convert_to(repeat('a', 262144), 'UTF8'))",
    "SELECT lo_unlink(1002)",
    "SELECT lo_create(1012)",
    "SELECT lo_put(1001, 0, 'abd')",
    "SELECT lo_unlink(1005), lo_from_bytea(1006, '\\x000000')",
  ];
  for (const change of changes) {
    await sql.unsafe(change);
    const now = await digest();
    seen.add(now.digest);
    differing.push(writeIds(differingIds(before.buckets!, now.buckets!, ids).ids).join(","));
    before = now;
  }
  assert.equal(seen.size, 1 + changes.length);
  assert.deepEqual(differing, ["1003", "1003", "1005", "1007", "1002", "1012", "1001", "1005-1006"]);
});

test("large objects: a role without privileges is told which one it may not read", async (cluster) => {
  const sql = await cluster.database("closed_objects");
  await sql.unsafe(`
    CREATE ROLE lo_reader LOGIN;
    SELECT lo_from_bytea(2001, 'abc'), lo_from_bytea(2002, 'def');
    GRANT SELECT ON LARGE OBJECT 2001 TO lo_reader;
  `);
  const reader = cluster.connect("closed_objects", "lo_reader");
  await assert.rejects(inSnapshot(reader, () => digestLargeObjects(reader)), {
    code: "PERMISSION_DENIED",
    message: /2002/,
  });
  await sql`GRANT SELECT ON LARGE OBJECT 2002 TO lo_reader`;
  assert.deepEqual(
    await inSnapshot(reader, () => digestLargeObjects(reader)),
    await inSnapshot(sql, () => digestLargeObjects(sql)),
  );
});

Deno.test("large objects: a comparison names those that differ", async () => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql`SELECT lo_from_bytea(3000 + n * 7, convert_to('object ' || n, 'UTF8')) FROM generate_series(1, 2000) AS n`;
  const manifest = manifestOf(await makeBackup(server.url(name), directory.path));
  const compared = async () => {
    const { findings } = await compare({ ...jobOptions(), manifest, dbUrl: server.url(name) });
    return findings.map(({ code, message }) => `${code}: ${message}`);
  };
  assert.deepEqual(await compared(), []);
  await sql`SELECT lo_put(3007, 0, 'O'), lo_unlink(3700), lo_create(99), lo_put(17000, 8, 'x')`;
  assert.deepEqual(await compared(), [
    "LARGE_OBJECTS_DIFFER: The contents or ids of the 2000 large objects differ. Ids that differ: 99, 3007, 3700, 17000.",
  ]);
  const earlier = JSON.parse(await Deno.readTextFile(manifest));
  delete earlier.large_objects.buckets;
  await Deno.writeTextFile(manifest, JSON.stringify(earlier));
  assert.deepEqual(await compared(), [
    "LARGE_OBJECTS_DIFFER: The contents or ids of the 2000 large objects differ.",
  ]);
  await sql.end();
});
