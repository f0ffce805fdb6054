import { defineFinding, defineFindings } from "../../system/define_finding.ts";

// What this host, or a server, runs into. It says nothing about a backup.

const again = "then run it again: this says nothing about the backup";

export const hostOutOfResources = defineFindings({
  code: "HOST_OUT_OF_RESOURCES",
  means: "unknown",
  situations: {
    restoring: {
      says: ({ said }: { said: string }) => ({
        message: `pg_restore ran out of what this machine has: ${said}.`,
        fix: `Free what it lacks, ${again}.`,
      }),
      examples: [{ said: "could not open file: Too many open files" }],
    },
    refused: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `This host refused ${path}: ${reason}.`,
        fix: "Give it more memory, processes or open files (ulimit), then run it again.",
      }),
      examples: [{ path: "/var/lib/pgrehearse/evidence.jsonl", reason: "too many open files" }],
    },
  },
});

export const fileForbidden = defineFinding({
  code: "FILE_FORBIDDEN",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `This host refused ${path}: ${reason}.`,
    fix: "Name another place, or let this user read and write there.",
  }),
  examples: [{ path: "/var/lib/pgrehearse/evidence.jsonl", reason: "permission denied" }],
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
