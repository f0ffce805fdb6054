import { defineFinding } from "../system/define_finding.ts";

export const migrationsUnreadable = defineFinding({
  code: "MIGRATIONS_UNREADABLE",
  means: "unknown",
  says: ({ directory, reason }: { directory: string; reason: string }) => ({
    message: `Cannot read migrations from ${directory}: ${reason}.`,
    fix: "Point --migrations-path at a directory of *.up.sql or *.sql files.",
  }),
  examples: [{ directory: "./migrations", reason: "it holds no .sql file" }],
});

export const migrationFailed = defineFinding({
  code: "MIGRATION_FAILED",
  means: "unknown",
  says: ({ name, line, said }: { name: string; line?: number; said: string }) => ({
    message: `Migration ${name}${line === undefined ? "" : `:${line}`} failed: ${said}.`,
    fix: "Nothing of that file was applied. Correct the file, or use the kind of database that it was written for.",
  }),
  examples: [{ name: "0003_orders.up.sql", line: 12, said: 'relation "customers" does not exist' }],
});

export const migrationEdited = defineFinding({
  code: "MIGRATION_EDITED",
  means: "unknown",
  says: ({ name }: { name: string }) => ({
    message: `Migration ${name} was edited after it was applied.`,
    fix: "Restore the old file, and put the change into a new migration.",
  }),
  examples: [{ name: "0003_orders.up.sql" }],
});
