import type { Verdict } from "../verdict/verdict.ts";
import type { Color } from "./summary/screen.ts";

/** Phases of `restore` that change something. */
const touching = new Set(["database", "restore", "rename", "swap"]);

/**
 * How a run ended, in one or a few words, and the color that says the same.
 *
 * A drill that did not look has verified nothing; a backup or a restore that did not happen has failed, or was refused.
 */
export function outcomeOf({ command, verdict, backup, phases }: Verdict): [text: string, color: Color] {
  if (verdict === "pass") return ["PASS", "green"];
  if (verdict === "fail") return ["FAIL", "red"];
  if (command === "backup" && backup === undefined) return ["FAILED, no backup was made", "red"];
  if (command === "restore") {
    if (!phases.some(({ name }) => touching.has(name))) return ["REFUSED, nothing was touched", "yellow"];
    return ["FAILED, not known to be complete", "red"];
  }
  return doers.has(command) ? ["FAILED", "red"] : ["UNKNOWN: could not verify", "yellow"];
}

/** Commands that do something, rather than look at something. */
const doers: ReadonlySet<string> = new Set(["prune", "init", "keygen", "workload", "report"]);
