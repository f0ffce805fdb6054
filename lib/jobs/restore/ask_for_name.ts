import { counted, sizeText } from "../../system/quantities.ts";
import { approvalMissing } from "./findings/replacing.ts";
import type { PresentDatabase, RestoreOptions, TargetServer } from "./restore_target.ts";
import type { Restore } from "./restore_under_way.ts";

/**
 * The last thing before a database is replaced, after every check that could refuse: whoever restores sees what will be
 * replaced by what, and types its name, unless `--confirm` said it.
 *
 * @throws {OperatorError} `APPROVAL_MISSING`; nothing was touched.
 */
export async function askForName({ job, options, target, record }: Restore): Promise<void> {
  const { admin, name, address, present } = target;
  const { backup, mode } = record;
  const [{ sessions }] = await admin<{ sessions: number }[]>`
    SELECT count(*)::integer AS sessions FROM pg_stat_activity
    WHERE datname = ${name} AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
  const now = [
    contents(present),
    sizeText(present?.sizeBytes ?? 0),
    sessions === 0 ? "no sessions" : `${counted(sessions, "session")}, which will be ended`,
  ];
  const takenAt = backup.snapshot_at;
  await requireTyped(
    options,
    target,
    `${mode === "in_place" ? "Overwrites" : "Replaces"} ${name} on ${address} (${now.join(", ")})\n` +
      `with ${backup.name}${takenAt ? `, taken ${takenAt}, ${age(takenAt)} ago` : ""}.`,
  );
  job.say(`${options.operator} replaces ${name}, approved by ${options.approvedBy}: ${options.reason}`);
}

/** Asks for the target's name, unless it was said already. */
export async function requireTyped(
  { confirm, ask }: Pick<RestoreOptions, "confirm" | "ask">,
  { name }: TargetServer,
  whatHappens: string,
): Promise<void> {
  if (confirm !== undefined || !ask) return;
  const typed = await ask(`${whatHappens}\nType ${name} to continue:`);
  if (typed === name) return;
  throw approvalMissing.mistyped.error({ typed, database: name });
}

/** The tables, and how much else there is. */
function contents(present: PresentDatabase | undefined): string {
  const tables = present?.tables ?? 0;
  const all = [...(present?.holds ?? "").matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), 0);
  const others = all - tables;
  return counted(tables, "table") + (others > 0 ? ` and ${counted(others, "other object")}` : "");
}

function age(at: string): string {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
