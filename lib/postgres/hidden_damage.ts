import { OperatorError } from "../system/operator_error.ts";
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
  const names = found.map(({ name }) => name);
  throw new OperatorError("DAMAGE_HIDDEN", `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} on.`, {
    fix:
      "A backup would lack the rows of damaged pages, and pass. Reset it for the server, this database and this role " +
      "(ALTER SYSTEM, ALTER DATABASE and ALTER ROLE … RESET), then back up again.",
  });
}
