import assert from "node:assert/strict";
import type { Distribution } from "../../lib/manifest/distribution.ts";
import { checkSystem, recordCheck } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("distribution check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  const databases = { shop: server.url() };
  const check = { kind: "distribution", name: "tenants", column: "proofs:tenant" };
  /** Proofs of three tenants, in partitions; then what is broken. */
  const proofs = (change = "") =>
    sql.unsafe(`
      DROP TABLE IF EXISTS proofs;
      CREATE TABLE proofs (tenant text) PARTITION BY HASH (tenant);
      CREATE TABLE proofs_0 PARTITION OF proofs FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE proofs_1 PARTITION OF proofs FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO proofs SELECT 'tenant ' || t FROM generate_series(1, 3) AS t, generate_series(1, 3 * t);
      INSERT INTO proofs VALUES (NULL);
      ${change}`);
  await proofs();
  const recorded = await recordCheck(check, { databases });
  const shown = await recordCheck({ ...check, show: true } as typeof check, { databases });
  const run = (options: object = {}, known: unknown = recorded) =>
    checkSystem([{ ...check, ...options }], { databases, recorded: new Map([["tenants", known]]) });
  const find = async (options: object = {}, known: unknown = recorded) =>
    (await run(options, known)).findings.map(({ code, actual }) => [code, actual]);

  await t.step("what is recorded holds values only where they may be shown", () => {
    assert.doesNotMatch(JSON.stringify(recorded), /tenant 1/);
    assert.match(JSON.stringify(shown), /tenant 1/);
  });

  await t.step("the same rows of each value pass", async () => {
    for (const known of [recorded, shown]) assert.equal((await run({}, known)).verdict, "pass");
  });

  const broken: [what: string, change: string, found: [string, number][], detail: string][] = [
    [
      "a value missing",
      "DELETE FROM proofs WHERE tenant = 'tenant 2'",
      [["DISTRIBUTION_VALUES_MISSING", 1]],
      "tenant 2: 6 rows",
    ],
    ["a new value", "INSERT INTO proofs VALUES ('tenant 9')", [["DISTRIBUTION_VALUES_NEW", 1]], "tenant 9: 1 rows"],
    [
      "a row more and one fewer",
      "UPDATE proofs SET tenant = 'tenant 2' WHERE ctid IN (SELECT ctid FROM proofs WHERE tenant = 'tenant 3' LIMIT 1)" +
      " AND tenant = 'tenant 3'",
      [["DISTRIBUTION_COUNTS_DIFFER", 2]],
      "tenant 2: 7 rows instead of 6",
    ],
    [
      "no row left",
      "DELETE FROM proofs",
      [["DISTRIBUTION_VALUES_MISSING", 3], ["DISTRIBUTION_NULLS_DIFFER", 0]],
      "tenant 1",
    ],
  ];
  for (const [what, change, found, detail] of broken) {
    await t.step(`${what} fails, and is named only when it may be`, async () => {
      await proofs(change);
      assert.deepEqual(await find(), found);
      assert.deepEqual(await find({}, shown), found);
      assert.doesNotMatch(JSON.stringify(await run()), /tenant \d/);
      assert.match((await run({ show: true }, shown)).findings[0].detail!, new RegExp(detail));
    });
  }

  await t.step("what the manifest itself counted comes first", async () => {
    await proofs();
    const distribution = [recorded as Distribution];
    const parts = { databases, manifests: { shop: { distribution } } };
    assert.equal((await checkSystem([check], parts)).verdict, "pass");
    await proofs("DELETE FROM proofs WHERE tenant = 'tenant 2'");
    assert.equal((await checkSystem([check], parts)).verdict, "fail");
    assert.equal((await checkSystem([check], { ...parts, recorded: new Map([["tenants", shown]]) })).verdict, "fail");
  });

  await t.step("nothing recorded, and no such column, are not run", async () => {
    assert.deepEqual(await find({}, null), [["DISTRIBUTION_NOT_RECORDED", undefined]]);
    assert.deepEqual(await find({ column: "proofs:gone" }), [["DISTRIBUTION_TARGET_MISSING", undefined]]);
    assert.deepEqual(await find({ column: "proofs" }), [["DISTRIBUTION_TARGET_INVALID", undefined]]);
    const other = { kind: "distribution", name: "tenants", column: "proofs_0:tenant" };
    const distribution = [recorded as Distribution];
    const { verdict } = await checkSystem([other], { databases, manifests: { shop: { distribution } } });
    assert.equal(verdict, "unknown");
  });
  await sql.end();
});
