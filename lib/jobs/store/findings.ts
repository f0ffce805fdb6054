import { defineFinding, defineNote } from "../../system/define_finding.ts";
import { counted, durationText, sizeText } from "../../system/quantities.ts";

const backup = "shop-20260102T030405Z";

export const backupDamaged = defineFinding({
  code: "BACKUP_DAMAGED",
  means: "warning",
  says: ({ backup }: { backup: string }) => ({
    message: `${backup} is damaged: its dump does not match its manifest. An older backup is kept in its place.`,
    fix: "Make a new backup, drill it, and find out what damaged this one.",
    object: backup,
  }),
  examples: [{ backup }],
});

export const versionsRemain = defineNote({
  code: "VERSIONS_REMAIN",
  says: ({ backup }: { backup: string }) => ({
    message: `The bucket keeps versions: ${backup} is hidden, but uses space until a lifecycle rule deletes it.`,
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
    message: `By this host's clock, the newest backup of ${database}, ${backup}, was made in the future.`,
    fix: "Set the clocks (NTP). Until then its age is unknown.",
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
    message: `The newest backup of ${database}, ${backup}, is ${durationText(ageMs)} old; the limit is ${
      durationText(maxAgeMs)
    }.`,
    fix: otherServer === undefined
      ? "Find out why no backup finished since: check the timer, its log and the last verdict."
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
    fix: "Make a new backup. Keep this one for the investigation.",
    object: backup,
    expected: expected.bytes,
    actual: actual.bytes,
  }),
  examples: [{ backup, expected: { bytes: 84_102_311, files: 1 }, actual: { bytes: 52_428_800, files: 1 } }],
});

/** A store as it is named on the command line, and a database that has backups there. */
interface Drilled {
  store: string;
  database: string;
}

function drillIt({ store, database }: Drilled): string {
  return `Run pgrehearse drill --latest --from ${store} --database ${database}.`;
}

export const neverDrilled = defineFinding({
  code: "NEVER_DRILLED",
  means: "fail",
  says: ({ store, database }: Drilled) => ({
    message: `No backup of ${database} has a finished drill.`,
    fix: drillIt({ store, database }),
  }),
  examples: [{ store: "/backups", database: "shop" }],
});

export const lastDrillFailed = defineFinding({
  code: "LAST_DRILL_FAILED",
  means: "fail",
  says: ({ database, record }: { database: string; record: string }) => ({
    message: `The last drill of ${database} failed: ${record}.`,
    fix: "Read the findings in that record. Then make a new backup and drill it.",
    object: record,
  }),
  examples: [{ database: "shop", record: `${backup}.drill-20260102T050000Z.json` }],
});

export const drillTooOld = defineFinding({
  code: "DRILL_TOO_OLD",
  means: "fail",
  says: ({ store, database, record, ageMs, maxAgeMs }: Drilled & {
    record: string;
    ageMs: number;
    maxAgeMs: number;
  }) => ({
    message: `The last drill of ${database} was ${durationText(ageMs)} ago; the limit is ${durationText(maxAgeMs)}.`,
    fix: drillIt({ store, database }),
    object: record,
    expected: maxAgeMs,
    actual: ageMs,
  }),
  examples: [{
    store: "/backups",
    database: "shop",
    record: `${backup}.drill-20260102T050000Z.json`,
    ageMs: 900_000_000,
    maxAgeMs: 691_200_000,
  }],
});

export const databasesNotBackedUp = defineNote({
  code: "DATABASES_NOT_BACKED_UP",
  says: ({ databases, backup }: { databases: readonly string[]; backup: string }) => ({
    message: `The server of ${backup} had databases that have no backup in this store: ${databases.join(", ")}.`,
    object: backup,
  }),
  examples: [{ databases: ["tenant_51"], backup: "shop-20260102T030405Z" }],
});
