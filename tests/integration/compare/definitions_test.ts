import assert from "node:assert/strict";
import { compareDefinitions } from "../../../lib/manifest/compare/compare_definitions.ts";
import { captureDefinitions, type Definition, grantKinds } from "../../../lib/manifest/definitions/definitions.ts";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import type { Finding } from "../../../lib/verdict/verdict.ts";
import { definitionMutations } from "../../../lib/selftest/mutations.ts";
import { sequenceMutations } from "../../../lib/selftest/sequences.ts";
import { undrilledMutations } from "../../manifest/definitions_mutations.ts";
import { startTestServer } from "../../support/server.ts";
import everything from "../../../lib/selftest/everything.sql" with { type: "text" };
import { inTransaction, restoredCopy } from "../../support/definition_rounds.ts";

/** Every kind but `extension` and `security_label`, which need a contrib module and a label provider. */
const kinds = [
  "access_method",
  "aggregate",
  "base_type",
  "cast",
  "collation",
  "comment",
  "composite_type",
  "constraint",
  "conversion",
  "default_privileges",
  "domain",
  "enum",
  "event_trigger",
  "foreign_data_wrapper",
  "foreign_server",
  "foreign_table",
  "function",
  "index",
  "language",
  "materialized_view",
  "operator",
  "operator_class",
  "operator_family",
  "policy",
  "procedure",
  "publication",
  "range",
  "rule",
  "schema",
  "sequence",
  "statistics",
  "subscription",
  "table",
  "text_search_configuration",
  "text_search_dictionary",
  "text_search_parser",
  "text_search_template",
  "transform",
  "trigger",
  "user_mapping",
  "view",
];

const contrib = `
  CREATE SCHEMA kept;
  CREATE EXTENSION hstore SCHEMA kept;
  CREATE EXTENSION citext;
  CREATE EXTENSION pg_trgm;
  CREATE EXTENSION ltree;
  CREATE EXTENSION postgres_fdw;
  CREATE TABLE typed (h kept.hstore DEFAULT 'a=>1', c citext CHECK (c IN ('a', 'b')), path ltree);
  CREATE INDEX typed_trgm ON typed USING gin ((c::text) gin_trgm_ops);
  CREATE INDEX typed_path ON typed USING gist (path gist_ltree_ops (siglen = 100));
  CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid', dbname 'x');
  CREATE TABLE configured (a serial PRIMARY KEY);
  CREATE INDEX on_configured ON configured (a DESC);
  COMMENT ON COLUMN configured.a IS 'not ours';
  COMMENT ON CONSTRAINT configured_pkey ON configured IS 'not ours';
  ALTER EXTENSION hstore ADD TABLE configured;
  ALTER EXTENSION hstore ADD SEQUENCE configured_a_seq;`;

/** Those that need neither extensions nor the audit chain, each with the definitions that must tell it. */
const mutations: [sql: string, ...told: string[]][] = [
  ...[...definitionMutations, ...sequenceMutations]
    .filter(({ needs = "icu" }) => needs === "icu" || needs === "PostgreSQL 15")
    .map(({ sql, told }): [string, ...string[]] => [sql, ...told.filter((one) => /^[~+-] /.test(one))]),
  ...undrilledMutations,
];

const capture = (sql: Sql) => inTransaction(sql, () => captureDefinitions(sql));

/** What a comparison finds in a restored database, but for owners and grants. */
async function found(source: Definition[], restored: Sql): Promise<Finding[]> {
  return await inTransaction(restored, async () => {
    const definitions = await captureDefinitions(restored);
    type Both = Parameters<typeof compareDefinitions>;
    const { findings } = await compareDefinitions(
      { definitions: source, postgres: { server: "15.18", server_version_num: 150018 } } as Both[0],
      { definitions } as Both[1],
      {
        inScratchTransaction: (work) => work(restored),
      },
    );
    return findings;
  });
}

const names = (definitions: Definition[]) => definitions.map(({ kind, identity }) => `${kind} ${identity}`);

/** What changed between two captures, as the list of mutations writes it. */
function told(before: Definition[], after: Definition[]): string[] {
  const texts = (list: Definition[]) =>
    new Map(list.map((one) => [`${one.kind} ${one.identity}`, JSON.stringify(one)]));
  const [old, now] = [texts(before), texts(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    if (!now.has(name)) return [`- ${name}`];
    if (!old.has(name)) return [`+ ${name}`];
    return old.get(name) === now.get(name) ? [] : [`~ ${name}`];
  }).sort();
}

