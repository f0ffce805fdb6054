import { defineFinding, defineFindings } from "../../system/define_finding.ts";

/** How far recovery comes without what is missing. */
interface Reached {
  /** Where, in the WAL, if anywhere. */
  lsn?: string;
  /** The last commit before that, where one is known. */
  at?: string;
}
const reached: Reached = { lsn: "0/A3000000", at: "2026-01-02T03:04:05Z" };

/** The latest target that works, as the end of a sentence. */
function latest({ lsn, at }: Reached): string {
  if (lsn === undefined) return "No target works with this backup";
  return at === undefined
    ? `The latest target that works is --to-lsn ${lsn}`
    : `The latest target that works is --to-lsn ${lsn} (last commit ${at})`;
}

export const noProgramsOfMajor = defineFinding({
  code: "PHYSICAL_MAJOR_MISSING",
  means: "unknown",
  says: ({ major, found }: { major: number; found: string }) => ({
    message: `The backup is of PostgreSQL ${major}; the server programs here are ${found}.`,
    fix:
      `Files are read by their own major version only. Install the PostgreSQL ${major} server programs (Debian: apt ` +
      `install postgresql-${major}), or point --pg-bin at them.`,
  }),
  examples: [{ major: 17, found: "15.18" }],
});

export const controlFileUnreadable = defineFindings({
  code: "CONTROL_FILE_UNREADABLE",
  means: "fail",
  situations: {
    program: {
      says: ({ version, said }: { version: string; said: string }) => ({
        message: `pg_controldata ${version} cannot read the backup's global/pg_control.`,
        fix: "The file is missing or damaged, or the backup comes from another kind of machine. Take a new backup.",
        object: "global/pg_control",
        detail: said,
      }),
      examples: [{ version: "15.18", said: "pg_controldata: error: could not open file" }],
    },
    /** Known before anything is restored. */
    byteOrder: {
      says: ({ backup }: { backup: string }) => ({
        means: "unknown",
        message: `The backup ${backup} comes from a machine with another byte order: no server here can read it.`,
        fix: "Drill it on a machine of the same architecture as its source.",
        object: "global/pg_control",
      }),
      examples: [{ backup: "/backups/base" }],
    },
  },
});

export const physicalNeedsIsolation = defineFinding({
  code: "PHYSICAL_NEEDS_ISOLATION",
  means: "unknown",
  says: ({ lacks }: { lacks: readonly string[] }) => ({
    message:
      `This host gives no isolation (${lacks.join(", ")}), and the restored server could reach what the backup ` +
      "names: production's tablespaces, its archive, its publishers.",
    fix:
      "Run as root, or as an account that may make namespaces (bubblewrap, or unshare of util-linux; in a container " +
      "they may be forbidden).",
  }),
  examples: [{ lacks: ["files", "network"] }],
});

export const restoreCommandFailed = defineFinding({
  code: "RESTORE_COMMAND_FAILED",
  means: "unknown",
  says: ({ status, said }: { status: number; said: string }) => ({
    message: `The restore_command did not run: it ended with status ${status}.`,
    fix: "Check that its program is installed here, and that this account may run it.",
    detail: said,
  }),
  examples: [{ status: 127, said: "sh: 1: wal-g: not found" }],
});

export const physicalBackupDamaged = defineFindings({
  code: "PHYSICAL_BACKUP_DAMAGED",
  means: "fail",
  situations: {
    files: {
      says: ({ backup, count, first, said }: { backup: string; count: number; first: string; said: string }) => ({
        message: `The files of backup ${backup} do not match its backup_manifest: ${first}` +
          (count > 1 ? `, and ${count - 1} more.` : "."),
        fix: "Take a new backup, and find out what changed this one: its disk, or a bad copy.",
        object: first,
        detail: said,
      }),
      examples: [{
        backup: "/backups/base",
        count: 2,
        first: '"base/5/16384" is present in the manifest but not on disk',
        said: 'pg_verifybackup: error: "base/5/16384" is present in the manifest but not on disk',
      }],
    },
    unread: {
      says: ({ said }: { said: string }) => ({
        message: "pg_checksums could not read every file of the recovered cluster.",
        fix: "Take a new backup if a file in the detail has the wrong length. Otherwise check this host's disk, and " +
          "drill again.",
        detail: said,
      }),
      examples: [{ said: 'pg_checksums: error: could not read block 3 in file "base/5/16384": read 100 of 8192' }],
    },
    pages: {
      says: ({ count, first, said }: { count: number; first: string; said: string }) => ({
        message: `${count} ${count === 1 ? "page has" : "pages have"} a wrong checksum, the first in ${first}.`,
        fix: "Find out whether production has the same: run amcheck there. If not, take a new backup.",
        object: first,
        detail: said,
      }),
      examples: [{
        count: 1,
        first: "base/5/16384",
        said: 'pg_checksums: error: checksum verification failed in file "base/5/16384", block 0',
      }],
    },
  },
});

