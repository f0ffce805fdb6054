import { defineFinding, defineNote } from "../system/define_finding.ts";
import { again } from "../run/findings.ts";

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

export const restoreSaid = defineNote({
  code: "RESTORE_SAID",
  says: ({ said }: { said: string }) => ({ message: said }),
  examples: [{ said: "pg_restore: warning: the archive was made without large objects." }],
});

export const restoredInOneSession = defineNote({
  code: "RESTORED_IN_ONE_SESSION",
  says: () => ({
    message:
      "With several jobs the restore failed, as they load tables in any order; with one job it is whole. Something " +
      "in this database reads other tables while it is loaded (a CHECK, a trigger, an extension's keys): restore it " +
      "with --jobs 1.",
  }),
});

export const toolKilled = defineFinding({
  code: "TOOL_KILLED",
  means: "unknown",
  says: ({ signal }: { signal: number }) => ({
    message: `The program that restores was ended by signal ${signal}.`,
    fix: `See who did it (the kernel does when memory runs out), ${again}.`,
  }),
  examples: [{ signal: 9 }],
});

export const serverCrashed = defineFinding({
  code: "SERVER_CRASHED",
  means: "unknown",
  says: ({ signal }: { signal: number }) => ({
    message: `A process of the throwaway cluster's server was ended by signal ${signal}${
      signal === 9 ? ", as the kernel does when memory runs out" : ""
    }.`,
    fix: `Give the machine more memory, or look for the crash in its logs, ${again}.`,
  }),
  examples: [{ signal: 9 }, { signal: 11 }],
});

export const serverReadOnly = defineFinding({
  code: "SERVER_READ_ONLY",
  means: "unknown",
  says: ({ said }: { said: string }) => ({
    message: `The server that is restored into takes no writes: ${said}.`,
    fix: `Name the primary, ${again}.`,
  }),
  examples: [{ said: "cannot execute CREATE TABLE in a read-only transaction" }],
});

export const serverStorageBroken = defineFinding({
  code: "SERVER_STORAGE_BROKEN",
  means: "unknown",
  says: ({ said }: { said: string }) => ({
    message: `The server that is restored into cannot read or write its own files: ${said}.`,
    fix: `Look at that machine's disk and its log, ${again}.`,
  }),
  examples: [{ said: "could not read block 1: Input/output error" }],
});

export const serverNotUnderstood = defineFinding({
  code: "SERVER_NOT_UNDERSTOOD",
  means: "unknown",
  says: () => ({
    message:
      "The restore met errors, and the server tells them in another language than English: nobody can sort them.",
    fix: "Let the role set the language (as a superuser: GRANT SET ON PARAMETER lc_messages TO …), or drill without " +
      "--into.",
  }),
});

export const targetRoleMayNot = defineFinding({
  code: "TARGET_ROLE_MAY_NOT",
  means: "unknown",
  says: ({ refusals }: { refusals: readonly string[] }) => ({
    message: `The role on the server that is restored into may not do all that the dump asks for: ${
      refusals.join("; ")
    }.`,
    fix: "Leave out --into (a throwaway cluster lets it), name a role that may, or leave such objects out of the dump.",
  }),
  examples: [{
    refusals: ["permission denied for schema pg_catalog", "must be superuser to create FOREIGN DATA WRAPPER"],
  }],
});