Deno.test("definitions", async (t) => {
  await using server = await startTestServer();
  const database = await server.makeDatabase();
  const sql = await server.connect(database);
  await sql.unsafe(everything);
  const source = await capture(sql);
  const copy = await server.connect(await restoredCopy(server, database));

  await t.step("one of everything: unique, sorted, without OIDs' and passwords' traces", () => {
    assert.equal(new Set(names(source)).size, source.length);
    const inOrder = source.toSorted((a, b) =>
      a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.identity < b.identity ? -1 : 1
    );
    assert.deepEqual(names(source), names(inOrder));
    assert.equal(/do-not-tell/.test(JSON.stringify(source)), false);
    assert.deepEqual([...new Set(source.map(({ kind }) => kind))], kinds);
  });

  await t.step("one of everything: the same after a restore", async () => {
    assert.deepEqual(await found(source, copy), []);
  });

  await t.step("every mutation is told, and nothing else", async (t) => {
    const before = await capture(copy);
    for (const [mutation, ...expected] of mutations) {
      await t.step(mutation, async () => {
        await inTransaction(copy, async () => {
          await copy.unsafe(`SET LOCAL search_path = shop, public; SET CONSTRAINTS ALL IMMEDIATE; ${mutation}`);
          assert.deepEqual(told(before, await captureDefinitions(copy)), expected.toSorted());
        });
      });
    }
    assert.deepEqual(told(before, await capture(copy)), []);
  });

  await t.step("functions, operators and tables that shadow Postgres's own are not used", async () => {
    const shadows = ["count(bigint)", "format_type(oid, integer)", "quote_ident(text)", "pg_get_userbyid(oid)"]
      .map((name) => `CREATE FUNCTION public.${name} RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE ''shadow''; END';`);
    await copy.unsafe(`
      ${shadows.join("\n")}
      CREATE FUNCTION public.shadow(name, name) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''shadow''; END';
      CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.shadow);
      CREATE OPERATOR public.<> (LEFTARG = name, RIGHTARG = name, FUNCTION = public.shadow);
      CREATE TABLE public.pg_class (oid oid, relname name);
      CREATE TABLE public.pg_namespace (oid oid);
      CREATE DOMAIN public.text AS pg_catalog.text;
      DO $$
      BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = public, shop, pg_catalog', current_database());
        EXECUTE format('ALTER DATABASE %I SET "DateStyle" = ''SQL, DMY''', current_database());
        EXECUTE format('ALTER DATABASE %I SET "IntervalStyle" = ''iso_8601''', current_database());
        EXECUTE format('ALTER DATABASE %I SET "TimeZone" = ''Asia/Kathmandu''', current_database());
        EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database());
        EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', current_database());
      END $$`);
    const [{ current_database: name }] = await copy`SELECT current_database()`;
    const shadowed = await server.connect(name);
    try {
      const ours = new Set(names(source));
      const all = await capture(shadowed);
      assert.equal(all.length, ours.size + 10 - source.filter(({ kind }) => grantKinds.has(kind)).length);
      const differing = (await found(source, shadowed)).filter(({ code }) => !code.endsWith("_UNEXPECTED"));
      assert.deepEqual(differing, []);
    } finally {
      await shadowed.end();
    }
  });

  await t.step("of extensions only themselves are told, and what users built on them", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    try {
      await sql.unsafe(contrib);
      const source = await capture(sql);
      assert.deepEqual(names(source).filter((name) => !name.startsWith("comment extension ")), [
        "constraint typed_c_check on public.typed",
        "extension citext",
        "extension hstore",
        "extension ltree",
        "extension pg_trgm",
        "extension postgres_fdw",
        "foreign_server elsewhere",
        "index public.typed_path",
        "index public.typed_trgm",
        "schema kept",
        "schema public",
        "table public.typed",
      ]);
      await sql`ALTER EXTENSION hstore DROP SEQUENCE configured_a_seq`;
      await sql`ALTER EXTENSION hstore DROP TABLE configured`;
      await sql`DROP TABLE configured`;
      const copy = await server.connect(await restoredCopy(server, database));
      assert.deepEqual(await found(source, copy), []);
      await copy.end();
    } finally {
      await sql.end();
    }
  });

  await t.step("an object dropped meanwhile is an error that says so", async () => {
    const other = await server.connect(database);
    for (const drop of ["VIEW shop.no_table", "INDEX shop.customers_miles", "TRIGGER statement ON shop.customers"]) {
      await inTransaction(sql, async () => {
        await sql`SELECT 1`;
        await other.unsafe(`DROP ${drop}`);
        await assert.rejects(captureDefinitions(sql), { code: "DEFINITIONS_CHANGED" }, drop);
      });
    }
    await other.end();
  });

  await Promise.all([sql.end(), copy.end()]);
});
