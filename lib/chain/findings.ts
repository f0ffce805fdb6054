import { defineFinding } from "../system/define_finding.ts";
import type { Consequence } from "../system/operator_error.ts";

export const chainMissing = defineFinding({
  code: "CHAIN_MISSING",
  means: "unknown",
  says: ({ means }: { means: Consequence }) => ({
    message: "This database has no audit chain: audit_events, audit_chain_head and audit_events_verify_chain() " +
      "in one schema.",
    fix: means === "fail"
      ? "The database had a chain when it was backed up. See what the restore said, and compare with another backup."
      : "Name the right database, or create a chain with pgrehearse workload.",
    means,
  }),
  examples: [{ means: "unknown" }, { means: "fail" }],
});

export const chainBroken = defineFinding({
  code: "CHAIN_BROKEN",
  means: "fail",
  says: ({ id, row }: { id: string; row: number }) => ({
    message: `The audit chain breaks at ${id}, row ${row} of the walk.`,
    fix: "Rows there were altered, removed or added outside of the chain, or cut off behind it: compare them with " +
      "another backup.",
    object: id,
  }),
  examples: [{ id: "417", row: 417 }],
});

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
