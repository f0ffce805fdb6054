import { join } from "node:path";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { runBackup } from "../jobs.ts";
import { type Attack, type AttackGround, outlivedAfterSeconds } from "./attack.ts";

// Code in a database that wakes where a superuser reads it, or restores it.

/** What the role `app` makes, quiet at the source; `app.wakes()` acts where it finds itself a superuser. */
const wakingCode: Record<string, string> = {
  "a materialized view": "CREATE MATERIALIZED VIEW app.mv AS SELECT app.wakes() AS a",
  "a check": "CREATE TABLE app.t (a integer CHECK (app.wakes() > 0)); INSERT INTO app.t VALUES (1)",
  "a generated column":
    "CREATE TABLE app.t (a integer, b integer GENERATED ALWAYS AS (app.wakes_for(a)) STORED); INSERT INTO app.t VALUES (1)",
  "an index": "CREATE TABLE app.t (a integer); CREATE INDEX ON app.t (app.wakes_for(a)); INSERT INTO app.t VALUES (1)",
  "a part of an index":
    "CREATE TABLE app.t (a integer); CREATE INDEX ON app.t (a) WHERE app.wakes_for(a) > 0; INSERT INTO app.t VALUES (1)",
  "a unique constraint's expression":
    "CREATE TABLE app.t (a integer, EXCLUDE USING btree (app.wakes_for(a) WITH =)); INSERT INTO app.t VALUES (1)",
  "a domain":
    "CREATE DOMAIN app.d AS integer CHECK (app.wakes_for(VALUE) > 0); CREATE TABLE app.t (a app.d); INSERT INTO app.t VALUES (1)",
  "a default of a domain":
    "CREATE DOMAIN app.d AS integer DEFAULT app.wakes(); CREATE TABLE app.t (a app.d); INSERT INTO app.t VALUES (DEFAULT)",
  "a partition's key":
    "CREATE TABLE app.t (a integer) PARTITION BY LIST (app.wakes_for(a)); CREATE TABLE app.t1 PARTITION OF app.t DEFAULT; INSERT INTO app.t VALUES (1)",
  "a partition's bound":
    "CREATE TABLE app.t (a integer) PARTITION BY RANGE (a); CREATE TABLE app.t1 PARTITION OF app.t FOR VALUES FROM (app.wakes_for(1)) TO (9); INSERT INTO app.t VALUES (1)",
  "a trigger that fires always":
    "CREATE TABLE app.t (a integer); CREATE TRIGGER tr BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.wakes_at(); ALTER TABLE app.t ENABLE ALWAYS TRIGGER tr; INSERT INTO app.t VALUES (1)",
  "a cast to text":
    "CREATE TYPE app.e AS (a integer); CREATE FUNCTION app.e_text(app.e) RETURNS text LANGUAGE sql AS 'SELECT app.wakes()::text'; CREATE CAST (app.e AS text) WITH FUNCTION app.e_text(app.e) AS IMPLICIT; CREATE TABLE app.t (a app.e); INSERT INTO app.t VALUES (ROW(1))",
  "an operator that is found first":
    "CREATE FUNCTION app.same(text, name) RETURNS boolean LANGUAGE sql AS 'SELECT app.wakes() > 0'; CREATE OPERATOR app.= (LEFTARG = text, RIGHTARG = name, FUNCTION = app.same); CREATE TABLE app.t (a text); INSERT INTO app.t VALUES ('x')",
  "a policy":
    "CREATE TABLE app.t (a integer); ALTER TABLE app.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON app.t USING (app.wakes() > 0); INSERT INTO app.t VALUES (1)",
  "a view that a rule reads":
    "CREATE TABLE app.t (a integer); CREATE RULE r AS ON INSERT TO app.t DO ALSO SELECT app.wakes(); INSERT INTO app.t VALUES (1)",
  "extended statistics":
    "CREATE TABLE app.t (a integer, b integer); INSERT INTO app.t SELECT i, i FROM generate_series(1, 100) AS i; CREATE STATISTICS app.s ON (app.wakes_for(a)), b FROM app.t",
  "an audit chain's names":
    "CREATE VIEW app.audit_events AS SELECT app.wakes() AS id; CREATE TABLE app.audit_chain_head (id integer, row_hash text); INSERT INTO app.audit_chain_head VALUES (1, ''); CREATE FUNCTION app.audit_events_verify_chain(OUT first_break_id text, OUT first_break_pos integer, OUT row_count integer) LANGUAGE sql AS 'SELECT NULL::text, -1, app.wakes()'",
};

