import type { Compared, Contents, Verdict } from "../verdict/verdict.ts";
import { counted, durationText, listed, momentText } from "../system/quantities.ts";
import { databasesOf } from "./reported_run.ts";

/** Where a restore went, in words. */
export const targets = {
  throwaway: "a throwaway server",
  scratch: "a scratch database",
  in_place: "the named database",
  named: "the named database",
} as const;

/** What a verdict says, in one short sentence for a reader who has never seen pgrehearse. */
export function headline(verdict: Verdict): string {
  const backup = subject(verdict);
  if (verdict.command === "drill") {
    return {
      pass: `${capitalized(backup)} can be restored.`,
      fail: `${capitalized(backup)} did not pass the drill.`,
      unknown: `It is unknown whether ${backup} can be restored.`,
    }[verdict.verdict];
  }
  if (verdict.command === "backup") {
    return {
      pass: `${capitalized(backup)} was made.`,
      fail: `${capitalized(backup)} was made, but something is wrong.`,
      unknown: "No backup was made.",
    }[verdict.verdict];
  }
  return {
    pass: `pgrehearse ${verdict.command} found nothing wrong.`,
    fail: `pgrehearse ${verdict.command} found that something is wrong.`,
    unknown: `pgrehearse ${verdict.command} could not verify.`,
  }[verdict.verdict];
}

/** What the headline rests on: what was done, what came of it, and how far that goes. */
export function explanation(verdict: Verdict): string {
  const when = `On ${momentText(verdict.started_at)}`;
  if (verdict.verdict === "unknown") {
    return `${when}, the run could not check everything, so it cannot say whether all is well or something is broken. ` +
      "A run that could not verify never counts as a pass.";
  }
  if (verdict.verdict === "fail") {
    const errors = verdict.findings.filter(({ severity }) => severity !== "warning").length;
    const failed = verdict.assertions.filter(({ ok, not_run, severity }) => !ok && !not_run && !severity).length;
    const what = errors > 0 ? counted(errors, "problem") : counted(failed, "failed assertion");
    return `${when}, the run found ${what}, listed below.`;
  }
  if (verdict.command !== "drill") {
    return `${when}, it finished in ${durationText(verdict.duration_ms)}${provenBy(verdict)}.`;
  }
  const target = verdict.postgres.target;
  return `${when}, ${pronoun(verdict)} restored${target ? ` into ${targets[target]}` : ""} in ${
    durationText(verdict.recovery?.rto_ms ?? verdict.duration_ms)
  }${provenBy(verdict)}.${keptLimits(verdict)}`;
}

/** What the figures mean; a drill that passed is within its limits. */
function keptLimits({ recovery: { rto_ms, rto_limit_ms, rpo_ms } = {} }: Verdict): string {
  const time = rto_ms === undefined || rto_limit_ms === undefined
    ? ""
    : ` The time is within the ${durationText(rto_limit_ms)} that a recovery may take.`;
  return rpo_ms === undefined
    ? time
    : `${time} A loss at that moment would have lost the last ${durationText(rpo_ms)} of data.`;
}

function pronoun({ restored }: Verdict): string {
  return restored && restored.length > 1 ? "they were" : "it was";
}

function provenBy(verdict: Verdict): string {
  const checks = verdict.checks?.filter(({ state }) => state === "pass").length ?? 0;
  const alsoChecked = checks > 0 ? `; ${counted(checks, "further check")} passed too` : "";
  switch (verdict.proof) {
    case "exact":
      return `, and ${
        verdict.compared ? comparedText(verdict.compared) : "everything that was compared"
      } came back exactly as recorded when the backup was taken${alsoChecked}`;
    case "checked":
      return checks > 0
        ? `, and ${counted(checks, "check")} passed. No manifest says what the backup should hold, so only ` +
          "these checks can notice a missing row"
        : ", and its checks passed";
    case "restored":
      return ` without an error${broughtBy(verdict)}. Nothing else was checked: this does not prove that the data ` +
        "is right";
    default:
      return "";
  }
}

function broughtBy({ contents = [] }: Verdict): string {
  return contents.length === 0 ? "" : `, with ${contentsText(contents)}`;
}

/** `600 rows in 2 tables`; of several databases, all together. */
export function contentsText(contents: Contents[]): string {
  const sum = (of: "rows" | "tables") => contents.reduce((sum, each) => sum + each[of], 0);
  const where = contents.length > 1 ? ` of ${counted(contents.length, "database")}` : "";
  return `${counted(sum("rows"), "row")} in ${counted(sum("tables"), "table")}${where}`;
}

/** `all 600 rows in 2 tables, 9 definitions and 1 sequence`. */
export function comparedText({ rows, tables, definitions, sequences, large_objects }: Compared): string {
  return listed([
    `all ${counted(rows, "row")} in ${counted(tables, "table")}`,
    ...(definitions > 0 ? [counted(definitions, "definition")] : []),
    ...(sequences > 0 ? [counted(sequences, "sequence")] : []),
    ...(large_objects > 0 ? [counted(large_objects, "large object")] : []),
  ]);
}

function subject(verdict: Verdict): string {
  const names = databasesOf(verdict);
  if (names.length === 0) return "the backup";
  if (names.length > 3) return `the backups of ${names.length} databases`;
  return `the ${names.length === 1 ? "backup" : "backups"} of ${listed(names)}`;
}

function capitalized(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
