import assert from "node:assert/strict";
import { join } from "node:path";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { startGermanServer } from "../../support/german_server.ts";
import { makeBackup, runBackup, runDrill, runRestore } from "../../support/jobs.ts";
import { needing } from "../../support/needing.ts";
import { traceableDirectory } from "../../support/traces.ts";

const server = await startGermanServer();

const endOf = ({ verdict, findings }: Verdict) => [verdict, ...findings.map(({ code }) => code)];

Deno.test({
  ...needing({ "a German locale and PostgreSQL's translations": server }, "a server that speaks German"),
  async fn(t) {
    await using german = server!;
    await using directory = await traceableDirectory();
    const run = async (database: string, ...statements: string[]) => {
      const sql = await german.connect(database);
      for (const statement of statements) await sql.unsafe(statement).simple();
      await sql.end();
    };
    const as = (role: string, database?: string) => german.url(database).replace("postgres@", `${role}@`);
    await run(
      "postgres",
      "CREATE DATABASE shop TEMPLATE template0",
      "CREATE DATABASE orphans TEMPLATE template0",
      "CREATE ROLE drill LOGIN CREATEDB",
      "CREATE ROLE reader LOGIN",
    );
    await run("shop", "CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, 100) AS n");
    await run(
      "orphans",
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int REFERENCES p)",
      "SET session_replication_role = replica; INSERT INTO c VALUES (1)",
    );
    const good = await makeBackup(german.url("shop"), directory.path);
    const bad = await makeBackup(german.url("orphans"), directory.path);
    const half = join(directory.path, "half.sql");
    await Deno.writeTextFile(
      half,
      "CREATE TABLE a (id int);\nCOPY a FROM stdin;\n1\nzweihundert\n\\.\nCREATE TABLE b (id int REFERENCES nosuch);\n",
    );

    await t.step("a good backup is exact there, whoever drills it", async () => {
      for (const role of ["postgres", "drill"]) assert.equal((await runDrill(good, { into: as(role) })).proof, "exact");
    });

    await t.step("half-broken SQL does not pass, and none of its rows is shown", async () => {
      for (const role of ["postgres", "drill"]) {
        const verdict = await runDrill(half, { into: as(role) });
        assert.deepEqual(endOf(verdict), ["fail", "RESTORE_FAILED"]);
        assert.doesNotMatch(JSON.stringify(verdict), /zweihundert/);
      }
      assert.deepEqual(endOf(await runRestore(half, german.url("again"))), ["fail", "RESTORE_FAILED"]);
    });

    await t.step(
      "an archive that does not restore is a failure, or unknown where the session cannot ask for English",
      async () => {
        assert.deepEqual(endOf(await runDrill(bad, { into: as("postgres") })).slice(0, 2), ["fail", "RESTORE_FAILED"]);
        assert.deepEqual(endOf(await runDrill(bad, { into: as("drill") })), ["unknown", "SERVER_NOT_UNDERSTOOD"]);
        const isGranted = await run("postgres", "GRANT SET ON PARAMETER lc_messages TO drill").then(
          () => true,
          () => false,
        );
        // From PostgreSQL 15 on.
        if (isGranted) assert.equal(endOf(await runDrill(bad, { into: as("drill") }))[0], "fail");
      },
    );

    await t.step("what does not restore replaces nothing, what does is put in place", async () => {
      for (const mode of ["swap", "in_place"] as const) {
        const options = { mode, safetyBackup: true };
        const refused = await runRestore(bad, german.url(mode === "swap" ? "shop" : "orphans"), options);
        assert.deepEqual(endOf(refused).slice(0, 2), ["fail", "RESTORE_FAILED"]);
        assert.equal((await runRestore(good, german.url("shop"), options)).proof, "exact");
      }
    });

    await t.step("what is in the way of a backup is named for what it is", async () => {
      await run("orphans", "ALTER TABLE c ENABLE ROW LEVEL SECURITY", "GRANT SELECT ON p, c TO reader");
      const backup = (url: string, lockTimeoutMs?: number) => runBackup(url, directory.path, { lockTimeoutMs });
      assert.deepEqual(endOf(await backup(as("reader", "orphans"))), ["unknown", "ROWS_HIDDEN"]);
      assert.deepEqual(endOf(await backup(as("reader", "shop"))), ["unknown", "PERMISSION_DENIED"]);
      assert.deepEqual(endOf(await backup(german.url("nosuch"))), ["unknown", "DATABASE_MISSING"]);
      const holder = await german.connect("shop");
      await holder.unsafe("BEGIN; LOCK TABLE orders").simple();
      assert.deepEqual(endOf(await backup(german.url("shop"), 300)), ["unknown", "LOCK_TIMEOUT"]);
      await holder.end();
    });
  },
});
