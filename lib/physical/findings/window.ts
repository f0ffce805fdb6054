import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";
import { counted, durationText, momentText, sizeText } from "../../system/quantities.ts";

export const walGap = defineFinding({
  code: "WAL_GAP",
  means: "fail",
  says: ({ first, last, segments, after, before, isCurrent }: {
    first: string;
    last: string;
    segments: number;
    /** When the segment before was archived, and when the next backup ended; RFC 3339. */
    after?: string;
    before?: string;
    /** Whether it lies on the way to the newest timeline. */
    isCurrent: boolean;
  }) => {
    const what = segments === 1
      ? `The WAL segment ${first} is`
      : `${counted(segments, "WAL segment")}, ${first} to ${last}, are`;
    const from = after === undefined ? "" : ` after ${momentText(after)}`;
    return {
      message: `${what} missing in the archive. No moment${from} can be recovered${
        before === undefined ? ", up to now" : `, until ${momentText(before)}`
      }${isCurrent ? "" : " on this abandoned timeline"}.`,
      fix: before === undefined
        ? "Look for the segments on the server (pg_wal) and on its standbys. If they are gone, make a base backup now."
        : "Look for the segments on the server's standbys and in other archives. Find out why archiving skipped them.",
      object: first,
      ...(isCurrent ? {} : { means: "warning" as const }),
    };
  },
  examples: [{
    first: "000000010000000000000006",
    last: "000000010000000000000007",
    segments: 2,
    after: "2026-01-02T03:04:05Z",
    before: undefined,
    isCurrent: true,
  }, {
    first: "000000010000000000000009",
    last: "000000010000000000000009",
    segments: 1,
    after: "2026-01-02T03:04:05Z",
    before: "2026-01-03T01:00:00Z",
    isCurrent: false,
  }],
});

export const walArchiveLags = defineFinding({
  code: "WAL_ARCHIVE_LAGS",
  means: "fail",
  says: ({ segment, lagMs, limitMs }: { segment: string; lagMs: number; limitMs: number }) => ({
    message: `The newest moment that can be recovered is ${durationText(lagMs)} ago; the limit is ${
      durationText(limitMs)
    }. The last segment is ${segment}.`,
    fix:
      "See pg_stat_archiver and the server's log. On a quiet server, archive_timeout below the limit ends segments in " +
      "time, and pgrehearse mark --light gives them something to hold.",
    object: segment,
    expected: limitMs,
    actual: lagMs,
  }),
  examples: [{ segment: "000000010000000000000006", lagMs: 3_600_000, limitMs: 900_000 }],
});

export const backupWithoutWal = defineFinding({
  code: "BACKUP_WITHOUT_WAL",
  means: "fail",
  says: ({ backup, segment }: { backup: string; segment: string }) => ({
    message: `The backup ${backup} cannot be recovered: the archive lacks ${segment}, which it needs to be consistent.`,
    fix: "Make a new backup now, and find out why archiving skipped the segment.",
    object: backup,
  }),
  examples: [{ backup: "20260102-030405F", segment: "000000010000000000000006" }],
});

export const noPhysicalBackup = defineFinding({
  code: "NO_PHYSICAL_BACKUP",
  means: "fail",
  says: ({ source }: { source: string }) => ({
    message: `${source} has no finished backup: no moment can be recovered.`,
    fix: "Make a backup, and look at why none ended before.",
    object: source,
  }),
  examples: [{ source: "pgbackrest:main" }],
});

export const physicalBackupUnfinished = defineFinding({
  code: "PHYSICAL_BACKUP_UNFINISHED",
  means: "warning",
  says: ({ backup, state }: { backup: string; state: string }) => ({
    message: `The backup ${backup} did not come to its end: its state is ${state}.`,
    fix: "See the tool's log. Remove the backup if a later one ended.",
    object: backup,
  }),
  examples: [{ backup: "20260102T030405", state: "FAILED" }],
});

export const backupHasBadPages = defineFinding({
  code: "BACKUP_HAS_BAD_PAGES",
  means: "fail",
  says: ({ backup }: { backup: string }) => ({
    message: `The tool found pages with a wrong checksum when it made ${backup}: the database itself is damaged.`,
    fix: "Drill an older backup now, and keep it. Look at the server's disks.",
    object: backup,
  }),
  examples: [{ backup: "20260102-030405F" }],
});

export const timelineCutOff = defineFindings({
  code: "TIMELINE_CUT_OFF",
  means: "fail",
  situations: {
    missing: {
      says: ({ timeline, file }: { timeline: number; file: string }) => ({
        message: `No backup leads to timeline ${timeline}: its history file ${file} is not in the archive.`,
        fix: "Copy it from pg_wal of the server into the archive, or make a base backup on this timeline now.",
        object: file,
      }),
      examples: [{ timeline: 2, file: "00000002.history" }],
    },
    unreadable: {
      says: ({ timeline, file }: { timeline: number; file: string }) => ({
        message: `No backup leads to timeline ${timeline}: its history file ${file} is damaged.`,
        fix: "Copy it again from pg_wal of the server into the archive, or make a base backup on this timeline now.",
        object: file,
      }),
      examples: [{ timeline: 2, file: "00000002.history" }],
    },
  },
});

export const walSegmentShort = defineFinding({
  code: "WAL_SEGMENT_DAMAGED",
  means: "fail",
  says: ({ name, sizeBytes, segmentBytes }: { name: string; sizeBytes: number; segmentBytes: number }) => ({
    message: `${name} in the archive has ${sizeText(sizeBytes)}, but a segment has ${sizeText(segmentBytes)}.`,
    fix: "Copy it again from pg_wal of the server or of a standby. Let archive_command write under another name first.",
    object: name,
    expected: segmentBytes,
    actual: sizeBytes,
  }),
  examples: [{ name: "000000010000000000000006", sizeBytes: 4_194_304, segmentBytes: 16_777_216 }],
});

export const walSegmentTwice = defineFinding({
  code: "WAL_SEGMENT_TWICE",
  means: "fail",
  says: ({ segment }: { segment: string }) => ({
    message: `${segment} is in the repository twice, with different contents: pgBackRest hands out neither.`,
    fix: "Two servers archive into one stanza. Stop one of them, remove its segment, and make a full backup.",
    object: segment,
  }),
  examples: [{ segment: "000000010000000000000006" }],
});

export const walNotListed = defineFinding({
  code: "WAL_NOT_LISTED",
  means: "unknown",
  says: ({ source }: { source: string }) => ({
    message: `pgrehearse cannot list the WAL of ${source}.`,
    fix: "Name the archive's directory with --wal-archive. An archive that cannot be listed is proven by drills only.",
    object: source,
  }),
  examples: [{ source: "command:wal-g backup-fetch {dir} LATEST" }],
});

export const otherClusters = defineNote({
  code: "BACKUPS_OF_OTHER_CLUSTERS",
  says: ({ source, backups }: { source: string; backups: number }) => ({
    message: `${source} also has ${counted(backups, "backup")} of an earlier cluster; its WAL was not looked at.`,
    object: source,
  }),
  examples: [{ source: "pgbackrest:main", backups: 2 }],
});
