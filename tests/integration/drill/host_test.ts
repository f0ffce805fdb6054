import assert from "node:assert/strict";
import { join } from "node:path";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import { makeBackup, runDrill } from "../../support/jobs.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { codes, said } from "../../support/verdicts.ts";

/** What plain dumps need, and no host here has. */
const lacking: [code: string, name: RegExp, statements: string][] = [
  ["EXTENSION_UNAVAILABLE", /nowhere/, "CREATE EXTENSION nowhere; CREATE TABLE t (v nowhere.vector)"],
  ["LABEL_PROVIDER_MISSING", /anon/, "CREATE TABLE t (id int); SECURITY LABEL FOR anon ON TABLE t IS 'x'"],
  ["ACCESS_METHOD_MISSING", /columnar/, "SET default_table_access_method = columnar; CREATE TABLE t (id int)"],
  ["ACCESS_METHOD_MISSING", /columnar/, "CREATE TABLE t (id int) USING columnar"],
  ["TABLESPACE_MISSING", /fast/, "SET default_tablespace = fast; CREATE TABLE t (id int)"],
  [
    "TEXT_SEARCH_FILE_MISSING",
    /nowhere\.stop/,
    "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, STOPWORDS = nowhere)",
  ],
  ["LIBRARY_MISSING", /nowhere/, "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '$libdir/nowhere', 'f'"],
  ["LANGUAGE_MISSING", /plnowhere/, "CREATE FUNCTION f() RETURNS int LANGUAGE plnowhere AS 'x'"],
  ["OIDS_UNSUPPORTED", /OIDS/, "SET default_with_oids = true; CREATE TABLE t (id int)"],
  ["COLLATION_UNAVAILABLE", /xx_YY/, "CREATE COLLATION c (locale = 'xx_YY.utf8')"],
];

Deno.test("drill: what the host lacks, or the role there may not do, is named; the backup is not bad", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const at = (file: string) => join(directory.path, file);
  const into = server.url();

  for (const [code, name, statements] of lacking) {
    await t.step(statements, async () => {
      await Deno.writeTextFile(at("lacking.sql"), statements.replaceAll("; ", ";\n") + ";\n");
      const verdict = await runDrill(at("lacking.sql"), { into });
      assert.equal(verdict.verdict, "unknown", said(verdict));
      assert.deepEqual(codes(verdict), [code]);
      assert.match(verdict.findings[0].message, name);
      assert.doesNotMatch(said(verdict), /new backup/);
    });
  }

  await t.step(
    "a library that was there when the backup was made, in a throwaway cluster and on a server",
    async () => {
      const { pgDump } = await findClientTools(1);
      const libraries = new TextDecoder().decode(
        (await new Deno.Command(pgDump.replace(/pg_dump$/, "pg_config"), { args: ["--pkglibdir"] }).output()).stdout,
      ).trim();
      const library = at("mine.so");
      await Deno.copyFile(join(libraries, "plpgsql.so"), library);
      await Deno.chmod(directory.path, 0o755);
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql.unsafe(`
      CREATE TABLE t AS SELECT 1 AS id;
      CREATE FUNCTION mine() RETURNS language_handler LANGUAGE c AS '${library}', 'plpgsql_call_handler'`).simple();
      await sql.end({ timeout: 5 });
      const path = await makeBackup(server.url(database), at("store"));
      await Deno.remove(library);
      for (const options of [{}, { into }]) {
        const verdict = await runDrill(path, options);
        assert.equal(verdict.verdict, "unknown", said(verdict));
        assert.deepEqual(codes(verdict), ["LIBRARY_MISSING"]);
      }
    },
  );

  await t.step("what only a superuser may do, on a server where the role is none", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql.unsafe(`
      CREATE ROLE managed LOGIN CREATEDB;
      CREATE TABLE t AS SELECT 1 AS id;
      CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION e();
      CREATE PUBLICATION everything FOR ALL TABLES;
      CREATE EXTENSION pg_stat_statements`).simple();
    await sql.end({ timeout: 5 });
    const verdict = await runDrill(await makeBackup(server.url(database), at("managed")), {
      into: into.replace("postgres@", "managed@"),
    });
    assert.equal(verdict.verdict, "unknown", said(verdict));
    assert.deepEqual(codes(verdict), ["TARGET_ROLE_MAY_NOT"]);
    for (const name of ["event trigger", "FOR ALL TABLES", "pg_stat_statements"]) {
      assert.match(verdict.findings[0].message, new RegExp(name));
    }
  });

  await t.step("a backup that fails with several sessions, and is whole with one, is not a bad backup", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    // What depends on the order is left to luck; several sessions truncate a table before they load it, one does not.
    await sql.unsafe(`
      CREATE FUNCTION known(int) RETURNS boolean LANGUAGE plpgsql
      AS $$ BEGIN RETURN pg_relation_filenode('public.loaded') = 'public.loaded'::regclass::oid; END $$;
      CREATE TABLE loaded (id int CHECK (known(id)));
      INSERT INTO loaded VALUES (1)`).simple();
    await sql.end({ timeout: 5 });
    const path = await makeBackup(server.url(database), at("order"));
    for (const options of [{}, { into }]) {
      const verdict = await runDrill(path, { ...options, jobs: 2 });
      assert.equal(verdict.proof, "exact", said(verdict));
      assert.ok(verdict.notes?.some(({ code }) => code === "RESTORED_IN_ONE_SESSION"), said(verdict));
    }
  });

  const faults: [what: string, statements: string, fix: RegExp][] = [
    [
      "rows whose key points nowhere",
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int REFERENCES p); " +
      "SET session_replication_role = replica; INSERT INTO c VALUES (9)",
      /key refers to a missing row/,
    ],
    [
      "rows that a check no longer takes",
      "CREATE FUNCTION ok(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; " +
      "CREATE TABLE k (id int CHECK (ok(id))); INSERT INTO k VALUES (1); " +
      "CREATE OR REPLACE FUNCTION ok(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 5'",
      /break the constraint/,
    ],
    [
      "a function that finds what it uses by the search path",
      "CREATE FUNCTION strip(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT btrim(t)'; " +
      "CREATE FUNCTION norm(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN strip(t); END'; " +
      "CREATE TABLE people (name text); INSERT INTO people VALUES ('x'); CREATE INDEX ON people (norm(name))",
      /search_path/,
    ],
  ];
  for (const [what, statements, fix] of faults) {
    await t.step(`${what}: the fix says what to do at the source`, async () => {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql.unsafe(statements).simple();
      await sql.end({ timeout: 5 });
      const verdict = await runDrill(await makeBackup(server.url(database), at(database)), { into });
      assert.equal(verdict.verdict, "fail", said(verdict));
      const failed = verdict.findings.find(({ code }) => code === "RESTORE_FAILED");
      assert.match(failed!.fix, fix);
    });
  }
});
