import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { checkSystem, recordCheck } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("canary check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  const sentinel = "Zeisig 4711";
  await sql.unsafe(`CREATE TABLE canary AS SELECT '${sentinel}' AS value`);
  const databases = { shop: server.url() };
  const check = { kind: "canary", name: "canary", sql: "SELECT value FROM canary" };
  const run = async (options: object = {}, recorded?: unknown) => {
    const known = recorded === undefined ? {} : { recorded: new Map([["canary", recorded]]) };
    const verdict = await checkSystem([{ ...check, ...options }], { databases, ...known });
    assert.doesNotMatch(JSON.stringify(verdict), /Zeisig|4711/);
    return verdict;
  };
  const recorded = await recordCheck(check, { databases });

  await t.step("what is recorded does not hold the value, nor a hash that can be looked up", async () => {
    const text = JSON.stringify([recorded, await recordCheck(check, { databases })]);
    assert.doesNotMatch(text, /Zeisig/);
    assert.ok(!text.includes(createHash("sha256").update(sentinel).digest("hex")));
    assert.notDeepEqual(recorded, await recordCheck(check, { databases }));
  });

  const sha256 = createHash("sha256").update(sentinel).digest("hex");
  await t.step("a sentinel that came back exactly passes", async () => {
    assert.equal((await run({}, recorded)).verdict, "pass");
    assert.equal((await run({ value: sentinel })).verdict, "pass");
    assert.equal((await run({ sha256 })).verdict, "pass");
  });

  await t.step("another value fails", async () => {
    await sql`UPDATE canary SET value = value || ' '`;
    for (const options of [{}, { value: sentinel }, { sha256 }]) {
      const { verdict, findings: [finding] } = await run(options, recorded);
      assert.deepEqual([verdict, finding.code], ["fail", "CANARY_DIFFERS"]);
    }
    await sql`UPDATE canary SET value = rtrim(value)`;
  });

  await t.step("no sentinel fails; and none is recorded", async () => {
    for (const none of ["SELECT value FROM canary WHERE false", "SELECT NULL"]) {
      const { verdict, findings: [finding] } = await run({ sql: none }, recorded);
      assert.deepEqual([verdict, finding.code], ["fail", "CANARY_MISSING"]);
      await assert.rejects(recordCheck({ ...check, sql: none } as typeof check, { databases }), /CANARY_MISSING/);
    }
  });

  await t.step("what the server says of the value is not shown", async () => {
    for (const query of ["SELECT value::int FROM canary", "SELECT value FROM canary UNION ALL SELECT 'Zeisig 4711'"]) {
      assert.equal((await run({ sql: query }, recorded)).verdict, "unknown");
    }
  });

  await t.step("nothing to compare with is not run", async () => {
    assert.equal((await run()).findings[0].code, "CANARY_NOT_RECORDED");
    assert.equal((await run({}, { salt: 1 })).findings[0].code, "CANARY_NOT_RECORDED");
    await assert.rejects(run({ value: sentinel, sha256 }), /not both/);
  });
  await sql.end();
});
