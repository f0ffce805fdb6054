import { type ArchiveEntry, readArchiveContents } from "./archive_contents.ts";
import type { DumpEntry } from "./pg_restore.ts";
import { withSession } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

/** Which schemas an archive makes, and which it only uses. */
interface ArchiveSchemas {
  made: ReadonlySet<string>;
  /** Extensions are put into them. */
  ofExtensions: ReadonlySet<string>;
  /** Other objects lie in them: a dump of single tables holds no schemas, nor does one of an extension's own schema. */
  ofObjects: ReadonlySet<string>;
  /** Whose `public` is. */
  publicOwner?: string;
}

/** Reads an archive's table of contents: what pg_restore prints does not tell a name with a newline from one with a blank. */
export async function readArchiveSchemas(path: string): Promise<ArchiveSchemas> {
  // What cannot be read is said by the restore itself.
  const entries = await readArchiveContents(path) ?? [];
  const schemas = entries.filter(({ kind }) => kind === "SCHEMA");
  return {
    made: new Set(schemas.filter(({ definition }) => /^CREATE SCHEMA /m.test(definition)).map(({ name }) => name)),
    ofExtensions: new Set(entries.filter(({ kind }) => kind === "EXTENSION").flatMap(schemaOfExtension)),
    ofObjects: new Set(
      entries.filter(({ kind, schema }) => schema !== "" && !isOfRows(kind)).map(({ schema }) => schema),
    ),
    publicOwner: schemas.find(({ name, owner }) => name === "public" && owner !== "")?.owner,
  };
}

function isOfRows(kind: string): boolean {
  return kind.endsWith(" DATA") || kind === "SEQUENCE SET" || kind.startsWith("BLOB");
}

function schemaOfExtension({ definition }: ArchiveEntry): string[] {
  const [, name] = / WITH SCHEMA ("(?:[^"]|"")+"|[^\s;]+);/.exec(definition) ?? [];
  if (name === undefined) return [];
  return [name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name];
}

const ofEveryDatabase = ["public", "pg_catalog", "information_schema", "pg_toast"];

/** Those of `schemas` that must be made beforehand. */
export function notMadeBy({ made }: ArchiveSchemas, schemas: ReadonlySet<string>): string[] {
  return [...schemas].filter((name) => !made.has(name) && !ofEveryDatabase.includes(name));
}

/**
 * Whether an entry would make the schema `public`, as in an archive of `pg_dump --schema public`. Every database has it,
 * and what the archive says of its grants is said in relation to those that it has there.
 */
export function makesPublicSchema({ made }: ArchiveSchemas, { text }: DumpEntry): boolean {
  if (!made.has("public") || !text.startsWith("SCHEMA - public ")) return false;
  return ![...made].some((name) => name.startsWith("public ") && text.startsWith(`SCHEMA - ${name} `));
}

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
