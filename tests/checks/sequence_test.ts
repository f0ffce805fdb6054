import assert from "node:assert/strict";
import { type CheckedParts, checkSystem } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("sequence check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  const run = (options: object = {}, parts: CheckedParts = {}) =>
    checkSystem([{ kind: "sequence", name: "receipts", table: "receipts", column: "number", ...options } as {
      kind: string;
      name: string;
    }], { databases: { shop: server.url() }, ...parts });
  /** Two tenants, each with receipts 1 to 20; then what is broken. */
  const receipts = (change = "") =>
    sql.unsafe(`
      DROP TABLE IF EXISTS receipts;
      CREATE TABLE receipts AS
        SELECT 'tenant ' || t AS tenant, n AS number FROM generate_series(1, 2) AS t, generate_series(1, 20) AS n
        ORDER BY random();
      ${change}`);
  const perTenant = { per: ["tenant"] };
  const codes = async (options: object) => (await run(options)).findings.map(({ code, actual }) => [code, actual]);

  await t.step("numbers without gaps pass, in each group", async () => {
    await receipts();
    for (const start of [undefined, 1]) assert.equal((await run({ ...perTenant, start })).verdict, "pass");
  });

  await t.step("gaps fail with the number before each; groups are shown only when they may be", async () => {
    await receipts("DELETE FROM receipts WHERE tenant = 'tenant 1' AND number IN (3, 7, 8, 9)");
    const { verdict, findings: [finding] } = await run(perTenant);
    assert.deepEqual([verdict, finding.code, finding.actual], ["fail", "SEQUENCE_HAS_GAPS", 4]);
    assert.match(finding.message, /1 after 2, 3 after 6/);
    assert.doesNotMatch(JSON.stringify(finding), /tenant 1/);
    assert.equal(
      (await run({ ...perTenant, show: true })).findings[0].detail,
      "tenant 1: 1 after 2\ntenant 1: 3 after 6",
    );
  });

  await t.step("of many gaps, five are named", async () => {
    await receipts("DELETE FROM receipts WHERE number % 2 = 0");
    const { findings: [finding] } = await run(perTenant);
    assert.equal(finding.actual, 18);
    assert.equal(finding.message.match(/ after /g)!.length, 5);
  });

  await t.step("duplicates fail, also where they hide a gap", async () => {
    await receipts("UPDATE receipts SET number = 8 WHERE number = 9 AND tenant = 'tenant 2'");
    assert.deepEqual(await codes(perTenant), [["SEQUENCE_HAS_GAPS", 1], ["SEQUENCE_HAS_DUPLICATES", 1]]);
    await receipts();
    assert.deepEqual(await codes({}), [["SEQUENCE_HAS_DUPLICATES", 20]]);
  });

  await t.step("rows without a number fail", async () => {
    await receipts("INSERT INTO receipts VALUES ('tenant 1'), ('tenant 3')");
    assert.deepEqual(await codes(perTenant), [["SEQUENCE_HAS_NULLS", 2]]);
  });

  await t.step("with a start, numbers missing before the first are seen, and such that come before it", async () => {
    await receipts("DELETE FROM receipts WHERE number < 4 AND tenant = 'tenant 1'");
    assert.equal((await run(perTenant)).verdict, "pass");
    const { findings: [finding] } = await run({ ...perTenant, start: 1 });
    assert.match(finding.message, /3 numbers .*: 3 after 0/);
    await receipts("INSERT INTO receipts VALUES ('tenant 1', 0), ('tenant 2', -5)");
    assert.deepEqual(await codes({ ...perTenant, start: 1 }), [["SEQUENCE_OUT_OF_RANGE", 2]]);
  });

  await t.step("fractions fail, and numbers may be as large as they come", async () => {
    await receipts("ALTER TABLE receipts ALTER number TYPE numeric; INSERT INTO receipts VALUES ('tenant 2', 20.5)");
    assert.deepEqual(await codes(perTenant), [["SEQUENCE_OUT_OF_RANGE", 1]]);
    await receipts(`
      ALTER TABLE receipts ALTER number TYPE bigint;
      INSERT INTO receipts VALUES ('tenant 2', 9223372036854775807), ('tenant 2', -9223372036854775808)`);
    assert.match((await run(perTenant)).findings[0].message, / after -9223372036854775808, .* after 20/);
  });

  await t.step("an empty table is not run, unless the backup says that it was empty", async () => {
    await receipts("DELETE FROM receipts");
    const { verdict, findings: [finding] } = await run(perTenant);
    assert.deepEqual([verdict, finding.code], ["unknown", "CHECK_FOUND_NOTHING"]);
    const table = { schema: "public", name: "receipts", digest: "0".repeat(32), key: null };
    for (const row_count of [0, 1]) {
      const wasEmpty = { manifests: { shop: { rows: [{ ...table, row_count }] } } };
      assert.equal((await run(perTenant, wasEmpty)).verdict, row_count === 0 ? "pass" : "unknown");
    }
  });

  await t.step("a column that does not hold numbers is not run", async () => {
    assert.equal((await run({ column: "tenant" })).findings[0].code, "SEQUENCE_NOT_NUMBERS");
    assert.equal((await run({ column: "gone" })).findings[0].code, "CHECK_COLUMN_MISSING");
    assert.equal((await run({ per: ["tenant", "number; SELECT 1"] })).verdict, "unknown");
  });
  await sql.end();
});
