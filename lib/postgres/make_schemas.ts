import { withSession } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

/** Makes schemas, unless they are there. */
export async function makeSchemas(parameters: ConnectionParameters, schemas: string[]): Promise<void> {
  if (schemas.length === 0) return;
  await withSession(parameters, {}, async (sql) => {
    const statements = await sql<{ statement: string }[]>`
      SELECT DISTINCT format('CREATE SCHEMA %I', name) AS statement
      FROM json_array_elements_text(${JSON.stringify(schemas)}::text::json) AS name
      WHERE name NOT IN (SELECT nspname FROM pg_namespace)`;
    for (const { statement } of statements) await sql.unsafe(statement);
  });
}

export async function giveSchemaPublic(parameters: ConnectionParameters, owner: string): Promise<void> {
  await withSession(parameters, {}, async (sql) => {
    await sql.unsafe(`ALTER SCHEMA public OWNER TO "${owner.replaceAll('"', '""')}"`);
  });
}
