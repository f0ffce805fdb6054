import type { DumpEntry } from "./pg_restore.ts";
import { runRestoringTool } from "./restoring_tool.ts";
import type { ToolRunOptions } from "./tool_environment.ts";

/** Which schemas an archive makes, and which it only uses. */
export interface ArchiveSchemas {
  made: ReadonlySet<string>;
  /** Extensions are put into them. */
  ofExtensions: ReadonlySet<string>;
  /** Other objects lie in them: a dump of single tables holds no schemas, nor does one of an extension's own schema. */
  ofObjects: ReadonlySet<string>;
  /** Whose `public` is, as an identifier. */
  publicOwner?: string;
}

/** Reads an archive's definitions as pg_restore writes them; `--list` does not quote names. */
export async function readArchiveSchemas(path: string, { tools, signal }: ToolRunOptions): Promise<ArchiveSchemas> {
  // What it cannot read is said by the restore itself.
  const { stdout } = await runRestoringTool(tools.pgRestore, ["--schema-only", "--file=-", path], {
    tools,
    files: [path],
    signal,
  });
  const ofObjects = new Set<string>();
  const header = /^-- Name: .*; Type: ([A-Z -]+); Schema: (.*); Owner: /gm;
  for (const [, type, schema] of stdout.matchAll(header)) {
    if (schema !== "-" && type !== "EXTENSION") ofObjects.add(schema);
  }
  return {
    made: new Set(names(stdout, /^CREATE SCHEMA (.+);$/gm)),
    ofExtensions: new Set(names(stdout, /^CREATE EXTENSION IF NOT EXISTS (?:"(?:[^"]|"")+"|\S+) WITH SCHEMA (.+);$/gm)),
    ofObjects,
    publicOwner: /^ALTER SCHEMA public OWNER TO ("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*);$/m.exec(stdout)?.[1],
  };
}

function names(script: string, statement: RegExp): string[] {
  return [...script.matchAll(statement)].map(([, name]) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
  );
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
