import { defineFinding, defineNote } from "../system/define_finding.ts";
import { again } from "../run/findings.ts";
import { counted } from "../system/quantities.ts";

export const programMissing = defineFinding({
  code: "PROGRAM_MISSING",
  means: "unknown",
  says: ({ program, file }: { program: string; file: string }) => ({
    message: `Unpacking ${file} needs ${program}, which is not installed.`,
    fix: `Install ${program}, or unpack the dump yourself.`,
  }),
  examples: [{ program: "unzip", file: "shop.zip" }],
});

export const dumpHasMessages = defineFinding({
  code: "DUMP_HAS_MESSAGES",
  means: "warning",
  says: ({ file, said }: { file: string; said: string }) => ({
    message: `${file} contains messages of pg_dump between its statements: ${said.replace(/\.?$/, ".")}`,
    fix: "Keep stderr out of the file (no 2>&1). psql takes such a line for SQL and loses the statement behind it.",
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
      "The restore failed with several jobs, and was whole with one job. Several jobs load tables in any order, and " +
      "something in this database reads other tables during the load (a CHECK, a trigger, an extension's keys). " +
      "Restore this backup with --jobs 1.",
  }),
});

export const toolKilled = defineFinding({
  code: "TOOL_KILLED",
  means: "unknown",
  says: ({ signal }: { signal: number }) => ({
    message: `Signal ${signal} ended the program that restores.`,
    fix: `Find out what sent it (the kernel does when memory runs out), ${again}.`,
  }),
  examples: [{ signal: 9 }],
});

export const serverCrashed = defineFinding({
  code: "SERVER_CRASHED",
  means: "unknown",
  says: ({ signal }: { signal: number }) => ({
    message: `Signal ${signal} ended a process of the throwaway cluster's server${
      signal === 9 ? "; the kernel sends it when memory runs out" : ""
    }.`,
    fix: `Give the machine more memory, or look for the crash in its logs, ${again}.`,
  }),
  examples: [{ signal: 9 }, { signal: 11 }],
});

export const serverReadOnly = defineFinding({
  code: "SERVER_READ_ONLY",
  means: "unknown",
  says: ({ said }: { said: string }) => ({
    message: `The target server does not accept writes: ${said}.`,
    fix: `Name the primary server, ${again}.`,
  }),
  examples: [{ said: "cannot execute CREATE TABLE in a read-only transaction" }],
});

export const serverStorageBroken = defineFinding({
  code: "SERVER_STORAGE_BROKEN",
  means: "unknown",
  says: ({ said }: { said: string }) => ({
    message: `The target server cannot read or write its own files: ${said}.`,
    fix: `Check that machine's disk and its log, ${again}.`,
  }),
  examples: [{ said: "could not read block 1: Input/output error" }],
});

export const serverNotUnderstood = defineFinding({
  code: "SERVER_NOT_UNDERSTOOD",
  means: "unknown",
  says: () => ({
    message:
      "The restore had errors, but the server's messages are not in English, so pgrehearse cannot tell what they mean.",
    fix: "Let the role set the language (as a superuser: GRANT SET ON PARAMETER lc_messages TO …), or drill without " +
      "--into.",
  }),
});

export const targetRoleMayNot = defineFinding({
  code: "TARGET_ROLE_MAY_NOT",
  means: "unknown",
  says: ({ refusals }: { refusals: readonly string[] }) => ({
    message: `The role on the target server may not do everything that the dump asks for: ${refusals.join("; ")}.`,
    fix:
      "Leave out --into (a throwaway cluster allows it), use a role that may do it, or leave these objects out of the dump.",
  }),
  examples: [{
    refusals: ["permission denied for schema pg_catalog", "must be superuser to create FOREIGN DATA WRAPPER"],
  }],
});

interface DumpOfServer {
  file: string;
  databases: readonly string[];
  roles: number;
  /** They are not made. */
  tablespaces: readonly string[];
}

export const dumpOfServer = defineNote({
  code: "DUMP_OF_SERVER",
  says: ({ file, databases, roles, tablespaces }: DumpOfServer) => ({
    message: `${file} is a dump of a whole server (pg_dumpall), with ${counted(roles, "role")} and the databases ` +
      `${databases.join(", ")}. The roles were made without passwords: no role can log in, and none is a superuser.` +
      (tablespaces.length > 0 ? ` Tablespaces were not made: ${tablespaces.join(", ")}.` : ""),
  }),
  examples: [{ file: "all.sql", databases: ["shop", "crm"], roles: 12, tablespaces: ["fast"] }],
});
