import { defineFinding, defineNote } from "../../../system/define_finding.ts";
import { listed } from "../../../system/quantities.ts";

// What a backup says of its dumps, and of where they come from.

export const unloggedLeftOut = defineFinding({
  code: "UNLOGGED_LEFT_OUT",
  means: "warning",
  says: ({ tables }: { tables: readonly string[] }) => ({
    message: `The rows of ${tables.join(", ")} are NOT in the dump: unlogged tables have none on a standby.`,
    fix: "Back up from the primary, or make the tables logged (ALTER TABLE … SET LOGGED).",
  }),
  examples: [{ tables: ["shop.sessions"] }],
});

export const dumpIncomplete = defineFinding({
  code: "DUMP_INCOMPLETE",
  means: "fail",
  says: ({ expected, actual }: { expected: number; actual: number }) => ({
    message: `The dump holds the rows of ${actual} tables; the database has ${expected}.`,
    fix: "See what pg_dump said. Nothing of this backup was kept.",
  }),
  examples: [{ expected: 41, actual: 40 }],
});

export const pgDumpSaid = defineNote({
  code: "PG_DUMP_SAID",
  says: ({ said }: { said: string }) => ({ message: said }),
  examples: [{ said: "pg_dump: warning: there are circular foreign-key constraints on the table shop.nodes." }],
});

export const checksumsRefused = defineNote({
  code: "CHECKSUMS_REFUSED",
  says: ({ store }: { store: string }) => ({
    message: `The server of ${store} refuses uploads with a SHA-256: pgrehearse sent none, and read everything back.`,
  }),
  examples: [{ store: "s3://shop-backups" }],
});

export const sameSource = defineFinding({
  code: "SAME_SOURCE",
  means: "unknown",
  says: ({ databases, path, by }: {
    databases: readonly string[];
    path: string;
    /** What names the one database. */
    by: "--db-url" | "the environment";
  }) => ({
    message: `The databases ${listed(databases)} would all be backups of the one database that ${
      by === "--db-url" ? by : "DATABASE_URL, or libpq's variables,"
    } names.`,
    fix: by === "--db-url"
      ? `Leave out --db-url: ${path} says where each of them is.`
      : `Give each of them its "url" in ${path}: one may do without.`,
  }),
  examples: [
    { databases: ["shop", "ledger"], path: "/etc/pgrehearse/pgrehearse.jsonc", by: "--db-url" },
    { databases: ["shop", "ledger"], path: "/etc/pgrehearse/pgrehearse.jsonc", by: "the environment" },
  ],
});
