import { defineFinding, defineFindings } from "../../system/define_finding.ts";

export const physicalSourceUnusable = defineFindings({
  code: "PHYSICAL_SOURCE_UNUSABLE",
  means: "unknown",
  situations: {
    unreadable: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot read ${path}: ${reason}.`,
        fix: "Check the path and its permissions.",
      }),
      examples: [{ path: "/backups/base", reason: "permission denied" }],
    },
    empty: {
      says: ({ path }: { path: string }) => ({
        message: `${path} holds no backup of pg_basebackup.`,
        fix: "Name the directory that pg_basebackup wrote, as files or as base.tar, or the one that holds several.",
      }),
      examples: [{ path: "/backups" }],
    },
    noVersion: {
      says: ({ backup }: { backup: string }) => ({
        message: `The backup ${backup} has no PG_VERSION: it is not a whole cluster.`,
        fix: "Take a new backup.",
        means: "fail",
      }),
      examples: [{ backup: "/backups/base" }],
    },
    noSet: {
      says: ({ path, set, known }: { path: string; set: string; known: readonly string[] }) => ({
        message: `${path} has no backup ${set}.`,
        fix: `It has ${known.join(", ") || "none"}.`,
      }),
      examples: [{ path: "pgbackrest:main", set: "20260102-030405F", known: ["20260103-030405F"] }],
    },
  },
});

export const archiveUnreadable = defineFinding({
  code: "WAL_ARCHIVE_UNREADABLE",
  means: "unknown",
  says: ({ directory, reason }: { directory: string; reason: string }) => ({
    message: `Cannot read the WAL archive ${directory}: ${reason}.`,
    fix: "Check --wal-archive, and that this account may read it.",
  }),
  examples: [{ directory: "/backups/wal", reason: "permission denied" }],
});

export const physicalBackupIncomplete = defineFindings({
  code: "PHYSICAL_BACKUP_INCOMPLETE",
  means: "fail",
  situations: {
    label: {
      says: ({ backup }: { backup: string }) => ({
        message: `The backup ${backup} has no backup_label: Postgres cannot know where its recovery begins.`,
        fix: "Take a new backup. Do not start this one: without the label it starts, and is corrupt.",
        object: "backup_label",
      }),
      examples: [{ backup: "/backups/base" }],
    },
    tablespace: {
      says: ({ backup, tablespace, path }: { backup: string; tablespace: string; path: string }) => ({
        message: `The backup ${backup} lacks the files of tablespace ${tablespace}: ${path} is not there.`,
        fix: "Copy the tablespaces of a backup together with it, and keep their paths. Take a new backup.",
        object: path,
      }),
      examples: [{ backup: "/backups/base", tablespace: "16400", path: "/backups/base_ts" }],
    },
    commitLog: {
      says: ({ backup, file }: { backup: string; file: string }) => ({
        message:
          `The backup ${backup} lacks ${file}, or a part of it: which transactions were committed. Rows would be missing.`,
        fix: "Take a new backup, and find out what left the file out.",
        object: file,
      }),
      examples: [{ backup: "/backups/base", file: "pg_xact/0000" }],
    },
    parent: {
      says: ({ backup, lsn }: { backup: string; lsn: string }) => ({
        message: `The increment ${backup} is based on a backup from ${lsn} on, which is not there.`,
        fix:
          "Keep every increment together with the backups that it is based on, and name the directory that holds them all.",
        object: backup,
      }),
      examples: [{ backup: "monday", lsn: "0/3000028" }],
    },
  },
});

export const physicalRestoreFailed = defineFinding({
  code: "PHYSICAL_RESTORE_FAILED",
  means: "fail",
  says: ({ backup, by, said }: { backup: string; by: string; said: string }) => ({
    message: `The backup ${backup} could not be restored by ${by}.`,
    fix: "If the detail names a damaged or shortened file, take a new backup. Otherwise correct what it names.",
    detail: said,
  }),
  examples: [{ backup: "/backups/base", by: "tar", said: "tar: Unexpected EOF in archive" }],
});