export const relationCorrupt = defineFinding({
  code: "RELATION_CORRUPT",
  means: "fail",
  says: ({ count, first, said }: { count: number; first: string; said: string }) => ({
    message: `${count} ${count === 1 ? "relation is" : "relations are"} corrupt, says amcheck; the first is ${first}.`,
    fix: "See whether production has the same (pg_amcheck). An index: REINDEX it there, then take a new backup.",
    object: first,
    detail: said,
  }),
  examples: [{
    count: 1,
    first: 'btree index "shop.public.orders_pkey"',
    said: 'heap tuple (0,1) from table "orders" lacks matching index tuple within index "orders_pkey"',
  }],
});

export const relationsNotChecked = defineFindings({
  code: "RELATIONS_NOT_CHECKED",
  means: "warning",
  situations: {
    extension: {
      says: () => ({
        message: "Tables and indexes were not checked: this host has no amcheck.",
        fix: "Install PostgreSQL's contrib modules here.",
      }),
    },
    otherwise: {
      says: ({ said }: { said: string }) => ({
        message: "pg_amcheck could not check every table and index.",
        fix: "Run pg_amcheck in production on the tables and indexes that the detail names.",
        detail: said,
      }),
      examples: [{ said: "ERROR:  canceling statement due to lock timeout" }],
    },
  },
});

export const targetTooEarly = defineFindings({
  code: "TARGET_TOO_EARLY",
  means: "fail",
  situations: {
    /** Known from the catalogue. */
    backup: {
      says: ({ target, backup, stop }: { target: string; backup: string; stop: string }) => ({
        message: `The oldest backup, ${backup}, ended at ${stop}, after ${target}: no backup here leads to it.`,
        fix: "Keep older backups, or name a later target.",
      }),
      examples: [{ target: "the LSN 0/2000000", backup: "/backups/base", stop: "0/3000100" }],
    },
    /** Known from the server. */
    server: {
      says: ({ target, backup }: { target: string; backup: string }) => ({
        message: `The backup ${backup} ended after ${target}: it cannot be recovered to a point before its end.`,
        fix: "Name an older backup with --set, or a later target.",
      }),
      examples: [{ target: "the time 2026-01-02T03:04:05Z", backup: "/backups/base" }],
    },
  },
});

export const targetNotReached = defineFindings({
  code: "TARGET_NOT_REACHED",
  means: "fail",
  situations: {
    otherwise: {
      says: ({ target, ...where }: Reached & { target: string }) => ({
        message: `The WAL ends before ${target}. ${latest(where)}.`,
        fix: "Check the target, and whether the newest WAL has been archived yet (pg_switch_wal archives it).",
      }),
      examples: [{ target: "the transaction 4711", ...reached }],
    },
    /** A time is reached only by a commit after it. */
    time: {
      says: ({ target, ...where }: Reached & { target: string }) => ({
        message: `No commit after ${target} is in the WAL, so recovery cannot know that it reached it. ${
          latest(where)
        }.`,
        fix:
          "On an idle database this is normal: use --to latest, or plant a commit (pgrehearse mark). Otherwise see " +
          "whether the newest WAL has been archived yet.",
      }),
      examples: [{ target: "the time 2026-01-02T03:04:05Z", ...reached }],
    },
  },
});

