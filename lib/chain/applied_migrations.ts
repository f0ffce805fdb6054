import type { Sql } from "../postgres/connection/connect.ts";
import type { Migration } from "./migrations.ts";

/** What a database says of migrations, and where what we apply is written down. */
interface AppliedMigrations {
  /** Ours, by name: the hash of what was applied. */
  hashes: Map<string, string>;
  /** Whether another tool says that it applied this one. */
  isAppliedByOthers: (migration: Migration) => boolean;
  /** Ours, in the schema public. */
  table: "schema_migrations" | "pgrehearse_migrations";
}

/**
 * Reads which migrations a database has, and makes our table for them. Where `schema_migrations` is another tool's, or the
 * migrations make one themselves, ours has another name, and theirs is read and left alone.
 */
export async function readAppliedMigrations(sql: Sql, migrations: readonly Migration[]): Promise<AppliedMigrations> {
  const [{ columns }] = await sql<{ columns: string[] }[]>`
    SELECT pg_catalog.array_agg(attname::text) AS columns
    FROM pg_catalog.pg_attribute
    WHERE attrelid = pg_catalog.to_regclass('public.schema_migrations') AND attnum > 0 AND NOT attisdropped`;
  const isOurs = ["name", "sha256", "applied_at"].every((name) => columns?.includes(name));
  const isTheirs = columns ? !isOurs : migrations.some(({ sql }) => /\bschema_migrations\b/i.test(sql));
  const table = isTheirs ? "pgrehearse_migrations" : "schema_migrations";
  await sql`
    CREATE TABLE IF NOT EXISTS public.${sql(table)} (
      name text PRIMARY KEY,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`;
  const rows = await sql<{ name: string; sha256: string }[]>`SELECT name, sha256 FROM public.${sql(table)}`;
  return {
    hashes: new Map(rows.map(({ name, sha256 }) => [name, sha256])),
    isAppliedByOthers: columns && !isOurs && columns.includes("version")
      ? await readVersions(sql, columns.includes("dirty"))
      : () => false,
    table,
  };
}

/**
 * A file begins with its version: `000018_name.up.sql`, `20260102030405_name.sql`. golang-migrate keeps the newest version
 * (beside `dirty`), most others a row for each.
 */
async function readVersions(sql: Sql, isNewestOnly: boolean): Promise<(migration: Migration) => boolean> {
  const rows = await sql<{ version: string }[]>`SELECT version::text FROM public.schema_migrations`;
  const versions = new Set(rows.map(({ version }) => numberOf(version)).filter((version) => version !== undefined));
  const newest = [...versions].reduce((a, b) => a > b ? a : b, -1n);
  return ({ name }) => {
    const version = numberOf(name);
    return version !== undefined && (isNewestOnly ? version <= newest : versions.has(version));
  };
}

function numberOf(text: string): bigint | undefined {
  const digits = /^V?(\d+)/.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}
