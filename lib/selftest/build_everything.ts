import { insertAuditRows } from "../chain/insert_audit_rows.ts";
import { migrate } from "../chain/migrate.ts";
import { embeddedMigrations } from "../chain/migrations.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import everything from "./everything.sql" with { type: "text" };
import granted from "./granted.sql" with { type: "text" };
import { tableOfValues } from "./values.ts";

/** What may be missing on a host, and what is left out then. */
const optional = ["hstore", "citext", "pg_trgm"];

/** Its values are counted, so that rows which change hands are seen as such. */
export const tenantColumn = "shop.invoices:tenant";

/**
 * Fills an empty database with one of everything that a manifest covers, and makes roles.
 *
 * @param sql A superuser's connection of one session, with the server's own search_path.
 * @returns Whether the server has what a mutation needs.
 */
export async function buildEverything(sql: Sql, signal: AbortSignal): Promise<(needs?: string) => boolean> {
  await sql.unsafe(everything).simple();
  await sql.unsafe(granted).simple();
  const found = await findFeatures(sql);
  const isPossible = (needs?: string) => needs === undefined || found.has(needs);
  for (const extension of optional.filter(isPossible)) await sql`CREATE EXTENSION ${sql(extension)} SCHEMA public`;
  await sql.unsafe(tableOfValues(isPossible)).simple();
  await migrate(sql, embeddedMigrations);
  await insertAuditRows(sql, 24, signal);
  return isPossible;
}

async function findFeatures(sql: Sql): Promise<Set<string>> {
  const [{ major, icu, extensions }] = await sql<{ major: number; icu: boolean; extensions: string[] }[]>`
    SELECT
      current_setting('server_version_num')::integer / 10000 AS major,
      EXISTS (SELECT FROM pg_collation WHERE collname = 'german' AND collprovider = 'i') AS icu,
      to_jsonb(ARRAY(SELECT name FROM pg_available_extensions)) AS extensions`;
  const hasXml = await sql`SELECT '<a/>'::xml`.then(() => true, () => false);
  return new Set([
    ...optional.filter((name) => extensions.includes(name)),
    ...(icu ? ["icu"] : []),
    ...(hasXml ? ["xml"] : []),
    ...Array.from({ length: Math.max(0, major - 14) }, (_, more) => `PostgreSQL ${15 + more}`),
    "audit chain",
  ]);
}
