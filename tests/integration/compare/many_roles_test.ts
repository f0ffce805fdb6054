import assert from "node:assert/strict";
import { makeBackup, runDrill } from "../../support/jobs.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

Deno.test("10,000 roles with grants and memberships come back", async () => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(`
    CREATE TABLE t AS SELECT 1 AS a; CREATE ROLE everybody_else;
    DO $$ BEGIN
      FOR n IN 1..10000 LOOP
        EXECUTE format('CREATE ROLE %I', 'Role ' || n);
        EXECUTE format('GRANT %I TO %I', CASE WHEN n > 1 THEN 'Role ' || n / 2 ELSE 'everybody_else' END, 'Role ' || n);
      END LOOP;
    END $$;
    GRANT SELECT ON t TO everybody_else`).simple();
  // 10,000 grants one by one take minutes: each rewrites all.
  await sql`
    UPDATE pg_class SET relacl = relacl || (
      SELECT array_agg(format('%I=w/postgres', rolname)::aclitem) FROM pg_roles WHERE rolname ~ '^Role \\d*7$'
    ) WHERE oid = 't'::regclass`;
  await sql.end();
  const dump = await makeBackup(server.url(name), directory.path);
  const drilled = await runDrill(dump);
  assert.deepEqual([drilled.verdict, drilled.proof, drilled.findings], ["pass", "exact", []]);
  assert.ok(drilled.covers!.includes("rights") && drilled.covers!.includes("globals"));
});
