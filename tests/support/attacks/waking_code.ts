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
  "an operator class":
    "CREATE FUNCTION app.compare(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT app.wakes_for(1) * 0 + btint4cmp($1, $2)'; CREATE TABLE app.t (a integer); INSERT INTO app.t SELECT i FROM generate_series(1, 9) AS i; CREATE FUNCTION app.less(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT app.compare($1, $2) < 0'; CREATE OPERATOR app.< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = app.less)",
  "a range type's difference":
    "CREATE FUNCTION app.diff(integer, integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT app.wakes_for(1)::float8'; CREATE TYPE app.r AS RANGE (SUBTYPE = integer, SUBTYPE_DIFF = app.diff); CREATE TABLE app.t (a app.r); INSERT INTO app.t SELECT app.r(i, i + 9) FROM generate_series(1, 500) AS i; CREATE INDEX ON app.t USING gist (a)",
  "names that are code":
    `CREATE TABLE app."x'; SELECT app.wakes(); --" (a integer, "y""; SELECT app.wakes(); --" integer); INSERT INTO app."x'; SELECT app.wakes(); --" VALUES (1, 1); COMMENT ON TABLE app."x'; SELECT app.wakes(); --" IS '$$; SELECT app.wakes(); --'`,
  "functions that shadow PostgreSQL's own":
    "CREATE FUNCTION app.count() RETURNS bigint LANGUAGE sql AS 'SELECT app.wakes()::bigint'; CREATE FUNCTION app.md5(text) RETURNS text LANGUAGE sql AS 'SELECT app.wakes()::text'; CREATE FUNCTION app.format_type(oid, integer) RETURNS text LANGUAGE sql AS 'SELECT app.wakes()::text'; CREATE FUNCTION app.row_to_json(anyelement) RETURNS json LANGUAGE sql AS 'SELECT to_json(app.wakes())'; CREATE TABLE app.t AS SELECT 1 AS a",
  "a view with row security beneath":
    "CREATE TABLE app.t (a integer); ALTER TABLE app.t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON app.t USING (app.wakes() > 0) WITH CHECK (app.wakes() > 0); CREATE VIEW app.v WITH (security_barrier) AS SELECT a FROM app.t WHERE app.wakes() > 0; CREATE MATERIALIZED VIEW app.m AS SELECT * FROM app.v",
  "a foreign key's table with a trigger":
    "CREATE TABLE app.p (a integer PRIMARY KEY); CREATE TABLE app.t (a integer REFERENCES app.p DEFERRABLE INITIALLY DEFERRED); CREATE CONSTRAINT TRIGGER c AFTER INSERT ON app.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.wakes_at(); ALTER TABLE app.t ENABLE ALWAYS TRIGGER c; INSERT INTO app.p VALUES (1); INSERT INTO app.t VALUES (1)",
  "a default of a column that is added":
    "CREATE TABLE app.t (a integer, b integer DEFAULT app.wakes()); INSERT INTO app.t VALUES (1)",
  "a not valid check":
    "CREATE TABLE app.t (a integer); INSERT INTO app.t VALUES (1); ALTER TABLE app.t ADD CONSTRAINT c CHECK (app.wakes() > 0) NOT VALID",
  "an aggregate and a window":
    "CREATE AGGREGATE app.sum(integer) (SFUNC = app.plus, STYPE = integer); CREATE MATERIALIZED VIEW app.m AS SELECT app.sum(i) FROM generate_series(1, 3) AS i",
  "an audit chain's names":
    "CREATE VIEW app.audit_events AS SELECT app.wakes() AS id; CREATE TABLE app.audit_chain_head (id integer, row_hash text); INSERT INTO app.audit_chain_head VALUES (1, ''); CREATE FUNCTION app.audit_events_verify_chain(OUT first_break_id text, OUT first_break_pos integer, OUT row_count integer) LANGUAGE sql AS 'SELECT NULL::text, -1, app.wakes()'",
};

/** A function that acts where it finds itself a superuser, and leaves a mark; with two of other kinds that call it. */
export const wakes = (marks: string) => `
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
  CREATE FUNCTION app.plus(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT app.wakes()';
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
  "an event trigger": ({ marks }) =>
    `CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS $e$ BEGIN EXECUTE 'COPY (SELECT 1) TO ''${marks}/event'''; END $e$; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.e(); CREATE TABLE public.woken ()`,
  "a function that everybody's search path finds": ({ marks }) =>
    `CREATE SCHEMA evil; CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $e$ BEGIN EXECUTE 'COPY (SELECT 1) TO ''${marks}/shadow'''; RETURN clock_timestamp(); END $e$; ALTER ROLE postgres SET search_path = evil, pg_catalog; ALTER DATABASE restored SET search_path = evil, pg_catalog`,
  "a library that every session loads": ({ marks }) =>
    `COPY (SELECT 1) TO '${marks}/preload.so'; ALTER DATABASE restored SET session_preload_libraries = '${marks}/preload'`,
  "production's socket in the place of its own": ({ marks, server }) =>
    `COPY (SELECT 1) TO PROGRAM 'cd "$PGREHEARSE_CLUSTER" 2>/dev/null || cd ..; rm -f .s.PGSQL.5432; ln -s ${
      server.parameters.hosts[0]
    }/.s.PGSQL.${server.parameters.ports[0]} .s.PGSQL.5432; touch ${marks}/link'`,
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

/** A dump that exchanges the log of its server, which is read when a statement fails, for a file that only we may read. */
export const exchangedLog: Attack = {
  name: "dump's statements: a file in the place of the server's log",
  async attempt(ground) {
    const secret = join(ground.directory, "secret");
    await Deno.writeTextFile(secret, "ERROR:  of-the-secret\n".repeat(100_000), { mode: 0o600 });
    await ground.give(secret);
    const path = join(ground.directory, "exchanging.sql");
    const text = "--\n-- PostgreSQL database dump\n--\n\n" +
      `COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; rm -f ../server.log; ln -s ${secret} ../server.log';\n` +
      "SELECT 1 / 0;\n--\n-- PostgreSQL database dump complete\n--\n\n";
    await Deno.writeTextFile(path, text);
    await ground.give(path);
    const { stdout, stderr, verdict } = await ground.run(["drill", path, "--trust-dump"]);
    if ((stdout + stderr).includes("of-the-secret")) throw new Error("it shows the file");
    if (verdict.verdict === "pass") throw new Error("it passed");
  },
};

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
