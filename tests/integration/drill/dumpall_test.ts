import assert from "node:assert/strict";
import { join } from "node:path";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import { runDrill } from "../../support/jobs.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const odd = `We'ird "x = y`;

/** What would change or lock out the sessions of whoever restores, and needs directories of the source. */
const server_ = `
CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'planted'
CREATE ROLE "login" REPLICATION BYPASSRLS LOGIN PASSWORD 'planted'
CREATE ROLE "Odd ""x"" = y" LOGIN PASSWORD 'planted' VALID UNTIL '2020-01-01'
CREATE ROLE app LOGIN
GRANT "Odd ""x"" = y", "login" TO app WITH ADMIN OPTION
ALTER ROLE app SET work_mem = '5MB'
ALTER ROLE boss SET default_tablespace = 'fast'
SET allow_in_place_tablespaces = on
CREATE TABLESPACE fast OWNER boss LOCATION ''
COMMENT ON TABLESPACE fast IS 'x'
GRANT CREATE ON TABLESPACE fast TO app
CREATE DATABASE shop OWNER boss TABLESPACE fast
CREATE DATABASE "We'ird ""x = y" OWNER app
ALTER DATABASE shop SET default_transaction_read_only = on
ALTER DATABASE shop SET default_tablespace = 'pg_default'
ALTER DATABASE shop SET session_preload_libraries = 'nowhere'
ALTER ROLE app IN DATABASE shop SET work_mem = '7MB'
ALTER DATABASE shop CONNECTION LIMIT 0
COMMENT ON DATABASE shop IS 'x; y'
ALTER ROLE postgres SET session_preload_libraries = 'nowhere'
ALTER ROLE postgres SET role = 'app'
ALTER ROLE postgres SET search_path = 'nowhere'
ALTER ROLE postgres SET default_transaction_read_only = on
ALTER ROLE postgres SET statement_timeout = '1ms'`;

const inside = `
CREATE TABLE public.t (a int PRIMARY KEY USING INDEX TABLESPACE fast) TABLESPACE fast
INSERT INTO public.t SELECT generate_series(1, 9)
ALTER TABLE public.t OWNER TO boss
ALTER TABLE public.t ENABLE ROW LEVEL SECURITY
ALTER TABLE public.t FORCE ROW LEVEL SECURITY
CREATE TABLE public.other AS SELECT 1 AS a
ALTER TABLE public.other OWNER TO app
CREATE MATERIALIZED VIEW public.m AS SELECT t.a FROM public.t JOIN public.other ON other.a <= t.a
ALTER MATERIALIZED VIEW public.m OWNER TO boss
CREATE FOREIGN DATA WRAPPER far
ALTER FOREIGN DATA WRAPPER far OWNER TO boss
GRANT USAGE ON FOREIGN DATA WRAPPER far TO app
CREATE PUBLICATION p FOR ALL TABLES
ALTER PUBLICATION p OWNER TO boss
GRANT SELECT ON public.t TO app WITH GRANT OPTION
CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.e()
ALTER EVENT TRIGGER e OWNER TO boss
CREATE TABLE public.p (a int) PARTITION BY RANGE (a)
CREATE TABLE public.p1 PARTITION OF public.p DEFAULT TABLESPACE fast`;

async function dumpAll(server: TestServer, path: string, args: string[]): Promise<void> {
  const { pgDump } = await findClientTools(1);
  const { success, stderr } = await new Deno.Command(pgDump.replace(/pg_dump$/, "pg_dumpall"), {
    args: [...args, "-f", path, "-d", server.url()],
    env: { PGOPTIONS: "-c statement_timeout=0 -c session_preload_libraries= -c role=none" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

async function runEach(server: TestServer, database: string, statements: string): Promise<void> {
  const sql = await server.connect(database);
  for (const statement of statements.trim().split("\n")) await sql.unsafe(statement);
  await sql.end();
}

Deno.test("a file of pg_dumpall is drilled whole", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  await runEach(server, "postgres", "CREATE TABLE kept_here AS SELECT 1 AS a");
  const [before, settings] = server_.split("ALTER ROLE postgres SET session_preload");
  await runEach(server, "postgres", before.replace(/^ALTER DATABASE shop SET .*$\n/gm, ""));
  for (const database of ["shop", odd]) await runEach(server, database, inside);
  await runEach(server, "postgres", before.match(/^ALTER DATABASE shop SET .*$/gm)!.join("\n"));
  const sql = await server.connect();
  const last = `ALTER ROLE postgres SET session_preload${settings}`.trim().split("\n");
  for (const statement of last) await sql.unsafe(statement);
  await sql.end();

  for (const args of [[], ["--clean", "--if-exists"]]) {
    await t.step(`pg_dumpall ${args.join(" ")}`, async () => {
      const path = join(directory.path, "all.sql");
      await dumpAll(server, path, args);
      const text = await Deno.readTextFile(path);
      for (
        const expected of ["CREATE TABLESPACE fast", "ALTER ROLE boss WITH SUPERUSER", "\\connect", "TO 'nowhere'"]
      ) {
        assert.ok(text.includes(expected), expected);
      }
      // The dump itself looks: a division by zero would be an error of the restore.
      const looks = `\n\\connect postgres\nSELECT 1 / (NOT EXISTS (
          SELECT FROM pg_authid WHERE oid <> 10 AND (rolsuper OR rolcanlogin OR rolreplication OR rolpassword IS NOT NULL)
        ))::integer;
        SELECT 1 / (count(*) = 3)::integer FROM pg_auth_members JOIN pg_roles AS m ON m.oid = member
        WHERE rolname = 'app' OR rolname = 'boss' AND roleid <> 'pg_write_all_data'::regrole;
        SELECT 1 / (count(*) = 2)::integer FROM pg_db_role_setting JOIN pg_roles AS r ON r.oid = setrole WHERE rolname = 'app';
        SELECT 1 / (count(*) = 0)::integer FROM pg_db_role_setting WHERE setrole = 10;\n`;
      // And a role that is named before it is made.
      await Deno.writeTextFile(path, `GRANT CREATE ON DATABASE postgres TO app;\n${text}${looks}`);
      const verdict = await runDrill(path);
      assert.equal(verdict.proof, "restored", JSON.stringify(verdict, null, 2));
      assert.deepEqual(verdict.findings, []);
      assert.deepEqual(
        verdict.contents!.map(({ database, rows }) => [database, rows]).sort(),
        [
          [odd, 19],
          ["postgres", 1],
          ["shop", 19],
        ].sort(),
      );
      const note = verdict.notes!.find(({ code }) => code === "DUMP_OF_SERVER")!;
      assert.match(
        note.message,
        /^all\.sql is a dump of a whole server \(pg_dumpall\), with 5 roles .*Tablespaces .*: fast\.$/,
      );
      assert.ok(!JSON.stringify(verdict).includes("planted"));
    });
  }
});
