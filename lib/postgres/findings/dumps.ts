import { defineFinding, defineFindings } from "../../system/define_finding.ts";

export const dumpIsPhysical = defineFinding({
  code: "DUMP_IS_PHYSICAL",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} holds a copy of a server's files, not a dump.`,
    fix:
      "pgrehearse drills dumps that pg_dump made. Start a server on a copy of these files, dump it, and drill that dump.",
  }),
  examples: [{ path: "/backups/base" }],
});

export const dumpEmpty = defineFinding({
  code: "DUMP_EMPTY",
  means: "fail",
  says: ({ path }: { path: string }) => ({
    message: `${path} is empty.`,
    fix: "Use another backup, and find out why this one was not written (a full disk, a failed pipe).",
  }),
  examples: [{ path: "shop.dump" }],
});

export const dumpPacked = defineFindings({
  code: "DUMP_PACKED",
  means: "unknown",
  situations: {
    unknownly: {
      says: ({ path, packing }: { path: string; packing: string }) => ({
        message: `${path} is ${packing}, which pgrehearse cannot unpack.`,
        fix: "Unpack it, and drill the result.",
      }),
      examples: [{ path: "shop.dump.7z", packing: "a 7z archive" }],
    },
    tooOften: {
      says: ({ path, layers }: { path: string; layers: number }) => ({
        message: `${path} is packed in more than ${layers} layers.`,
        fix: "Unpack it, and drill the result.",
      }),
      examples: [{ path: "shop.dump.gz", layers: 3 }],
    },
  },
});

/** What can be mistaken for a dump. */
export type NoDump =
  | "a directory without toc.dat"
  | "a web page"
  | "JSON"
  | "an error message"
  | "another binary file"
  | "cut short";

const whyNoDump: Record<NoDump, string> = {
  "a directory without toc.dat": "the directory holds no toc.dat",
  "a web page": "it is a web page, perhaps an error message",
  "JSON": "it is JSON, perhaps an error message",
  "an error message": "it is a program's error message",
  "another binary file": "it is some other binary file",
  "cut short": "it is cut short",
};

export const notADump = defineFindings({
  code: "NOT_A_DUMP",
  means: "fail",
  situations: {
    atAll: {
      says: ({ path, is, object }: {
        path: string;
        is: NoDump;
        /** The file, where several are checked. */
        object?: string;
      }) => ({
        message: `${path} is not a dump: ${whyNoDump[is]}.`,
        fix: "Name the file that pg_dump wrote, or use another backup.",
        object,
      }),
      examples: [{ path: "shop.dump", is: "a web page" }, { path: "shop.dump", is: "cut short" }],
    },
    anotherFormat: {
      says: ({ path, format, expected }: { path: string; format: string; expected: string }) => ({
        message: `${path} does not match its manifest: its format is ${format}, not ${expected}.`,
        fix: "Fetch the dump that belongs to this manifest, or use another backup.",
        object: path,
      }),
      examples: [{ path: "shop.dump", format: "plain", expected: "custom" }],
    },
  },
});

export const dumpReadsElsewhere = defineFindings({
  code: "DUMP_READS_ELSEWHERE",
  means: "unknown",
  situations: {
    rows: {
      says: ({ directory, file }: { directory: string; file: string }) => ({
        message: `${directory} refers to ${JSON.stringify(file)}, outside of it, for its rows. Nothing was read.`,
        fix: readsElsewhereFix,
      }),
      examples: [{ directory: "/backups/shop", file: "/etc/passwd" }],
    },
    notAFile: {
      says: ({ path, what }: { path: string; what: string }) => ({
        message: `${path} is ${what}, not a file. Nothing was read.`,
        fix: readsElsewhereFix,
      }),
      examples: [{ path: "/backups/shop/2811.dat.gz", what: "a link" }],
    },
    packedList: {
      says: ({ path }: { path: string }) => ({
        message: `${path} is a packed table of contents, which pg_dump never writes. Nothing was read.`,
        fix: readsElsewhereFix,
      }),
      examples: [{ path: "/backups/shop/blobs.toc.gz" }],
    },
  },
});
const readsElsewhereFix =
  "pg_dump never writes this. Find out who changed the dump. If it was only moved, copy the files themselves.";

export const dumpTooNew = defineFindings({
  code: "DUMP_TOO_NEW",
  means: "unknown",
  situations: {
    archive: {
      says: ({ path, archiveVersion, pgRestore, version, said }: {
        path: string;
        archiveVersion: string;
        pgRestore: string;
        version: string;
        said: string;
      }) => ({
        message: `A newer pg_dump wrote ${path} (archive version ${archiveVersion}).`,
        fix: `Restore it with the programs of that version (--pg-bin); ${pgRestore} is ${version}.`,
        detail: said,
      }),
      examples: [{
        path: "shop.dump",
        archiveVersion: "1.16",
        pgRestore: "/usr/lib/postgresql/15/bin/pg_restore",
        version: "15.18",
        said: "pg_restore: error: unsupported version (1.16) in file header",
      }],
    },
    sql: {
      says: ({ path, dumpMajor, major, said }: { path: string; dumpMajor: number; major: number; said?: string }) => ({
        message: `pg_dump ${dumpMajor} wrote ${path}, which does not restore on PostgreSQL ${major}.`,
        fix: `Drill it with PostgreSQL ${dumpMajor} or newer (--pg-bin).`,
        detail: said,
      }),
      examples: [{ path: "shop.sql", dumpMajor: 17, major: 15 }],
    },
  },
});

