import assert from "node:assert/strict";
import { checkSystem } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("queue check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  await sql.unsafe(`
    CREATE TABLE jobs AS SELECT n AS job_id, CASE WHEN n < 4 THEN 'ready' ELSE 'done' END AS state
      FROM generate_series(1, 9) AS n;
    CREATE TABLE dead_letters (letter text)`);
  const run = (counts: object, options = {}) =>
    checkSystem([{ kind: "queue", name: "queues", counts, ...options } as { kind: string; name: string }], {
      databases: { shop: server.url() },
    });
  const both = {
    jobs: { table: "jobs", where: "state = 'ready' -- yet" },
    "dead letters": { sql: "SELECT count(*) FROM dead_letters" },
  };

  await t.step("what waits is counted, and leaves the verdict open until a person has looked", async () => {
    const { verdict, checks, findings, assertions } = await run(both);
    assert.deepEqual([verdict, checks![0].state], ["unknown", "review"]);
    assert.deepEqual(assertions.map(({ name, actual, severity }) => [name, actual, severity]), [
      ["queues: jobs", 3, "review"],
      ["queues: dead letters", 0, "review"],
    ]);
    assert.deepEqual(findings.map(({ code, object, actual }) => [code, object, actual]), [[
      "QUEUE_NOT_EMPTY",
      "jobs",
      3,
    ]]);
  });

  await t.step("dead letters are counted, too", async () => {
    await sql`INSERT INTO dead_letters VALUES ('secret')`;
    const { findings } = await run(both);
    assert.deepEqual(findings.map(({ object, actual }) => [object, actual]), [["jobs", 3], ["dead letters", 1]]);
    assert.doesNotMatch(JSON.stringify(findings), /secret/);
  });

  await t.step("another severity may be asked for", async () => {
    assert.equal((await run(both, { severity: "fail" })).verdict, "fail");
  });

  await t.step("nothing that waits passes", async () => {
    const { verdict, checks } = await run({ late: { table: "jobs", where: "state = 'late'" } });
    assert.deepEqual([verdict, checks![0].state], ["pass", "pass"]);
  });

  await t.step("a query that gives no count, and a table that does not exist, are not run", async () => {
    for (const query of ["SELECT state FROM jobs", "SELECT 'x'", "SELECT -1", "SELECT NULL", "SELECT 1 WHERE false"]) {
      assert.equal((await run({ jobs: { sql: query } })).findings[0].code, "QUEUE_COUNT_INVALID", query);
    }
    assert.equal((await run({ jobs: { table: "gone" } })).findings[0].code, "CHECK_TABLE_MISSING");
    assert.equal(
      (await run({ jobs: { table: "jobs", where: "true); DROP TABLE jobs; SELECT (1" } })).verdict,
      "unknown",
    );
    assert.throws(() => run({}));
  });
  await sql.end();
});
