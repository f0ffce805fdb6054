import { defineFinding } from "../system/define_finding.ts";

export const programMissing = defineFinding({
  code: "PROGRAM_MISSING",
  means: "unknown",
  says: ({ program, file }: { program: string; file: string }) => ({
    message: `Unpacking ${file} needs ${program}, which is not here.`,
    fix: `Install ${program}, or unpack the dump yourself.`,
  }),
  examples: [{ program: "unzip", file: "shop.zip" }],
});

export const dumpHasMessages = defineFinding({
  code: "DUMP_HAS_MESSAGES",
  means: "warning",
  says: ({ file, said }: { file: string; said: string }) => ({
    message: `${file} holds what pg_dump said beside what it dumped: ${said.replace(/\.?$/, ".")}`,
    fix: "Keep stderr out of the file (no 2>&1): psql takes such a line for SQL, and loses the statement behind it.",
  }),
  examples: [{ file: "shop.sql", said: "pg_dump: warning: there are circular foreign-key constraints on this table." }],
});
