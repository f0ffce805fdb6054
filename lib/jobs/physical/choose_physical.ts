import { parseLsn } from "../../physical/lsn.ts";
import type { PhysicalBackup } from "../../physical/source.ts";
import { physicalSourceUnusable } from "../../physical/findings/sources.ts";
import { noPhysicalBackup } from "../../physical/findings/window.ts";
import { targetTooEarly } from "../../physical/findings/recovery.ts";
import { type RecoveryTarget, targetText } from "../../physical/recovery_target.ts";

/**
 * Chooses the backup that leads to a target in the shortest way: the newest that had ended by then, as far as that is known.
 *
 * @throws {OperatorError} `NO_PHYSICAL_BACKUP`, `PHYSICAL_SOURCE_UNUSABLE`, `TARGET_TOO_EARLY`
 */
export function choosePhysical(
  backups: readonly PhysicalBackup[],
  target: RecoveryTarget,
  { set, path }: { set?: string; path: string },
): PhysicalBackup {
  const finished = backups.filter(({ unfinished }) => unfinished === undefined);
  const named = set === undefined ? finished : finished.filter(({ name }) => name === set);
  if (named.length === 0) {
    throw set === undefined
      ? noPhysicalBackup.error({ source: path })
      : physicalSourceUnusable.noSet.error({ path, set, known: backups.map(({ name }) => name) });
  }
  const chosen = named.findLast((backup) => !isTooLate(backup, target));
  if (chosen) return chosen;
  const [{ name, stopLsn, stoppedAt, startLsn = "" }] = named;
  const stop = target.kind === "time" ? stoppedAt?.toISOString() : stopLsn ?? startLsn;
  throw targetTooEarly.backup.error({ target: targetText(target), backup: name, stop: stop ?? "a later time" });
}

/** Whether it is known that a backup ended after a target. */
function isTooLate({ startLsn, stopLsn, startedAt, stoppedAt }: PhysicalBackup, target: RecoveryTarget): boolean {
  if (target.kind === "lsn") {
    const at = parseLsn(target.value);
    const end = parseLsn(stopLsn ?? startLsn ?? "");
    return at !== undefined && end !== undefined && at < end;
  }
  if (target.kind !== "time") return false;
  const end = stoppedAt ?? startedAt;
  return end !== undefined && new Date(target.value) < end;
}
