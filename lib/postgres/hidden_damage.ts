import { damageHidden } from "./findings/servers.ts";
import type { Sql } from "./connection/connect.ts";

/**
 * Makes sure that this role's sessions get an error for a damaged page, and not the database without its rows.
 *
 * @throws {OperatorError} `DAMAGE_HIDDEN`
 */
export async function requireDamageShown(sql: Sql): Promise<void> {
  const found = await sql<{ name: string }[]>`
    SELECT name FROM pg_settings
    WHERE name IN ('zero_damaged_pages', 'ignore_checksum_failure') AND setting = 'on' ORDER BY name`;
  if (found.length === 0) return;
  throw damageHidden.error({ settings: found.map(({ name }) => name) });
}