export const dumpWithoutDefinitions = defineFinding({
  code: "DUMP_WITHOUT_DEFINITIONS",
  means: "unknown",
  says: ({ path, what }: { path: string; what: string }) => ({
    message: `${path} holds ${what}, but not the tables that they belong to.`,
    fix: "Dump without that option, or restore it by hand after the part that creates the tables.",
  }),
  examples: [
    { path: "shop.sql", what: "rows (pg_dump --data-only)" },
    { path: "shop.sql", what: "indexes and constraints (pg_dump --section=post-data)" },
  ],
});

const again = "then make a new backup";

/** What is wrong in the database that was dumped, so that no dump of it restores before it is corrected there. */
const atSource = {
  duplicates:
    `At the source, find the duplicates and remove them. Their unique index is damaged (see amcheck), so REINDEX it, ${again}.`,
  missing_keys:
    `At the source, find and correct the rows whose key refers to a missing row, or drop the constraint, ${again}.`,
  constraints:
    "At the source, find and correct the rows that break the constraint. A CHECK must not read other tables, and its " +
    `result must not change: otherwise make it a trigger, ${again}.`,
  search_path:
    "At the source, change the function named in the detail: write schemas before the names in it, or give it " +
    `a search_path (ALTER FUNCTION … SET search_path = …). A restore runs with an empty search_path. Fix it, ${again}.`,
  extension_members:
    "At the source, check whether this object belonged to an extension and was taken out of it (ALTER EXTENSION … " +
    `DROP). Add it again (ALTER EXTENSION … ADD), or drop it, ${again}.`,
};

/** What the backup itself warned of. */
interface BackupWarning {
  code: string;
  fix: string;
}

/** Why a dump does not restore: what is wrong at the source, or a warning of the backup. */
export type RestoreFault =
  | { atSource: keyof typeof atSource }
  | { part: BackupWarning }
  | { warnings: readonly BackupWarning[] };

function fixOf(fault: RestoreFault): string {
  if ("atSource" in fault) return atSource[fault.atSource];
  if ("part" in fault) {
    const { code, fix } = fault.part;
    return `The backup holds a part that does not restore alone (${code}). ${fix} Another backup of the same part will ` +
      "fail too.";
  }
  const told = fault.warnings.map(({ code, fix }) => `${code}: ${fix}`).join(" ");
  return `The backup warned about the probable cause. ${told} Then make a new backup: without that it fails as this one ` +
    "does.";
}

export const restoreFailed = defineFindings({
  code: "RESTORE_FAILED",
  means: "fail",
  situations: {
    /** At its first error. */
    stopped: {
      says: ({ reason, said }: { reason: string; said: string }) => ({
        message: `The dump does not restore: ${reason}.`,
        fix: "The detail has all messages of pg_restore. Make a new dump, and keep this one for the investigation.",
        detail: said,
      }),
      examples: [{ reason: 'relation "public.orders" does not exist', said: "pg_restore: error: …" }],
    },
    withErrors: {
      says: ({ said, fault }: { said: string; fault?: RestoreFault }) => ({
        message: "The dump does not restore without errors.",
        fix: fault
          ? fixOf(fault)
          : "The detail has all messages. Make a new backup, and keep this one for the investigation.",
        detail: said,
      }),
      examples: [
        { said: "pg_restore: error: …" },
        ...Object.keys(atSource).map((fault) => ({
          said: "pg_restore: error: …",
          fault: { atSource: fault as keyof typeof atSource },
        })),
      ],
    },
  },
});

export const dumpFailed = defineFinding({
  code: "DUMP_FAILED",
  means: "unknown",
  says: ({ reason, said }: { reason: string; said?: string }) => ({
    message: `pg_dump failed: ${reason}.`,
    fix: "The detail has all messages of pg_dump. Nothing of this backup was kept.",
    detail: said,
  }),
  examples: [{ reason: "server closed the connection unexpectedly" }],
});

/** A pattern for names, as the user wrote it. */
type NoPattern =
  | "no regular expression"
  | "too many parts"
  | "more than a schema and a name"
  | "a schema in a schema"
  | "a schema before a database"
  | "an empty name"
  | "a single quotation mark";

const whyNoPattern: Record<NoPattern, string> = {
  "no regular expression": "it is not a regular expression",
  "too many parts": "it has too many parts",
  "more than a schema and a name": "it has more than a schema and a name",
  "a schema in a schema": "a schema cannot be inside another schema",
  "a schema before a database": "a database cannot be inside a schema; a dot in its name needs double quotes",
  "an empty name": "a name is empty",
  "a single quotation mark": "a quotation mark is not closed",
};

export const patternInvalid = defineFinding({
  code: "PATTERN_INVALID",
  means: "unknown",
  says: ({ pattern, has }: { pattern: string; has: NoPattern }) => ({
    message: `${pattern} is not a pattern for names: ${whyNoPattern[has]}.`,
    fix: "Write it as pg_dump takes it: orders, billing.orders, billing.*, or '\"Orders\"' with its quotation marks.",
  }),
  examples: [{ pattern: 'billing."Orders', has: "a single quotation mark" }],
});

export const nothingMatches = defineFinding({
  code: "NOTHING_MATCHES",
  means: "unknown",
  says: ({ option, pattern, nearest }: { option: string; pattern: string; nearest?: string }) => ({
    message: `No ${option} matches ${pattern}, so nothing was backed up.`,
    fix: (nearest ? `Did you mean ${nearest}? ` : "") +
      "Names with capital letters need double quotes. A name without a schema is found only in the database's search_path.",
  }),
  examples: [{ option: "table", pattern: "oders", nearest: "orders" }],
});