export const walMissing = defineFindings({
  code: "WAL_MISSING",
  means: "fail",
  situations: {
    /** Without it the backup is not consistent. */
    backup: {
      says: ({ backup, segment }: { backup: string; segment: string }) => ({
        message:
          `The WAL segment ${segment} is not in the archive. Without it the backup ${backup} cannot be made consistent.`,
        fix: "Look for the segment: on the primary (pg_wal), in copies of the archive. Without it, take a new backup.",
        object: segment,
      }),
      examples: [{ backup: "/backups/base", segment: "0000000100000000000000A3" }],
    },
    /** Known before anything is restored. */
    ahead: {
      says: ({ segment, before }: { segment: string; before: string }) => ({
        message:
          `The WAL segment ${segment} is not in the archive, and newer ones are. Targets before ${before} work, ` +
          "such as --to-time or --to-lsn of an earlier commit.",
        fix:
          "Look for the segment: on the primary (pg_wal), in copies of the archive. Take a new backup, and find out " +
          "why archive_command reported success for it.",
        object: segment,
      }),
      examples: [{ segment: "0000000100000000000000A3", before: "0/A3000000" }],
    },
    gap: {
      says: ({ segment, ...where }: Reached & { segment: string }) => ({
        message: `The WAL segment ${segment} is not in the archive, and newer ones are. ${latest(where)}.`,
        fix:
          "Look for the segment: on the primary (pg_wal), in copies of the archive. Take a new backup, and find out " +
          "why archive_command reported success for it.",
        object: segment,
      }),
      examples: [{ segment: "0000000100000000000000A3", ...reached }],
    },
  },
});

export const walUnusable = defineFindings({
  code: "WAL_UNUSABLE",
  means: "fail",
  situations: {
    content: {
      says: ({ segment, said, ...where }: Reached & { segment: string; said: string }) => ({
        message: `The WAL segment ${segment} is in the archive, but has the wrong content. ${latest(where)}.`,
        fix: "See the detail: it was cut short, overwritten, or is of another server that archives into the same " +
          "place. Look for a good copy; take a new backup.",
        object: segment,
        detail: said,
      }),
      examples: [{ segment: "0000000100000000000000A3", said: "unexpected pageaddr 0/A2000000", ...reached }],
    },
    unread: {
      says: ({ segment, said, ...where }: Reached & { segment: string; said: string }) => ({
        message: `The WAL segment ${segment} is in the archive, but cannot be copied or unpacked. ${latest(where)}.`,
        fix: "See the detail: it is damaged, or this account may not read it. Look for a good copy; take a new backup.",
        object: segment,
        detail: said,
      }),
      examples: [{ segment: "0000000100000000000000A3", said: "gzip: stdin: unexpected end of file", ...reached }],
    },
  },
});

export const timelineUnreachable = defineFindings({
  code: "TIMELINE_UNREACHABLE",
  means: "fail",
  situations: {
    history: {
      says: ({ file, timeline }: { file: string; timeline: number }) => ({
        message:
          `The archive holds WAL of timeline ${timeline}, and not its history, ${file}: recovery stays on an older one.`,
        fix:
          "Look for the history file: on the primary (pg_wal), in copies of the archive. It says where the timeline " +
          "branched off.",
        object: file,
      }),
      examples: [{ file: "00000002.history", timeline: 2 }],
    },
    dead: {
      says: ({ backup, timeline, newest }: { backup: string; timeline: number; newest: number }) => ({
        message: `The backup ${backup} is of timeline ${timeline}, which was left before the backup ended: timeline ` +
          `${newest} does not come from it.`,
        fix: "Use a backup of the newest timeline, or one that ended before the switch. Take a new one.",
      }),
      examples: [{ backup: "/backups/base", timeline: 1, newest: 2 }],
    },
  },
});

