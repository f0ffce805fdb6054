import { defineFinding } from "../../system/define_finding.ts";

/** A line of a plain dump. */
interface DumpLine {
  file: string;
  line: number;
  /** The text there, cut. */
  text: string;
}

export const dumpRunsCommands = defineFinding({
  code: "DUMP_RUNS_COMMANDS",
  means: "unknown",
  says: ({ file, line, text }: DumpLine) => ({
    message: `Line ${line} of ${file} is a command for psql: ${text}.`,
    fix:
      "pgrehearse never runs psql commands in a dump; nothing was restored. Make the dump with pg_dump, or find out who " +
      "wrote that line before you remove it.",
  }),
  examples: [{ file: "shop.sql", line: 4711, text: "\\! rm -rf /" }],
});

export const dumpConnectsElsewhere = defineFinding({
  code: "DUMP_CONNECTS_ELSEWHERE",
  means: "unknown",
  says: ({ file, line, text }: DumpLine) => ({
    message: `Line ${line} of ${file} connects to another database: ${text}.`,
    fix: "Drill it without --into, or dump one database at a time, without --create. Nothing was restored.",
  }),
  examples: [{ file: "all.sql", line: 412, text: "\\connect shop" }],
});

export const dumpReachesOut = defineFinding({
  code: "DUMP_REACHES_OUT",
  means: "unknown",
  says: ({ file, line, text }: DumpLine) => ({
    message: `Line ${line} of ${file} changes something that belongs to the whole server: ${text}.`,
    fix: "Drill it without --into, in a throwaway cluster. Nothing was restored.",
  }),
  examples: [{ file: "all.sql", line: 14, text: "CREATE ROLE shop" }],
});

export const dumpGlobalsOnly = defineFinding({
  code: "DUMP_GLOBALS_ONLY",
  means: "unknown",
  says: ({ file }: { file: string }) => ({
    message: `${file} holds roles and tablespaces, but no database.`,
    fix: "pg_dumpall --globals-only writes such a file. Drill the backup of a database instead.",
  }),
  examples: [{ file: "globals.sql" }],
});