const wakes = (marks: string) => `
  CREATE FUNCTION app.wakes() RETURNS integer LANGUAGE plpgsql AS $f$
  BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
      EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; id >${marks}/ran; (setsid sh -c "sleep ${outlivedAfterSeconds}; touch ${marks}/outlived") & true'$q$;
    END IF;
    RETURN 1;
  EXCEPTION WHEN OTHERS THEN RETURN 1;
  END $f$;
  CREATE FUNCTION app.wakes_for(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE
    AS $f$ BEGIN RETURN app.wakes(); END $f$;
  CREATE FUNCTION app.wakes_at() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM app.wakes(); RETURN NEW; END $f$;`;

/** At the source, in the throwaway cluster of a drill, and on a server where the restoring role is a superuser. */
export const waking: Attack[] = Object.entries(wakingCode).map(([what, statements]) => ({
  name: `waking code: ${what}`,
  attempt: (ground) =>
    withAppsDatabase(ground, `${wakes(ground.marks)};\n${statements}`, async (url) => {
      const store = join(ground.directory, "store");
      const { verdict, findings } = await runBackup(url, store);
      if (verdict !== "pass") throw new Error(`no backup: ${findings[0]?.message}`);
      await ground.give(store);
      const drilled = await ground.run(["drill", "--latest", "--from", store, "--trust-dump"]);
      if (drilled.verdict.verdict !== "pass") {
        throw new Error(`a healthy backup: ${drilled.verdict.findings[0]?.message}`);
      }
      if (!ground.isRoot) return;
      await ground.run(["doctor", "--db-url", url]);
      await ground.run(["manifest", "--db-url", url]);
      await ground.run(["drill", "--latest", "--from", store, "--into", ground.server.url("postgres")]);
    }),
}));

/** What a dump's author can have the restoring superuser do without any object of the database. */
const reaches: Record<string, (ground: AttackGround) => string> = {
  "a program": ({ marks }) => `COPY (SELECT 1) TO PROGRAM 'touch ${marks}/program'`,
  "a program that outlives": ({ marks }) =>
    `COPY (SELECT 1) TO PROGRAM 'setsid sh -c "sleep ${outlivedAfterSeconds}; touch ${marks}/outlived" >/dev/null 2>&1 &'`,
  "a file": ({ marks }) => `COPY (SELECT 1) TO '${marks}/file'`,
  "a large object's file": ({ marks }) => `SELECT lo_export(lo_from_bytea(0, 'x'), '${marks}/large_object')`,
  "the environment": ({ marks }) =>
    `COPY (SELECT 1) TO PROGRAM 'tr "\\0" "\\n" </proc/$PPID/environ | grep -q CALLERS_SECRET && touch ${marks}/environment'`,
  "the caller's processes": ({ marks }) =>
    `COPY (SELECT 1) TO PROGRAM 'grep -lsa pgrehearse /proc/[0-9]*/cmdline | grep -v self && touch ${marks}/processes'`,
  "the loopback network": ({ marks, server }) =>
    `COPY (SELECT 1) TO PROGRAM 'timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/${
      server.parameters.ports[0]
    }" && touch ${marks}/network'`,
  "production's socket": ({ marks, server }) =>
    `COPY (SELECT 1) TO PROGRAM 'psql -h ${
      server.parameters.hosts[0]
    } -U postgres -c "COPY (SELECT 1) TO ''${marks}/socket''"'`,
  "a setting that starts a program": ({ marks }) =>
    `ALTER SYSTEM SET archive_command = 'touch ${marks}/archive'; ALTER SYSTEM SET ssl_passphrase_command = 'touch ${marks}/phrase'; SELECT pg_reload_conf()`,
  "a library": ({ marks }) => `LOAD '${marks}/library'`,
};

/** As `pg_restore` would run them: a foreign dump in plain SQL. */
export const reaching: Attack[] = Object.entries(reaches).map(([what, statement]) => ({
  name: `dump's statements: ${what}`,
  outlives: what === "a program that outlives",
  async attempt(ground) {
    const path = join(ground.directory, "reaching.sql");
    const text = `--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a integer);\n${statement(ground)};\n` +
      "--\n-- PostgreSQL database dump complete\n--\n\n";
    await Deno.writeTextFile(path, text);
    await ground.give(path);
    await ground.run(["drill", path, "--trust-dump"]);
  },
}));

/** A database in which the role `app` owns a schema, and nothing else; `app` runs the statements. */
export async function withAppsDatabase(
  { server }: AttackGround,
  statements: string,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const name = await server.makeDatabase();
  const admin = await server.connect();
  try {
    const sql: Sql = await server.connect(name);
    await sql.unsafe(
      `CREATE SCHEMA app AUTHORIZATION app; SET row_security = on; SET SESSION AUTHORIZATION app;\n${statements}`,
    ).simple();
    await sql.end();
    await work(server.url(name));
    const [{ superuser }] = await admin<{ superuser: boolean }[]>`
      SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = 'app'`;
    if (superuser) throw new Error("the role is a superuser now");
  } finally {
    await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
    await admin.end();
  }
}
