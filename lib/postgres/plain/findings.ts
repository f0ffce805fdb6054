import { defineFinding } from "../../system/define_finding.ts";

/** A line of a plain dump. */
interface DumpLine {
  file: string;
  line: number;
  /** What stands there, cut. */
  text: string;
}

export const dumpRunsCommands = defineFinding({
  code: "DUMP_RUNS_COMMANDS",
  means: "unknown",
  says: ({ file, line, text }: DumpLine) => ({
    message: `${file} gives psql a command of its own, in line ${line}: ${text}.`,
    fix: "pgrehearse obeys no command of a dump, and nothing was restored. Dump with pg_dump; or look at that line, " +
      "and at who wrote it, before you remove it.",
  }),
  examples: [{ file: "shop.sql", line: 4711, text: "\\! rm -rf /" }],
});

export const dumpConnectsElsewhere = defineFinding({
  code: "DUMP_CONNECTS_ELSEWHERE",
  means: "unknown",
  says: ({ file, line, text }: DumpLine) => ({
    message: `${file} connects to a database by itself, in line ${line}: ${text}.`,
    fix: "Drill it without --into, or dump one database at a time, without --create: nothing was restored.",
  }),
  examples: [{ file: "all.sql", line: 412, text: "\\connect shop" }],
});

export const dumpReachesOut = defineFinding({
  code: "DUMP_REACHES_OUT",
  means: "unknown",
  says: ({ file, line, text }: DumpLine) => ({
    message: `${file} changes what belongs to the whole server, in line ${line}: ${text}.`,
    fix: "Drill it without --into: a throwaway cluster is all its own. Nothing was restored.",
  }),
  examples: [{ file: "all.sql", line: 14, text: "CREATE ROLE shop" }],
});

export const dumpGlobalsOnly = defineFinding({
  code: "DUMP_GLOBALS_ONLY",
  means: "unknown",
  says: ({ file }: { file: string }) => ({
    message: `${file} holds roles and tablespaces, and no database.`,
    fix: "pg_dumpall --globals-only writes such a file. It is not a backup of a database: drill one of those.",
  }),
  examples: [{ file: "globals.sql" }],
});
