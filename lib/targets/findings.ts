import { defineFinding, defineFindings, defineNote } from "../system/define_finding.ts";

export const privilegesLeftOut = defineNote({
  code: "PRIVILEGES_LEFT_OUT",
  says: ({ role, missing }: { role: string; missing: string[] }) => ({
    message: "Owners and grants were not restored or compared: " +
      (missing.length > 0
        ? `the server that --into names has no ${missing.length === 1 ? "role" : "roles"} ` +
          missing.slice(0, 10).join(", ") + (missing.length > 10 ? ` and ${missing.length - 10} more` : "")
        : `${role} is not a superuser of the server that --into names`) +
      ". Without --into, in a throwaway cluster, they would be.",
  }),
  examples: [{ role: "drill", missing: [] }, { role: "postgres", missing: ["seller", "reader"] }],
});

export const preloadLeftOut = defineNote({
  code: "PRELOAD_LEFT_OUT",
  says: ({ libraries }: { libraries: readonly string[] }) => ({
    message: `The source server preloads ${
      libraries.join(", ")
    }; this host does not have it or cannot start a server with it.`,
  }),
  examples: [{ libraries: ["pg_stat_statements", "timescaledb"] }],
});

export const keptRunning = defineNote({
  code: "KEPT_RUNNING",
  says: ({ reach, removal }: {
    /** The command that reaches it. */
    reach: string;
    /** The command that removes it. */
    removal: string;
  }) => ({ message: `To reach the restored database: ${reach}\nTo remove it: ${removal}` }),
  examples: [{
    reach: "psql -h /tmp/pgrehearse-0c5f24d1/socket -d restored",
    removal: "psql -h db1 -d postgres -c 'DROP DATABASE kept_0c5f24d1'.",
  }],
});

export const intoSuperuser = defineFinding({
  code: "INTO_SUPERUSER",
  means: "unknown",
  says: ({ role }: { role: string }) => ({
    message:
      `${role} is a superuser on the server that --into names, so code in the backup would run with superuser rights.`,
    fix:
      "Name a role with CREATEDB and without superuser rights, or leave out --into: a throwaway cluster is isolated. If " +
      "you trust everyone who could put code into this database, use --trust-dump.",
  }),
  examples: [{ role: "drill_admin" }],
});

export const isolationMissing = defineFinding({
  code: "ISOLATION_MISSING",
  means: "unknown",
  says: ({ lacks }: { lacks: readonly string[] }) => ({
    message: `This host cannot isolate a restore (not isolated: ${
      lacks.join(", ")
    }), and no trusted key signed the backup. Code in the backup could run here, so nothing was restored.`,
    fix: "Run as root, or as an account that can create namespaces (with bubblewrap, or unshare of util-linux; a " +
      "container may forbid it). If you trust everyone who can write this dump, use --trust-dump.",
  }),
  examples: [{ lacks: ["files", "network"] }],
});

export const isolationIncomplete = defineFindings({
  code: "ISOLATION_INCOMPLETE",
  means: "warning",
  situations: {
    sharedAccount: {
      says: () => ({
        message: "The restored copy runs as the account of this host's database servers, but cannot reach them.",
        fix: "Run drills as root or as a separate account.",
      }),
    },
    lacking: {
      says: ({ lacks }: { lacks: readonly string[] }) => ({
        message: `The restored copy is not fully isolated from this host. Not isolated: ${lacks.join(", ")}.`,
        fix: "Run as root, or as an account that can create namespaces (with bubblewrap, or unshare of util-linux).",
      }),
      examples: [{ lacks: ["files", "network"] }],
    },
  },
});

// What a dump needs, and the server that it is restored into has not.

const again = "then run the drill again";

/** What is lacking, by name. */
interface Lacking {
  /** One, or several with commas between. */
  names: string;
}

function lacking(what: string, { names }: Lacking, fix: string) {
  return { message: `The target server has no ${what} ${names}.`, fix, object: names };
}

export const extensionUnavailable = defineFinding({
  code: "EXTENSION_UNAVAILABLE",
  means: "unknown",
  says: (facts: Lacking) => lacking("extension", facts, `Install its package for this PostgreSQL version, ${again}.`),
  examples: [{ names: "postgis" }],
});

