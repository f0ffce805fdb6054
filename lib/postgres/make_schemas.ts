import { connect } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import type { DumpEntry } from "./pg_restore.ts";

/** Makes schemas, unless they are there. */
export async function makeSchemas(parameters: ConnectionParameters, schemas: string[]): Promise<void> {
  if (schemas.length === 0) return;
  const sql = await connect(parameters);
  try {
    const statements = await sql<{ statement: string }[]>`
      SELECT DISTINCT format('CREATE SCHEMA IF NOT EXISTS %I', name) AS statement
      FROM json_array_elements_text(${JSON.stringify(schemas)}::text::json) AS name`;
    for (const { statement } of statements) await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** Names the schemas of a dump of single tables (`pg_dump --table`), which holds none of the schemas they lie in. */
export function schemasLeftOut(entries: DumpEntry[]): string[] {
  if (entries.some(({ text }) => text.startsWith("SCHEMA - "))) return [];
  // Not the kinds that begin alike: TABLE DATA, TABLE ATTACH, SEQUENCE SET, SEQUENCE OWNED BY.
  const named = /^(?:TABLE|SEQUENCE|(?:MATERIALIZED )?VIEW) (?!DATA |ATTACH |SET |OWNED BY )(\S+) /;
  const schemas = new Set(entries.flatMap(({ text }) => named.exec(text)?.[1] ?? []));
  schemas.delete("public");
  return [...schemas];
}
