import type { Verdict } from "../../verdict/verdict.ts";
import { durationText, sizeText } from "../../system/quantities.ts";
import { backupAgeMs, databasesOf } from "../reported_run.ts";
import { comparedText, targets } from "../sentence.ts";
import { wrap } from "../wrap.ts";
import type { Screen } from "./screen.ts";

/** What was acted on: database, backup with its age and size, target, and what was compared. */
export function acting(verdict: Verdict, { columns: width }: Screen): string[] {
  const { command, backup, compared, postgres } = verdict;
  if (!backup || !["backup", "drill", "restore"].includes(command)) return [];
  const age = command === "backup" ? undefined : backupAgeMs(verdict);
  const names = databasesOf(verdict).join(", ");
  const target = command === "backup" ? undefined : postgres.target;
  const parts = [
    `${names ? `${names}: ` : ""}backup ${backup.name}`,
    [sizeText(backup.size_bytes), ...(age === undefined ? [] : [`${durationText(age)} old`])].join(", "),
    ...(target ? [`into ${targets[target]}`] : []),
  ].join(", ");
  const sentence = compared ? `${parts}; compared ${comparedText(compared)}` : parts;
  return wrap(sentence, { width, first: "  ", rest: "    " });
}
