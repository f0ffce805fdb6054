import { serverOf, type Sql, withSession } from "./connection/connect.ts";
import { withDatabase } from "./connection/connection_parameters.ts";

/** A database that this run made on somebody's server. */
export interface ScratchDatabase {
  readonly name: string;
  /** Drops it, ending whatever is still connected to it. */
  drop(): Promise<void>;
  /** Makes it empty again. */
  remake(): Promise<void>;
  /** Gives it a name that no later run takes for a leftover, and returns it. */
  keep(): Promise<string>;
}

// The 16 hex digits are also the key of the advisory lock that says its run is alive.
const scratchName = /^pgrehearse_scratch_([0-9a-f]{16})$/;

/**
 * Makes an empty scratch database, after dropping those that dead runs left behind.
 *
 * A run holds an advisory lock named after its scratch database for as long as its session lives, so a database of that
 * name without the lock has no run.
 *
 * @param sql A connection of one session that stays open as long as the database is used. Needs CREATEDB.
 * @param onReaped Told the name of each leftover that was dropped.
 * @param create Makes the empty database.
 * @default {CREATE DATABASE … TEMPLATE template0}
 */
export async function makeScratchDatabase(
  sql: Sql,
  onReaped: (name: string) => void,
  create: (name: string) => Promise<unknown> = (name) =>
    // template0: users may have put objects into template1.
    sql.unsafe(`CREATE DATABASE ${name} TEMPLATE template0`),
): Promise<ScratchDatabase> {
  await reapScratchDatabases(sql, onReaped);
  const hex = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const name = `pgrehearse_scratch_${hex}`;
  await sql`SELECT pg_catalog.pg_advisory_lock(${lockKey(hex)})`;
  await create(name);
  return {
    name,
    async drop() {
      await dropDatabase(sql, name);
      // Once more: the server may have noticed only now that a run which was killed just before ours is dead.
      await reapScratchDatabases(sql, onReaped).catch(() => {});
    },
    async remake() {
      await dropDatabase(sql, name);
      await create(name);
    },
    async keep() {
      const kept = name.replace("scratch", "kept");
      await sql.unsafe(`ALTER DATABASE ${name} RENAME TO ${kept}`);
      return kept;
    },
  };
}

async function reapScratchDatabases(sql: Sql, onReaped: (name: string) => void): Promise<void> {
  // Advisory locks belong to the database they were taken in, which need not be this one: look at all of them.
  const leftovers = await sql<{ datname: string }[]>`
    SELECT datname
    FROM pg_catalog.pg_database AS database
    WHERE datname ~ ${scratchName.source}
      AND pg_catalog.pg_has_role(datdba, 'USAGE')
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_locks AS lock
        WHERE lock.locktype = 'advisory'
          AND lock.objsubid = 1
          AND lpad(to_hex(lock.classid::bigint), 8, '0') || lpad(to_hex(lock.objid::bigint), 8, '0')
            = right(database.datname, 16)
      )`;
  for (const { datname } of leftovers) {
    await dropDatabase(sql, datname);
    onReaped(datname);
  }
}

/** Drops a database with the sessions and subscriptions in it. */
export async function dropDatabase(sql: Sql, name: string): Promise<void> {
  await dropSubscriptions(sql, name);
  await sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`;
}

/** A restored subscription has neither slot nor connection, and still the server keeps a database that has one. */
async function dropSubscriptions(sql: Sql, database: string): Promise<void> {
  const subscriptions = await sql<{ name: string }[]>`
    SELECT quote_ident(subname) AS name FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = ${database})`;
  if (subscriptions.length === 0) return;
  await withSession(withDatabase(serverOf(sql), database), {}, async (inside) => {
    for (const { name } of subscriptions) {
      await inside.unsafe(`ALTER SUBSCRIPTION ${name} DISABLE`);
      await inside.unsafe(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
      await inside.unsafe(`DROP SUBSCRIPTION ${name}`);
    }
  });
}

/** The lock's key as Postgres wants it: a signed 64-bit number, as text. */
function lockKey(hex: string): string {
  return BigInt.asIntN(64, BigInt(`0x${hex}`)).toString();
}
