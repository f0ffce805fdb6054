import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";
import { counted, durationText, sizeText } from "../../system/quantities.ts";

const record = "shop-20260102T030405Z.drill-20260102T050000Z.json";

export const controlWithoutEvidence = defineFinding({
  code: "CONTROL_WITHOUT_EVIDENCE",
  means: "fail",
  says: ({ control, runs }: { control: string; runs: number }) => ({
    message: runs === 0
      ? `There is no evidence for ${control}.`
      : `Of ${counted(runs, "run")} for ${control}, none passed.`,
    fix: "Run the commands that the configuration assigns to it, with --evidence, until they pass.",
    object: control,
  }),
  examples: [{ control: "A1.3", runs: 0 }, { control: "A1.3", runs: 4 }],
});

export const recordUnreadable = defineNote({
  code: "RECORD_UNREADABLE",
  says: ({ record }: { record: string }) => ({
    message: `${record} is neither the record of a restore nor the record of a drill of the backup beside it.`,
    object: record,
  }),
  examples: [{ record }],
});

export const recordNotSigned = defineNote({
  code: "RECORD_NOT_SIGNED",
  says: ({ record }: { record: string }) => ({
    message: `${record} does not count: it is not signed with a trusted key.`,
    object: record,
  }),
  examples: [{ record }],
});

export const recordDisagrees = defineFinding({
  code: "RECORD_DISAGREES",
  means: "fail",
  says: ({ record, recorded, evidence, evident, isIntact }: {
    record: string;
    /** What the record says. */
    recorded: string;
    evidence: string;
    /** What the evidence says. */
    evident: string;
    isIntact: boolean;
  }) => ({
    message: `${record} says ${recorded}; the evidence of the same run, ${evidence}, says ${evident}` +
      `${isIntact ? " and is intact" : ""}.`,
    fix: "One of them was changed later. Check the evidence with history --verify, and find out who can write there.",
    object: record,
    expected: evident,
    actual: recorded,
  }),
  examples: [{ record, recorded: "pass", evidence: "evidence-00000042.dsse.json", evident: "fail", isIntact: true }],
});

export const headUnreadable = defineFindings({
  code: "HEAD_UNREADABLE",
  means: "unknown",
  situations: {
    file: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot read ${path}: ${reason}.`,
        fix: "Check its permissions.",
      }),
      examples: [{ path: "/var/lib/pgrehearse/head", reason: "permission denied" }],
    },
    content: {
      says: ({ path }: { path: string }) => ({
        message: `${path} does not hold the SHA-256 of a record.`,
        fix: "Write the head from an earlier verdict into it. Or remove the file; then the present head is remembered.",
      }),
      examples: [{ path: "/var/lib/pgrehearse/head" }],
    },
  },
});

export const endNotChecked = defineNote({
  code: "END_NOT_CHECKED",
  says: ({ headFile, head }: { headFile: string | undefined; head: string }) => ({
    message: headFile === undefined
      ? `Without a remembered head, records that were cut off at the end stay unnoticed. Next time give --head ${head}, ` +
        "or let --head-file remember it."
      : `Records that were cut off at the end stay unnoticed this time. ${headFile} remembers the head from now on.`,
  }),
  examples: [{ headFile: undefined, head: "9f86d08…" }, { headFile: "/var/lib/pgrehearse/head", head: "9f86d08…" }],
});

export const trendCrossesLimit = defineFinding({
  code: "TREND_CROSSES_LIMIT",
  means: "warning",
  says: ({ quantity, drills, database, limit, crossesOn, now, perDay }: {
    quantity: "rto_ms" | "size_bytes";
    drills: number;
    /** Empty where it is not known. */
    database: string;
    limit: number;
    /** Absent: it is above the limit already. */
    crossesOn: string | undefined;
    now: number;
    perDay: number;
  }) => {
    const amount = quantity === "rto_ms" ? durationText : sizeText;
    return {
      message: `By the trend of ${counted(drills, "drill")}, the ${
        quantity === "rto_ms" ? "recovery time" : "size"
      } of ${database || "the database"} ${
        crossesOn === undefined ? "is above its limit" : `will cross its limit of ${amount(limit)} on ${crossesOn}`
      }: now ${amount(now)}, ${amount(perDay)} more each day.`,
      fix: quantity === "rto_ms"
        ? "Make restores faster (more jobs, faster disks, smaller databases), or agree on another limit."
        : "Free some space, or remove data that you no longer need.",
      object: database,
      expected: limit,
      actual: now,
    };
  },
  examples: [{
    quantity: "rto_ms",
    drills: 12,
    database: "shop",
    limit: 14_400_000,
    crossesOn: "2026-04-12",
    now: 13_100_000,
    perDay: 21_000,
  }],
});
