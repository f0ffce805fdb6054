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
    fix: "Run what the configuration assigns to it, with --evidence, until it passes.",
    object: control,
  }),
  examples: [{ control: "A1.3", runs: 0 }, { control: "A1.3", runs: 4 }],
});

export const recordUnreadable = defineNote({
  code: "RECORD_UNREADABLE",
  says: ({ record }: { record: string }) => ({
    message: `${record} is not the record of a restore, nor of a drill of the backup beside it.`,
    object: record,
  }),
  examples: [{ record }],
});

export const recordNotSigned = defineNote({
  code: "RECORD_NOT_SIGNED",
  says: ({ record }: { record: string }) => ({
    message: `${record} is not signed with a key that counts, and does not count.`,
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
    fix: "One of them was changed afterwards: check the evidence with history --verify, and who can write there.",
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
        fix: "Put the head there that an earlier verdict said; or remove the file, and the present head is remembered.",
      }),
      examples: [{ path: "/var/lib/pgrehearse/head" }],
    },
  },
});

export const endNotChecked = defineNote({
  code: "END_NOT_CHECKED",
  says: ({ headFile, head }: { headFile: string | undefined; head: string }) => ({
    message: headFile === undefined
      ? `Records cut off from the end cannot be seen without a remembered head. Remember this one with --head ${head}, ` +
        "or let --head-file remember it."
      : `Records cut off from the end cannot be seen this time: ${headFile} remembers the head from now on.`,
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
        ? "Make restores faster (more jobs, faster disks, less in one database), or agree on another limit."
        : "Make room, or remove what need not be kept.",
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