/** It is there, and could not be made. */
export const extensionNotCreated = defineFinding({
  code: "EXTENSION_NOT_CREATED",
  means: "unknown",
  says: ({ names }: Lacking) => ({
    message: `The target server has the extension ${names}, but could not create it.`,
    fix:
      "The detail says why. Perhaps it must be preloaded (shared_preload_libraries), or can exist in one database only. " +
      "Drill without --into, or with --into on a server that can.",
    object: names,
  }),
  examples: [{ names: "pg_cron" }],
});

export const tablespaceMissing = defineFinding({
  code: "TABLESPACE_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "tablespace",
      facts,
      "Create it on a server named with --into, or dump with --no-tablespaces or in custom format.",
    ),
  examples: [{ names: "fast_disks" }],
});

export const collationUnavailable = defineFindings({
  code: "COLLATION_UNAVAILABLE",
  means: "unknown",
  situations: {
    /** Of a dump without a manifest: it restores without. */
    ofDump: {
      means: "warning",
      says: ({ collation }: { collation: string }) => ({
        message: `This host has no collation ${collation}, so the database sorts by code points instead.`,
        fix: "Install the locale (locale-gen), or drill on a server that has it. Then order and indexes are the same.",
      }),
      examples: [{ collation: "de_CH.UTF-8" }],
    },
    ofManifest: {
      says: ({ collation }: { collation: string }) => ({
        message:
          `This server has no collation ${collation}, by which the database compares and sorts. Nothing was restored.`,
        fix:
          "Install the locale (Debian: the package locales, or locale-gen; ICU: a server built with it), or drill with " +
          "--into on a server that has it.",
      }),
      examples: [{ collation: "de_CH.UTF-8" }],
    },
    beside: {
      means: "warning",
      says: ({ collation }: { collation: string }) => ({
        message: `The server has no collation ${collation}, so text sorts by bytes instead.`,
        fix: "Install the locale there and restore again. Then order and indexes are the same.",
      }),
      examples: [{ collation: "de_CH.UTF-8" }],
    },
    restoring: {
      says: (facts: Lacking) =>
        lacking("collation", facts, `Install the locale (locale-gen, or a server built with ICU), ${again}.`),
      examples: [{ names: "de-CH-x-icu" }],
    },
  },
});

export const libraryMissing = defineFinding({
  code: "LIBRARY_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking("library", facts, `Install the package that contains it, for this PostgreSQL version, ${again}.`),
  examples: [{ names: "$libdir/unit" }],
});

export const preloadMissing = defineFinding({
  code: "PRELOAD_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "preloaded library",
      facts,
      `Install its package and add it to shared_preload_libraries of a server named with --into, ${again}.`,
    ),
  examples: [{ names: "timescaledb" }],
});

export const textSearchFileMissing = defineFinding({
  code: "TEXT_SEARCH_FILE_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "text search file",
      facts,
      `Copy it from the source server to the same directory, ${again}.`,
    ),
  examples: [{ names: "/usr/share/postgresql/15/tsearch_data/shop.stop" }],
});

export const labelProviderMissing = defineFinding({
  code: "LABEL_PROVIDER_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "security label provider",
      facts,
      "Drill with --into on a server whose shared_preload_libraries has it, or dump with --no-security-labels.",
    ),
  examples: [{ names: "anon" }],
});

export const accessMethodMissing = defineFinding({
  code: "ACCESS_METHOD_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "access method",
      facts,
      `Install the extension that provides it, ${again}. Or dump with --no-table-access-method.`,
    ),
  examples: [{ names: "columnar" }],
});

export const languageMissing = defineFinding({
  code: "LANGUAGE_MISSING",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "language",
      facts,
      `Install the package of that procedural language for this PostgreSQL version, ${again}.`,
    ),
  examples: [{ names: "plpython3u" }],
});

export const oidsUnsupported = defineFinding({
  code: "OIDS_UNSUPPORTED",
  means: "unknown",
  says: (facts: Lacking) =>
    lacking(
      "support for",
      facts,
      "Restore the dump into PostgreSQL 11 or older, remove the OIDs there, and dump it again.",
    ),
  examples: [{ names: "tables declared WITH OIDS" }],
});
