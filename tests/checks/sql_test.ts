import assert from "node:assert/strict";
import { checkSystem } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("sql check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  await sql`CREATE TABLE orders AS SELECT n AS order_id, 'secret ' || n AS note FROM generate_series(1, 12) AS n`;
  await sql.end();
  const databases = { shop: server.url() };
  const run = (options: object) => checkSystem([{ kind: "sql", name: "orders", ...options }], { databases });

  await t.step("a value as expected passes", async () => {
    const { verdict, checks } = await run({ sql: "SELECT count(*) FROM orders", expect: "between 10 and 12" });
    assert.equal(verdict, "pass");
    assert.equal(checks![0].state, "pass");
  });

  await t.step("another value fails with what a count is", async () => {
    const { verdict, findings: [finding] } = await run({ sql: "SELECT count(*) FROM orders", expect: "> 12" });
    assert.equal(verdict, "fail");
    assert.deepEqual([finding.code, finding.actual, finding.check], ["SQL_VALUE_WRONG", "12", "orders"]);
  });

  await t.step("a row's content is shown only when it may be", async () => {
    const query = { sql: "SELECT note FROM orders WHERE order_id = 3", expect: "= other" };
    assert.doesNotMatch(JSON.stringify(await run(query)), /secret/);
    assert.match(JSON.stringify(await run({ ...query, show: true })), /secret 3/);
    const rows = { sql: "SELECT order_id, note FROM orders" };
    assert.doesNotMatch(JSON.stringify(await run(rows)), /secret/);
    const { findings: [shown] } = await run({ ...rows, show: true });
    assert.equal(shown.detail!.split("\n").length, 5);
  });

  await t.step("rows that should not be fail with their number; none pass", async () => {
    const { findings: [finding] } = await run({ sql: "SELECT FROM orders WHERE order_id > 10" });
    assert.deepEqual([finding.code, finding.actual], ["SQL_ROWS_FOUND", 2]);
    assert.equal((await run({ sql: "SELECT FROM orders WHERE order_id > 12" })).verdict, "pass");
  });

  await t.step("a query that cannot run is not run, and no pass", async () => {
    const { verdict, checks, findings: [finding] } = await run({ sql: "SELECT count(*) FROM gone", expect: "= 0" });
    assert.deepEqual([verdict, checks![0].state, finding.code], ["unknown", "not_run", "QUERY_FAILED"]);
  });

  await t.step("a query that writes is refused, and nothing stays", async () => {
    assert.equal((await run({ sql: "DELETE FROM orders RETURNING 1" })).verdict, "unknown");
    assert.equal((await run({ sql: "SELECT count(*) FROM orders", expect: "= 12" })).verdict, "pass");
  });

  await t.step("a second statement is refused before the first one runs", async () => {
    const wrong = [
      "SELECT 1; COMMIT; DELETE FROM orders",
      "SELECT 1; COMMIT; SET default_transaction_read_only = off; COMMIT; DELETE FROM orders; SELECT 1",
      "SELECT 1) AS one; COMMIT; DELETE FROM orders; SELECT (1",
      "SELECT 1) AS one; COMMIT; SET default_transaction_read_only = off; COMMIT; DELETE FROM orders; SELECT (1",
      "COMMIT",
      "SET TRANSACTION READ WRITE",
      "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone",
      "DO $$ BEGIN DELETE FROM orders; END $$",
    ];
    for (const sql of wrong) {
      for (const expect of ["= 1", undefined]) assert.equal((await run({ sql, expect })).verdict, "unknown", sql);
    }
    assert.equal((await run({ sql: "SELECT count(*) FROM orders", expect: "= 12" })).verdict, "pass");
  });

  await t.step("a semicolon or a comment at the end does no harm", async () => {
    assert.equal((await run({ sql: "SELECT count(*) FROM orders;\n", expect: "= 12" })).verdict, "pass");
    assert.equal((await run({ sql: "SELECT FROM orders WHERE order_id > 12 -- none" })).verdict, "pass");
  });

  await t.step("a value is compared as Postgres writes it", async () => {
    const values = [["true", "true"], ["1.50", "1.50"], ["9007199254740993", "9007199254740993"]];
    values.push(["DATE '2026-01-02'", "2026-01-02"], ["'\\x00ff'::bytea", "\\x00ff"]);
    for (const [value, expected] of values) {
      assert.equal((await run({ sql: `SELECT ${value}`, expect: `= ${expected}` })).verdict, "pass", value);
    }
  });

  await t.step("anything but one value of one row fails", async () => {
    for (const sql of ["SELECT 1, 1", "SELECT 1 WHERE false", "SELECT 1 FROM orders", "SELECT NULL"]) {
      assert.equal((await run({ sql, expect: "= 1" })).findings[0].code, "SQL_VALUE_WRONG", sql);
    }
  });

  await t.step("of millions of rows, five come here", async () => {
    // Of this test alone: other files' tests run in the same process.
    const usedBytes = () => Deno.memoryUsage().heapTotal + Deno.memoryUsage().external;
    const before = usedBytes();
    const sql = "SELECT n, repeat('x', 100) AS note FROM generate_series(1, 3000000) AS n";
    const { findings: [finding] } = await run({ sql, show: true });
    assert.equal(finding.actual, 3_000_000);
    assert.equal(finding.detail!.split("\n").length, 5);
    assert.ok(usedBytes() - before < 100e6);
    assert.equal((await run({ sql, expect: "= 1" })).findings[0].actual, "more than one row");
  });

  await t.step("what the server says of a row's content is not shown", async () => {
    for (
      const [sql, expect] of [["SELECT max(note::int) FROM orders", "= 1"], ["SELECT FROM orders WHERE note::int > 1"]]
    ) {
      const verdict = await run({ sql, expect });
      assert.equal(verdict.findings[0].code, "QUERY_FAILED");
      assert.doesNotMatch(JSON.stringify(verdict), /secret/);
      assert.match(JSON.stringify(await run({ sql, expect, show: true })), /secret 1/);
    }
  });

  await t.step("a query that takes too long is not run", async () => {
    const { verdict, findings: [finding] } = await run({ sql: "SELECT pg_sleep(30)", timeout: "300ms" });
    assert.equal(verdict, "unknown");
    assert.match(finding.code, /^(CHECK_TIMEOUT|QUERY_CANCELED)$/);
  });

  await t.step("a timeout that no timer can hold is as long as one can be", async () => {
    assert.equal((await run({ sql: "SELECT 1", expect: "= 1", timeout: "30d" })).verdict, "pass");
    assert.equal((await run({ sql: "SELECT 1", expect: "= 1", timeout: "999999999d" })).verdict, "pass");
  });

  await t.step("a warning leaves the verdict, a review leaves it open", async () => {
    const wrong = { sql: "SELECT 1 FROM orders" };
    assert.equal((await run({ ...wrong, severity: "warn" })).verdict, "pass");
    assert.equal((await run({ ...wrong, severity: "review" })).verdict, "unknown");
  });
});
