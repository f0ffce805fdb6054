import { defineFinding, defineFindings, defineNote } from "../system/define_finding.ts";

export const privilegesLeftOut = defineNote({
  code: "PRIVILEGES_LEFT_OUT",
  says: ({ role, missing }: { role: string; missing: string[] }) => ({
    message: "Owners and grants were neither restored nor compared: " +
      (missing.length > 0
        ? `the server that --into names has no ${missing.length === 1 ? "role" : "roles"} ` +
          missing.slice(0, 10).join(", ") + (missing.length > 10 ? ` and ${missing.length - 10} more` : "")
        : `${role} is not a superuser of the server that --into names`) +
      ". A throwaway cluster, without --into, has them.",
  }),
  examples: [{ role: "drill", missing: [] }, { role: "postgres", missing: ["seller", "reader"] }],
});

export const preloadLeftOut = defineNote({
  code: "PRELOAD_LEFT_OUT",
  says: ({ libraries }: { libraries: readonly string[] }) => ({
    message: `The source's server preloads ${libraries.join(", ")}, which this host lacks or cannot start with.`,
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
      `${role} is a superuser of the server that --into names, and code in the backup would run with its rights.`,
    fix:
      "Name a role that has CREATEDB and is no superuser, or leave out --into: a throwaway cluster is isolated. If you " +
      "trust everybody who could put code into this database, say --trust-dump.",
  }),
  examples: [{ role: "drill_admin" }],
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

// What a dump needs, and the server that it is restored into has not.

const again = "then run the drill again";

/** What is lacking, by name. */
interface Lacking {
  /** One, or several with commas between. */
  names: string;
}

function lacking(what: string, { names }: Lacking, fix: string) {
  return { message: `The server that is restored into lacks the ${what} ${names}.`, fix, object: names };
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
    message: `The server that is restored into has the extension ${names}, and could not create it.`,
    fix:
      "See the detail for why; it may have to be preloaded (shared_preload_libraries), or go into one database only. " +
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
    /** Of somebody else's dump: it restores without. */
    ofDump: {
      means: "warning",
      says: ({ collation }: { collation: string }) => ({
        message: `This host lacks the collation ${collation}: the database sorts by code points instead.`,
        fix:
          "Install the locale (locale-gen), or drill on a server that has it, to see the same order and the same indexes.",
      }),
      examples: [{ collation: "de_CH.UTF-8" }],
    },
    ofManifest: {
      says: ({ collation }: { collation: string }) => ({
        message:
          `This server lacks the collation ${collation}, by which the database compares and sorts: nothing was restored.`,
        fix:
          "Install the locale (Debian: the package locales, or locale-gen; ICU: a server built with it), or drill with " +
          "--into on a server that has it.",
      }),
      examples: [{ collation: "de_CH.UTF-8" }],
    },
    beside: {
      means: "warning",
      says: ({ collation }: { collation: string }) => ({
        message: `The server lacks the collation ${collation}: text sorts by bytes instead.`,
        fix: "Install the locale there and restore again, to have the same order and the same indexes.",
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
    lacking("library", facts, `Install the package it comes with, for this PostgreSQL version, ${again}.`),
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
      `Copy it from the source's server into the directory it names, ${again}.`,
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
      `Install the extension that it comes with, ${again}; or dump with --no-table-access-method.`,
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
      "Restore it into PostgreSQL 11 or older, drop the OIDs there, and dump it again.",
    ),
  examples: [{ names: "tables declared WITH OIDS" }],
});
