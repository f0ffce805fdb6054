import { defineFinding } from "../../../system/define_finding.ts";

// Which incident record is meant, to undo a restore or to promote what it brought back.

const record = "/backups/shop-20260102T030405Z.restore-20260102T050000Z.json";

export const recordInvalid = defineFinding({
  code: "RECORD_INVALID",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot use ${path}: ${reason}.`,
    fix: "Give the JSON record that a restore wrote beside the backup. Nothing was touched.",
  }),
  examples: [{ path: record, reason: "it is not JSON" }],
});

export const recordDoesNotMatch = defineFinding({
  code: "RECORD_DOES_NOT_MATCH",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `${path} does not fit the databases that exist now: ${reason}.`,
    fix: "Give the record of the last restore of this database. Nothing was touched.",
  }),
  examples: [{ path: record, reason: "it is about another server" }],
});

export const noRecord = defineFinding({
  code: "NO_RECORD",
  means: "unknown",
  says: ({ store }: { store: string }) => ({
    message: `${store} holds no restore record that fits the databases that exist now.`,
    fix:
      "Give the record with --undo FILE or --promote FILE, or give --from the store that held the backup. Check that " +
      "--target-url names the restored database.",
  }),
  examples: [{ store: "/backups" }],
});

export const severalRecords = defineFinding({
  code: "SEVERAL_RECORDS",
  means: "unknown",
  says: ({ records }: {
    records: readonly { path: string; startedAt: string; backup: string; reason?: string }[];
  }) => ({
    message: `${records.length} records fit: ${
      records.map(({ path, startedAt, backup, reason }) =>
        `${path} (${startedAt}, ${backup}${reason ? `, ${reason}` : ""})`
      ).join("; ")
    }.`,
    fix: "Choose one of them with --undo FILE or --promote FILE. Nothing was touched.",
  }),
  examples: [{
    records: [
      { path: record, startedAt: "2026-01-02T05:00:00.000Z", backup: "shop-20260102T030405Z", reason: "bad deploy" },
      {
        path: "/backups/shop-20260102T030405Z.restore-20260102T061500Z.json",
        startedAt: "2026-01-02T06:15:00.000Z",
        backup: "shop-20260102T030405Z",
      },
    ],
  }],
});