export const recoveryFailed = defineFindings({
  code: "RECOVERY_FAILED",
  means: "fail",
  situations: {
    ended: {
      says: ({ backup, reason, log }: { backup: string; reason: string; log: string }) => ({
        message: `The server ended while it recovered the backup ${backup}: ${reason}.`,
        fix: "Take a new backup now: production would not recover from this one either.",
        detail: log,
      }),
      examples: [{
        backup: "/backups/base",
        reason: "WAL contains references to invalid pages",
        log: "PANIC:  WAL contains references to invalid pages",
      }],
    },
    resourceManager: {
      says: ({ id, log }: { id: string; log: string }) => ({
        means: "unknown",
        message: `The WAL holds records of an extension (resource manager ${id}) that a drill does not load.`,
        fix: "Drill to a target before the first of them, or recover by hand where the extension is preloaded.",
        detail: log,
      }),
      examples: [{ id: "128", log: "FATAL:  resource manager with ID 128 not registered" }],
    },
    unready: {
      says: ({ log }: { log: string }) => ({
        means: "unknown",
        message: "Recovery finished, but the server does not accept queries: transactions with many subtransactions " +
          "were open when the backup was taken.",
        fix: "Name a later target, or take a backup at a quieter time.",
        detail: log,
      }),
      examples: [{ log: "LOG:  recovery snapshot waiting for non-overflowed snapshot" }],
    },
    sessions: {
      says: ({ backup, reason, log }: { backup: string; reason: string; log: string }) => ({
        message: `The backup ${backup} was recovered, but its server refuses every session: ${reason}.`,
        fix: "See the detail. Production would not come up from this backup either. Take a new one.",
        detail: log,
      }),
      examples: [{
        backup: "/backups/base",
        reason: 'relation mapping file "global/pg_filenode.map" contains incorrect checksum',
        log: 'FATAL:  relation mapping file "global/pg_filenode.map" contains incorrect checksum',
      }],
    },
    superuser: {
      says: ({ tried }: { tried: readonly string[] }) => ({
        means: "unknown",
        message: `None of the roles ${tried.join(", ")} can log in to the restored server as a superuser.`,
        fix: "Please report this: the roles are read from the cluster's own files.",
      }),
      examples: [{ tried: ["postgres"] }],
    },
    tablespace: {
      says: ({ path }: { path: string }) => ({
        means: "unknown",
        message: `The WAL creates a tablespace at ${path}, which a drill cannot give it.`,
        fix: "Take a new backup: then the tablespace is in it, and is put elsewhere.",
        object: path,
      }),
      examples: [{ path: "/usr/lib/pgdata" }],
    },
  },
});

export const indexOrderSuspect = defineFinding({
  code: "INDEX_ORDER_SUSPECT",
  means: "warning",
  says: ({ object, recorded, actual }: { object: string; recorded: string; actual: string }) => ({
    message: `The indexes of ${object} were sorted by version ${recorded} of its collation; this host has ${actual}.`,
    fix: "On this host, indexes on text may be in the wrong order. Restore where the C library or ICU is that of " +
      "production, or be ready to REINDEX. --verify full checks every index by this host's order.",
    object,
    expected: recorded,
    actual,
  }),
  examples: [{ object: "database shop", recorded: "2.31", actual: "2.36" }],
});

export const preparedTransactions = defineFinding({
  code: "PREPARED_TRANSACTIONS",
  means: "warning",
  says: ({ count, first }: { count: number; first: string }) => ({
    message: `${count} prepared ${count === 1 ? "transaction is" : "transactions are"} open at this point, the first ` +
      `${first}. Each keeps its locks until it is committed or rolled back.`,
    fix: "After a real recovery, ask the transaction manager which, then COMMIT PREPARED or ROLLBACK PREPARED.",
    object: first,
  }),
  examples: [{ count: 1, first: "transfer-4711" }],
});

export const unloggedTables = defineFinding({
  code: "UNLOGGED_TABLES",
  means: "warning",
  says: ({ database, count, first }: { database: string; count: number; first: string }) => ({
    message:
      `${count} unlogged ${count === 1 ? "table" : "tables"} of ${database} will be empty, the first ${first}: ` +
      "the WAL does not hold their rows.",
    fix: "If the rows count, make the tables logged (ALTER TABLE … SET LOGGED), or dump them.",
    object: first,
  }),
  examples: [{ database: "shop", count: 2, first: "public.sessions" }],
});

export const notVerifiable = defineFindings({
  code: "PHYSICAL_NOT_VERIFIABLE",
  means: "warning",
  situations: {
    manifest: {
      says: ({ backup }: { backup: string }) => ({
        message:
          `The backup ${backup} has no backup_manifest: a missing or changed file shows only where something reads it.`,
        fix: "Leave out --no-manifest when it is taken.",
      }),
      examples: [{ backup: "/backups/base" }],
    },
    checksums: {
      says: () => ({
        message: "The cluster has no page checksums: a changed page shows only where amcheck sees a contradiction.",
        fix: "Enable them (pg_checksums --enable, with the server stopped).",
      }),
    },
  },
});
