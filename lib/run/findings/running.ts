import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";

// What any run may say.

export const timeout = defineFinding({
  code: "TIMEOUT",
  means: "unknown",
  says: ({ reason }: { reason: string }) => ({ message: reason, fix: "Allow more with --timeout." }),
  examples: [{ reason: "It took longer than 3600 s." }],
});

export const interrupted = defineFinding({
  code: "INTERRUPTED",
  means: "unknown",
  says: ({ reason }: { reason: string }) => ({
    message: reason,
    fix: "Run it again; everything this run had made is removed.",
  }),
  examples: [{ reason: "Interrupted by SIGTERM." }],
});

export const internalError = defineFinding({
  code: "INTERNAL_ERROR",
  means: "unknown",
  says: ({ reason, stack }: { reason: string; stack?: string }) => ({
    message: `pgrehearse made a mistake: ${reason}`,
    fix: "Please report it, with the output of the same command under --debug.",
    detail: stack,
  }),
  examples: [{ reason: "a value is not what it must be." }],
});

export const isolationMissing = defineFinding({
  code: "ISOLATION_MISSING",
  means: "unknown",
  says: ({ lacks }: { lacks: readonly string[] }) => ({
    message: `This host gives no isolation (${
      lacks.join(", ")
    }), and no trusted key signed the backup: what is in it could run here.`,
    fix:
      "Run as root or as an account that may make namespaces (bubblewrap, or unshare of util-linux; in a container " +
      "they may be forbidden). If you trust everybody who can write this dump, say --trust-dump.",
  }),
  examples: [{ lacks: ["files", "network"] }],
});

export const isolationIncomplete = defineFindings({
  code: "ISOLATION_INCOMPLETE",
  means: "warning",
  situations: {
    sharedAccount: {
      says: () => ({
        message: "What is restored runs as the account of the host's database servers, though none is in its reach.",
        fix: "Run drills as root or as an account of their own.",
      }),
    },
    lacking: {
      says: ({ lacks }: { lacks: readonly string[] }) => ({
        message: `What is restored is not kept from this host: ${lacks.join(", ")}.`,
        fix: "Run as root or as an account that may make namespaces: with bubblewrap, or unshare of util-linux.",
      }),
      examples: [{ lacks: ["files", "network"] }],
    },
  },
});

export const rowSecurityEnabled = defineFinding({
  code: "ROW_SECURITY_ENABLED",
  means: "warning",
  says: () => ({
    message: "This backup was made with --enable-row-security: rows that its role may not see are NOT in it.",
    fix: "Back up as a superuser or a role with BYPASSRLS to have all rows.",
  }),
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

export const restoredInOneSession = defineNote({
  code: "RESTORED_IN_ONE_SESSION",
  says: () => ({
    message:
      "With several jobs the restore failed, as they load tables in any order; with one job it is whole. Something " +
      "in this database reads other tables while it is loaded (a CHECK, a trigger, an extension's keys): restore it " +
      "with --jobs 1.",
  }),
});
