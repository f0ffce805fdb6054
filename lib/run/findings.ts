import { defineFinding, defineFindings } from "../system/define_finding.ts";

// What any run may say.

export const timeout = defineFinding({
  code: "TIMEOUT",
  means: "unknown",
  says: ({ reason }: { reason: string }) => ({ message: reason, fix: "Allow more time with --timeout." }),
  examples: [{ reason: "It took longer than 1 h." }],
});

export const interrupted = defineFinding({
  code: "INTERRUPTED",
  means: "unknown",
  says: ({ reason }: { reason: string }) => ({
    message: reason,
    fix: "Run it again. This run removed everything that it had made.",
  }),
  examples: [{ reason: "Interrupted by SIGTERM." }],
});

export const internalError = defineFinding({
  code: "INTERNAL_ERROR",
  means: "unknown",
  says: ({ reason, stack }: { reason: string; stack?: string }) => ({
    message: `Internal error in pgrehearse: ${reason}`,
    fix: "Please report it, with the output of the same command under --debug.",
    detail: stack,
  }),
  examples: [{ reason: "a value is not what it must be." }],
});

// What this host, or a server, runs into. It says nothing about a backup.

export const again = "then run it again. This says nothing about the backup";

export const hostOutOfResources = defineFindings({
  code: "HOST_OUT_OF_RESOURCES",
  means: "unknown",
  situations: {
    restoring: {
      says: ({ said }: { said: string }) => ({
        message: `pg_restore ran out of a resource of this machine: ${said}.`,
        fix: `Free that resource, ${again}.`,
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
    fix: "Choose another place, or let this account read and write there.",
  }),
  examples: [{ path: "/var/lib/pgrehearse/evidence.jsonl", reason: "permission denied" }],
});
