import { defineFinding, defineNote } from "../../system/define_finding.ts";
import { counted, durationText, sizeText } from "../../system/quantities.ts";

const backup = "shop-20260102T030405Z";

export const backupDamaged = defineFinding({
  code: "BACKUP_DAMAGED",
  means: "warning",
  says: ({ backup }: { backup: string }) => ({
    message: `${backup} is damaged: its dump is not what its manifest says. An older one is kept in its place.`,
    fix: "Make a new backup, drill it, and find out what damaged this one.",
    object: backup,
  }),
  examples: [{ backup }],
});

export const versionsRemain = defineNote({
  code: "VERSIONS_REMAIN",
  says: ({ backup }: { backup: string }) => ({
    message: `The bucket keeps versions: ${backup} is hidden, and its bytes stay until a lifecycle rule ends them.`,
    object: backup,
  }),
  examples: [{ backup }],
});

export const keptUnreadable = defineNote({
  code: "KEPT_UNREADABLE",
  says: ({ backup, said }: { backup: string; said: string }) => ({ message: `${said} It is kept.`, object: backup }),
  examples: [{ backup, said: "The manifest of shop-20260102T030405Z is of a newer pgrehearse." }],
});

export const backupFromFuture = defineFinding({
  code: "BACKUP_FROM_FUTURE",
  means: "fail",
  says: ({ backup, database }: { backup: string; database: string }) => ({
    message: `The newest backup of ${database}, ${backup}, is from the future by this host's clock.`,
    fix: "Set the clocks (NTP); until then nobody can tell how old it is.",
    object: backup,
  }),
  examples: [{ backup, database: "shop" }],
});

export const backupTooOld = defineFinding({
  code: "BACKUP_TOO_OLD",
  means: "fail",
  says: ({ backup, database, ageMs, maxAgeMs, otherServer }: {
    backup: string;
    database: string;
    ageMs: number;
    maxAgeMs: number;
    /** The system identifier, where another server has a database of that name. */
    otherServer: string | undefined;
  }) => ({
    message: `The newest backup of ${database}, ${backup}, is ${durationText(ageMs)} old; at most ${
      durationText(maxAgeMs)
    } is allowed.`,
    fix: otherServer === undefined
      ? "See why no backup ended since: the timer, its log, the last verdict."
      : `It is of the server ${otherServer}. If that is gone, move its backups to another store; else see why none ` +
        "ended since.",
    object: backup,
    expected: maxAgeMs,
    actual: ageMs,
  }),
  examples: [{ backup, database: "shop", ageMs: 187_000_000, maxAgeMs: 93_600_000, otherServer: undefined }],
});

export const backupIncomplete = defineFinding({
  code: "BACKUP_INCOMPLETE",
  means: "fail",
  says: ({ backup, expected, actual }: {
    backup: string;
    expected: { bytes: number; files: number };
    actual: { bytes: number; files: number };
  }) => ({
    message: `${backup} holds ${sizeText(actual.bytes)} in ${counted(actual.files, "file")}; its manifest says ${
      sizeText(expected.bytes)
    } in ${expected.files}.`,
    fix: "Make a new backup; keep this one for the inquiry.",
    object: backup,
    expected: expected.bytes,
    actual: actual.bytes,
  }),
  examples: [{ backup, expected: { bytes: 84_102_311, files: 1 }, actual: { bytes: 52_428_800, files: 1 } }],
});

export const neverDrilled = defineFinding({
  code: "NEVER_DRILLED",
  means: "fail",
  says: ({ database }: { database: string }) => ({
    message: `No backup of ${database} was ever drilled to an end.`,
    fix: "Run pgrehearse drill --latest.",
  }),
  examples: [{ database: "shop" }],
});

export const lastDrillFailed = defineFinding({
  code: "LAST_DRILL_FAILED",
  means: "fail",
  says: ({ database, record }: { database: string; record: string }) => ({
    message: `The last drill of ${database} failed: ${record}.`,
    fix: "See the findings in that record, then make a new backup and drill it.",
    object: record,
  }),
  examples: [{ database: "shop", record: `${backup}.drill-20260102T050000Z.json` }],
});

export const drillTooOld = defineFinding({
  code: "DRILL_TOO_OLD",
  means: "fail",
  says: ({ database, record, ageMs, maxAgeMs }: {
    database: string;
    record: string;
    ageMs: number;
    maxAgeMs: number;
  }) => ({
    message: `The last drill of ${database} was ${durationText(ageMs)} ago; at most ${
      durationText(maxAgeMs)
    } is allowed.`,
    fix: "Run pgrehearse drill --latest.",
    object: record,
    expected: maxAgeMs,
    actual: ageMs,
  }),
  examples: [{
    database: "shop",
    record: `${backup}.drill-20260102T050000Z.json`,
    ageMs: 900_000_000,
    maxAgeMs: 691_200_000,
  }],
});

export const databasesNotBackedUp = defineNote({
  code: "DATABASES_NOT_BACKED_UP",
  says: ({ databases, backup }: { databases: readonly string[]; backup: string }) => ({
    message: `The server of ${backup} had databases that no backup here is of: ${databases.join(", ")}.`,
    object: backup,
  }),
  examples: [{ databases: ["tenant_51"], backup: "shop-20260102T030405Z" }],
});
