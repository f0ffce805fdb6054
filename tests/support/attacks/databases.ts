import { join } from "node:path";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { makeBackup } from "../jobs.ts";
import type { Attack, AttackGround } from "./attack.ts";
import { withAppsDatabase } from "./waking_code.ts";

// What is in a database when a command meets it, or changes while it works.

const view = "app.wakes() AS a, 1::bigint AS last_value, true AS is_called";

const relations: Record<string, string> = {
  "materialized view": "CREATE MATERIALIZED VIEW app.x AS SELECT 1 AS a",
  "table": "CREATE TABLE app.x AS SELECT 1 AS a",
  "sequence": "CREATE SEQUENCE app.x",
};

/** A relation that becomes a view while backup waits for its lock. */
export const swapped: Attack[] = Object.entries(relations).flatMap(([kind, make]) =>
  ["RENAME TO y", "DROP"].map((way): Attack => ({
    name: `swapped relation: a ${kind}, ${way}`,
    needsRoot: true,
    async attempt(ground) {
      const mark = `CREATE FUNCTION app.wakes() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN
        IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
          EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >${ground.marks}/ran'$q$;
        END IF; RETURN 1; END $f$`;
      await withAppsDatabase(ground, `${mark}; ${make}`, async (url) => {
        const app = await ground.server.connect(/\/([^/?]+)\?/.exec(url)![1]);
        const upper = kind.toUpperCase();
        const swap = way === "DROP" ? `DROP ${upper} app.x` : `ALTER ${upper} app.x ${way}`;
        await app.unsafe(`SET SESSION AUTHORIZATION app; BEGIN; ${swap}; CREATE VIEW app.x AS SELECT ${view}`).simple();
        const running = ground.run(["backup", "--db-url", url, "--to", join(ground.directory, "store")]);
        await untilSomebodyWaits(app);
        await app.unsafe("COMMIT");
        const { status, verdict } = await running;
        await app.end();
        if (status !== 2 || !/app"?\."?x/.test(verdict.findings[0]?.message)) {
          throw new Error(`it ended with ${status}: ${verdict.findings[0]?.message}`);
        }
      });
    },
  }))
);

async function untilSomebodyWaits(sql: Sql): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    const [{ waiting }] = await sql<{ waiting: boolean }[]>`
      SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation IS NOT NULL
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS waiting`;
    if (waiting) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nobody waited for the lock");
}

/** What somebody would miss, though there is no table: how it is made, and how it is asked for. */
const treasures: Record<string, [make: string, isThere: string]> = {
  "a large object": ["SELECT lo_from_bytea(4711, 'precious')", "lo_get(4711) = 'precious'"],
  "a function": [
    "CREATE FUNCTION public.precious() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "to_regproc('public.precious') IS NOT NULL",
  ],
  "a sequence": ["CREATE SEQUENCE public.precious", "to_regclass('public.precious') IS NOT NULL"],
  "a view": ["CREATE VIEW public.precious AS SELECT 1 AS a", "to_regclass('public.precious') IS NOT NULL"],
  "an enum": ["CREATE TYPE public.precious AS ENUM ('a')", "to_regtype('public.precious') IS NOT NULL"],
  "a schema": ["CREATE SCHEMA precious", "to_regnamespace('precious') IS NOT NULL"],
  "a publication": [
    "CREATE PUBLICATION precious",
    "EXISTS (SELECT FROM pg_publication WHERE pubname = 'precious')",
  ],
  "a cast": [
    "CREATE CAST (point AS text) WITH INOUT",
    "EXISTS (SELECT FROM pg_cast WHERE castsource = 'point'::regtype AND casttarget = 'text'::regtype)",
  ],
  "a collation": [
    "CREATE COLLATION public.precious (locale = 'C')",
    "EXISTS (SELECT FROM pg_collation WHERE collname = 'precious')",
  ],
  "a text search configuration": [
    "CREATE TEXT SEARCH CONFIGURATION public.precious (COPY = simple)",
    "EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'precious')",
  ],
  "a foreign-data wrapper": [
    "CREATE FOREIGN DATA WRAPPER precious",
    "EXISTS (SELECT FROM pg_foreign_data_wrapper WHERE fdwname = 'precious')",
  ],
};

/** Databases that look empty to who counts tables. */
export const emptyLooking: Attack[] = Object.entries(treasures).map(([what, [make, isThere]]) => ({
  name: `a database that holds only ${what}`,
  needsRoot: true,
  async attempt(ground: AttackGround) {
    const source = await ground.server.makeDatabase();
    await run(ground, source, "CREATE TABLE public.t AS SELECT 1 AS a; SELECT lo_from_bytea(4711, 'other')");
    const dump = await makeBackup(ground.server.url(source), join(ground.directory, "store"));
    const name = await ground.server.makeDatabase();
    await run(ground, name, make);
    const url = ground.server.url(name);
    const who = ["--operator", "ann", "--approved-by", "bob", "--reason", "an attack"];
    for (
      const args of [["smoke", "--in-place", "--db-url", url], [
        "restore",
        dump,
        "--in-place",
        "--target-url",
        url,
        ...who,
      ]]
    ) {
      const { status } = await ground.run(args);
      const [{ there }] = await run(ground, name, `SELECT ${isThere} AS there`);
      if (!there) throw new Error(`${args[0]} destroyed it`);
      if (status !== 2) throw new Error(`${args[0]} ended with ${status}`);
    }
  },
}));

async function run({ server }: AttackGround, database: string, statement: string): Promise<Record<string, unknown>[]> {
  const sql = await server.connect(database);
  try {
    return await sql.unsafe(statement).simple() as unknown as Record<string, unknown>[];
  } finally {
    await sql.end();
  }
}
