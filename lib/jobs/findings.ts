import { defineFindings } from "../system/define_finding.ts";

export const outputExists = defineFindings({
  code: "OUTPUT_EXISTS",
  means: "unknown",
  situations: {
    key: {
      says: ({ path }: { path: string }) => ({
        message: `${path} is there already, and keygen replaces nothing.`,
        fix: "Name another file. Keep the old key as long as anything exists that needs it.",
      }),
      examples: [{ path: "backup.age-identity" }],
    },
    init: {
      says: ({ paths: [first, ...others] }: { paths: readonly string[] }) => ({
        message: `${others.length > 0 ? `${first} and ${others.length} more are` : `${first} is`} there already, and ` +
          "init replaces nothing; it wrote no file.",
        fix: "Move it away, or name another directory with --output-dir.",
        detail: others.length > 0 ? [first, ...others].join("\n") : undefined,
      }),
      examples: [{ paths: ["/etc/pgrehearse/pgrehearse.jsonc"] }],
    },
  },
});

export const noStore = defineFindings({
  code: "NO_STORE",
  means: "unknown",
  situations: {
    toRead: {
      says: ({ where }: { where: string }) => ({
        message: `${where} does not say where backups are.`,
        fix: 'Say it with "store", or on the command line with --from.',
      }),
      examples: [{ where: "/etc/pgrehearse/pgrehearse.jsonc" }, { where: "The command line" }],
    },
    toWrite: {
      says: ({ where }: { where: string }) => ({
        message: `${where} does not say where backups go.`,
        fix: 'Say it with "store", or on the command line with --to.',
      }),
      examples: [{ where: "/etc/pgrehearse/pgrehearse.jsonc" }],
    },
  },
});

/** Tables that hold nothing at all back up and restore without an error, too. */
export const noRows = defineFindings({
  code: "NO_ROWS",
  means: "warning",
  situations: {
    restored: {
      says: ({ database, tables }: { database: string; tables: number }) => ({
        message: `${database} has ${tables} ${tables === 1 ? "table" : "tables"}, and no row in any.`,
        fix: "Check that this is meant: a dump with --schema-only, of the wrong database, or by a role that row " +
          "security shows nothing looks like this.",
        object: database,
      }),
      examples: [{ database: "shop.sql", tables: 3 }],
    },
    noTable: { says: () => ({ message: "The backup holds no table.", fix: noRowsFix }) },
    leftOut: { says: () => ({ message: "The rows of every table were left out of the backup.", fix: noRowsFix }) },
    allEmpty: {
      says: ({ tables }: { tables: number }) => ({
        message: `No table of the backup holds a row: ${tables} ${tables === 1 ? "is" : "are"} empty.`,
        fix: noRowsFix,
      }),
      examples: [{ tables: 3 }],
    },
  },
});
const noRowsFix = "See whether this is the right database, and whether its rows were lost before the backup.";

export const noEvidence = defineFindings({
  code: "NO_EVIDENCE",
  means: "unknown",
  situations: {
    toRead: {
      says: ({ place }: { place: string }) => ({
        message: `There is no evidence in ${place}: nothing can be verified.`,
        fix: "Name the store that --evidence was given, with --evidence-store.",
      }),
      examples: [{ place: "s3://shop-backups" }],
    },
    /** By a policy. */
    required: {
      means: "fail",
      says: () => ({
        message: "The verdict is not kept as signed evidence, and the policy requires it.",
        fix: 'Say where it goes: "evidence", or --evidence and --signing-key.',
        expected: true,
        actual: false,
      }),
    },
  },
});

export const noDatabase = defineFindings({
  code: "NO_DATABASE",
  means: "unknown",
  situations: {
    configured: {
      says: ({ path }: { path: string }) => ({
        message: `${path} names no database.`,
        fix: 'Name at least one: "databases": { "shop": {} }.',
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc" }],
    },
    onServer: {
      says: ({ leftOut }: { leftOut: readonly { database: string; why: string }[] }) => ({
        message: `The server has no database to back up: ${
          leftOut.map(({ database, why }) => `${database} (${why})`).join(", ")
        }.`,
        fix: "Check that this is the right server, and what --exclude-database matches.",
      }),
      examples: [{ leftOut: [{ database: "postgres", why: "it holds nothing" }] }],
    },
  },
});
