import { defineFinding, defineFindings } from "../../system/define_finding.ts";

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
