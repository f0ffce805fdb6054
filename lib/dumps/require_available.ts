import { connect } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import type { DumpEntry } from "../postgres/pg_restore.ts";
import { extensionUnavailable } from "../targets/findings/lacks.ts";

/**
 * Makes sure that the server has every extension that a dump needs: without one, pg_restore fails at whatever uses it.
 *
 * @throws {OperatorError} `EXTENSION_UNAVAILABLE`, naming all of them.
 */
export async function requireAvailable(parameters: ConnectionParameters, entries: DumpEntry[]): Promise<void> {
  const needed = entries.flatMap(({ text }) => /^EXTENSION - (.*) $/.exec(`${text.trimEnd()} `)?.[1] ?? []);
  if (needed.length === 0) return;
  const sql = await connect(parameters);
  try {
    const missing = await sql<{ name: string }[]>`
      SELECT name FROM json_array_elements_text(${JSON.stringify(needed)}::text::json) AS name
      WHERE name NOT IN (SELECT name FROM pg_available_extensions)`;
    if (missing.length === 0) return;
    const names = missing.map(({ name }) => name).join(", ");
    throw extensionUnavailable.error({ names });
  } finally {
    await sql.end({ timeout: 0 });
  }
}
