import assert from "node:assert/strict";
import type { Sql } from "../../lib/postgres/connection/connect.ts";
import { inReadOnlyTransaction } from "../../lib/postgres/transactions.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("read-only transaction: nothing is written, not even by a query that ends it", async () => {
  await using server = await startTestServer();
  const { parameters } = server;
  const admin = await server.connect();
  await admin`CREATE TABLE kept AS SELECT 1 AS n`;
  const options = { statementTimeoutMs: 5000, signal: new AbortController().signal };
  const within = (work: (sql: Sql) => Promise<unknown>) => inReadOnlyTransaction(parameters, options, work);

  assert.equal(await within(async (sql) => (await sql`SELECT n FROM kept`)[0].n), 1);
  const readOnly = { code: "25006" };
  await assert.rejects(within((sql) => sql`DELETE FROM kept`), readOnly);
  await assert.rejects(within((sql) => sql.unsafe("COMMIT; DELETE FROM kept")), readOnly);
  // 25001: too late, as a query has run.
  await assert.rejects(within((sql) => sql.unsafe("SET TRANSACTION READ WRITE; DELETE FROM kept")), { code: "25001" });
  const left = { code: "TRANSACTION_LEFT" };
  await assert.rejects(within((sql) => sql.unsafe("COMMIT")), left);
  await assert.rejects(within((sql) => sql.unsafe("ROLLBACK; BEGIN READ ONLY")), left);
  assert.equal((await admin`SELECT n FROM kept`).length, 1);
  await admin.end();
});
