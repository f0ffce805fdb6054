import { defineFindings } from "../system/define_finding.ts";

export const outputExists = defineFindings({
  code: "OUTPUT_EXISTS",
  means: "unknown",
  situations: {
    key: {
      says: ({ path }: { path: string }) => ({
        message: `${path} already exists, and keygen does not replace files.`,
        fix: "Choose another file. Keep the old key as long as you have anything that needs it.",
      }),
      examples: [{ path: "backup.age-identity" }],
    },
    init: {
      says: ({ paths: [first, ...others] }: { paths: readonly string[] }) => ({
        message:
          `${
            others.length > 0 ? `${first} and ${others.length} more already exist` : `${first} already exists`
          }, and init ` +
          "does not replace files. It wrote nothing.",
        fix: "Move it away, or choose another directory with --output-dir.",
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
      says: ({ path }: {
        /** Of the configuration, where there is one. */
        path: string | undefined;
      }) => ({
        message: `${path ?? "The command line"} does not say where backups are.`,
        fix: path === undefined
          ? 'Give --from, or a configuration with "store".'
          : 'Set "store" there, or give --from on the command line.',
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc" }, { path: undefined }],
    },
    toWrite: {
      says: ({ path }: { path: string }) => ({
        message: `${path} does not say where backups go.`,
        fix: 'Set "store" there, or give --to on the command line.',
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc" }],
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
        message: `${database} has ${tables} ${tables === 1 ? "table" : "tables"} and no rows.`,
        fix:
          "Check that this is right. A dump looks like this if it was made with --schema-only, of the wrong database, or " +
          "by a role from which row security hides all rows.",
        object: database,
      }),
      examples: [{ database: "shop.sql", tables: 3 }],
    },
    noTable: { says: () => ({ message: "The backup holds no tables.", fix: noRowsFix }) },
    leftOut: { says: () => ({ message: "The rows of every table were left out of the backup.", fix: noRowsFix }) },
    allEmpty: {
      says: ({ tables }: { tables: number }) => ({
        message: `The backup holds no rows: ${tables === 1 ? "its one table is" : `all ${tables} tables are`} empty.`,
        fix: noRowsFix,
      }),
      examples: [{ tables: 3 }],
    },
  },
});
const noRowsFix = "Check that this is the right database, and that its rows were not lost before the backup.";

export const noEvidence = defineFindings({
  code: "NO_EVIDENCE",
  means: "unknown",
  situations: {
    toRead: {
      says: ({ place }: { place: string }) => ({
        message: `There is no evidence in ${place}, so nothing can be verified.`,
        fix: "Give --evidence-store the store that you gave to --evidence.",
      }),
      examples: [{ place: "s3://shop-backups" }],
    },
    /** By a policy. */
    required: {
      means: "fail",
      says: () => ({
        message: "The verdict was not kept as signed evidence; the policy requires it.",
        fix: 'Set "evidence" in the configuration, or give --evidence and --signing-key.',
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
        fix: "Check that this is the right server, and check what --exclude-database matches.",
      }),
      examples: [{ leftOut: [{ database: "postgres", why: "it holds nothing" }] }],
    },
  },
});
