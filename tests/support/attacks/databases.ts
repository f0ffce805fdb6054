import { join } from "node:path";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { makeBackup } from "../jobs.ts";
import type { Attack, AttackGround } from "./attack.ts";
import { wakes, withAppsDatabase } from "./waking_code.ts";

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

/** What the owner of a partitioned table exchanges for its partition while backup waits for a lock. */
const exchanges: Record<string, string> = {
  "a view in its place": "ALTER TABLE app.x DETACH PARTITION app.x1; ALTER TABLE app.x1 RENAME TO y; " +
    "CREATE VIEW app.x1 AS SELECT app.wakes() AS a",
  "another table, whose CHECK wakes": "ALTER TABLE app.x DETACH PARTITION app.x1; ALTER TABLE app.x1 RENAME TO y; " +
    "CREATE TABLE app.x1 (a integer CHECK (app.wakes() > 0)); ALTER TABLE app.x ATTACH PARTITION app.x1 DEFAULT",
  "a partitioned table, whose key wakes":
    "ALTER TABLE app.x DETACH PARTITION app.x1; ALTER TABLE app.x1 RENAME TO y; " +
    "CREATE TABLE app.x1 (a integer) PARTITION BY LIST ((app.wakes_for(a))); " +
    "CREATE TABLE app.x2 PARTITION OF app.x1 DEFAULT; ALTER TABLE app.x ATTACH PARTITION app.x1 DEFAULT",
  "the whole of it, for a view": "DROP TABLE app.x; CREATE VIEW app.x AS SELECT app.wakes() AS a",
};

export const exchangedPartitions: Attack[] = Object.entries(exchanges).map(([what, exchange]) => ({
  name: `exchanged partition: ${what}`,
  needsRoot: true,
  async attempt(ground) {
    const make = "CREATE TABLE app.x (a integer) PARTITION BY LIST (a); " +
      "CREATE TABLE app.x1 PARTITION OF app.x DEFAULT; INSERT INTO app.x VALUES (1)";
    await withAppsDatabase(ground, `${wakes(ground.marks)}; ${make}`, async (url) => {
      const app = await ground.server.connect(/\/([^/?]+)\?/.exec(url)![1]);
      const store = join(ground.directory, "store");
      await app.unsafe(`SET SESSION AUTHORIZATION app; BEGIN; ${exchange}`).simple();
      const running = ground.run(["backup", "--db-url", url, "--to", store]);
      await untilSomebodyWaits(app);
      await app.unsafe("COMMIT");
      const { status, verdict } = await running;
      await app.end();
      if (status === 2) return;
      if (status !== 0) throw new Error(`it ended with ${status}: ${verdict.findings[0]?.message}`);
      const drilled = await ground.run(["drill", "--latest", "--from", store, "--trust-dump"]);
      if (drilled.verdict.proof !== "exact") throw new Error(`drilled: ${drilled.verdict.findings[0]?.message}`);
    });
  },
}));

/** A client that writes all the time, while its database is replaced: no row that was acknowledged may be lost. */
export const writersMeanwhile: Attack[] = ["--swap", "--in-place"].map((mode) => ({
  name: `writers during a restore ${mode}`,
  needsRoot: true,
  async attempt(ground) {
    const { server, directory } = ground;
    const name = await server.makeDatabase();
    const store = join(directory, "store");
    await run(ground, name, "CREATE TABLE public.t AS SELECT i FROM generate_series(-20000, 0) AS i");
    const dump = await makeBackup(server.url(name), store);
    const acknowledged: number[] = [];
    let isOver = false;
    const write = async (worker: number) => {
      for (let n = 0; !isOver;) {
        try {
          const sql = await server.connect(name);
          try {
            for (; !isOver; n++) {
              const i = worker + 10 * n + 1;
              await sql.unsafe(`INSERT INTO public.t VALUES (${i})`);
              acknowledged.push(i);
            }
          } finally {
            await sql.end({ timeout: 0 });
          }
        } catch {
          n++; // it was not announced
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    };
    const writers = [0, 1, 2].map(write);
    const who = ["--operator", "ann", "--approved-by", "bob", "--reason", "an attack", "--confirm", name];
    const { status, verdict } = await ground.run([
      "restore",
      dump,
      mode,
      "--terminate-connections",
      "--target-url",
      server.url(name),
      ...who,
    ]);
    isOver = true;
    await Promise.all(writers);
    if (status !== 0) throw new Error(`it ended with ${status}: ${verdict.findings[0]?.message}`);
    const kept = new Set<number>();
    const readFrom = async (database: string) => {
      for (const { i } of await run(ground, database, "SELECT i FROM public.t WHERE i > 0")) kept.add(Number(i));
    };
    for (
      const { datname } of await run(ground, "postgres", `SELECT datname FROM pg_database WHERE datname ~ '^${name}'`)
    ) {
      await readFrom(String(datname));
    }
    for await (const file of Deno.readDir(store)) {
      if (!file.name.endsWith(".dump") || dump.endsWith(file.name)) continue;
      const back = await server.makeDatabase();
      await new Deno.Command("pg_restore", { args: ["-d", server.url(back), join(store, file.name)] }).output();
      await readFrom(back);
    }
    const lost = acknowledged.filter((i) => !kept.has(i));
    if (acknowledged.length === 0) throw new Error("nobody wrote");
    if (lost.length > 0) throw new Error(`${lost.length} of ${acknowledged.length} acknowledged rows are lost`);
  },
}));

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

/** What a user would miss, though there is no table: how it is made, and how it is asked for. */
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
