import assert from "node:assert/strict";
import { checkSystem } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("idempotency check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  const startedAt = new Date("2026-03-01T12:00:00Z");
  const both = { created_at: "created_at", expires_after: "24h" };
  const run = (options: object) =>
    checkSystem([{ kind: "idempotency", name: "keys", table: "keys", in_progress: "state = 'running'", ...options } as {
      kind: string;
      name: string;
    }], { databases: { shop: server.url() }, startedAt });
  /** Keys as `(created_at, expires_at, state)`. */
  const keys = (...rows: string[]) =>
    sql.unsafe(`
      DROP TABLE IF EXISTS keys;
      CREATE TABLE keys (created_at timestamptz, expires_at timestamp, state text);
      ${rows.map((row) => `INSERT INTO keys VALUES (${row});`).join("")}`);
  const old = "'2026-02-28T11:59:59Z', '2026-03-01 11:59:59', 'running'";
  const done = "'2026-03-01T11:00Z', '2026-03-02 11:00', 'done'";
  const young = "'2026-02-28T12:30:00.5Z', '2026-03-01 12:30:00.5', 'running'";

  await t.step("keys that have ended, or expired before the restore, pass", async () => {
    await keys(old, done);
    for (const options of [both, { expires_at: "expires_at" }]) assert.equal((await run(options)).verdict, "pass");
    await keys();
    assert.equal((await run(both)).verdict, "pass");
  });

  await t.step("a key in progress and not expired fails, and until when is said", async () => {
    await keys(old, done, young, young);
    for (const options of [both, { expires_at: "expires_at" }]) {
      const { verdict, findings: [finding] } = await run(options);
      assert.deepEqual([verdict, finding.code, finding.actual], ["fail", "IDEMPOTENCY_KEYS_IN_PROGRESS", 2]);
      assert.match(finding.fix, /2026-03-01T12:30:01Z/);
    }
  });

  await t.step("the time is the restore's, not the backup's or now", async () => {
    await keys(young);
    assert.equal((await run({ ...both, expires_after: "22h" })).verdict, "pass");
    assert.equal((await run({ ...both, expires_after: "24h" })).verdict, "fail");
  });

  await t.step("a key that never expires fails, and must be settled", async () => {
    for (const never of ["NULL", "'infinity'"]) {
      await keys(`now(), ${never}, 'running'`);
      const { verdict, findings: [finding] } = await run({ expires_at: "expires_at" });
      assert.deepEqual([verdict, finding.actual], ["fail", 1]);
      assert.match(finding.message, /will never/);
    }
    await keys("now(), '-infinity', 'running'");
    assert.equal((await run({ expires_at: "expires_at" })).verdict, "pass");
  });

  await t.step("options that do not go together are refused", () => {
    const wrong = [{}, { created_at: "created_at" }, { expires_after: "24h" }, { ...both, expires_at: "expires_at" }];
    for (const options of wrong) assert.throws(() => run(options), /needs either expires_at/);
  });

  await t.step("what is not there is not run", async () => {
    assert.equal((await run({ ...both, table: "gone" })).findings[0].code, "CHECK_TABLE_MISSING");
    assert.equal((await run({ ...both, created_at: "gone" })).findings[0].code, "CHECK_COLUMN_MISSING");
    assert.equal((await run({ ...both, in_progress: "gone" })).verdict, "unknown");
  });
  await sql.end();
});
