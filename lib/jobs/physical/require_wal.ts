import { walMissing } from "../../physical/findings/recovery.ts";
import { lsnText, parseLsn } from "../../physical/lsn.ts";
import type { RecoveryTarget } from "../../physical/recovery_target.ts";
import type { PhysicalBackup, PhysicalSource } from "../../physical/source.ts";
import { parseWalName, segmentAt, segmentBefore, segmentName, segmentStart } from "../../physical/wal_name.ts";

/**
 * Refuses what cannot work, before anything is restored: a backup whose own WAL is not in the archive, and a target behind a
 * segment that is missing. Looks at the names in the archive only, so it needs one that can be listed; where the backup's
 * timeline was left, recovery itself says how far it comes.
 *
 * @throws {OperatorError} `WAL_MISSING`
 */
export async function requireWal(
  source: PhysicalSource,
  backup: PhysicalBackup,
  target: RecoveryTarget,
  signal: AbortSignal,
): Promise<void> {
  const { timeline, walSegmentBytes } = backup;
  const [start, stop] = [backup.startLsn, backup.stopLsn].map((text) => parseLsn(text ?? ""));
  if (!source.listWal || timeline === undefined || start === undefined) return;
  const there = new Set<number>();
  let isLeft = false;
  for await (const { name } of source.listWal(signal)) {
    const file = parseWalName(name, walSegmentBytes);
    if (file?.kind === "history" && file.timeline > timeline) isLeft = true;
    if (file?.kind !== "segment" || file.isPartial) continue;
    if (file.segment.timeline === timeline) there.add(file.segment.number);
    if (file.segment.timeline > timeline) isLeft = true;
  }
  const first = segmentAt(start, walSegmentBytes);
  const consistent = stop === undefined ? first : segmentBefore(stop, walSegmentBytes);
  const missingIn = (from: number, to: number): number | undefined => {
    for (let number = from; number <= to; number++) if (!there.has(number)) return number;
  };
  const nameOf = (number: number) => segmentName({ timeline, number }, walSegmentBytes);
  const ofBackup = backup.holdsWal ? undefined : missingIn(first, consistent);
  if (ofBackup !== undefined) throw walMissing.backup.error({ backup: backup.name, segment: nameOf(ofBackup) });
  if (isLeft || !(target.kind === "latest" || target.kind === "lsn")) return;
  const newest = [...there].reduce((a, b) => Math.max(a, b), 0);
  const wanted = target.kind === "lsn" ? segmentBefore(parseLsn(target.value)!, walSegmentBytes) : newest;
  // The segment in which the backup ends may lie in it alone, until it is full.
  const missing = missingIn(backup.holdsWal ? consistent + 1 : first, Math.min(newest, wanted));
  if (missing === undefined) return;
  throw walMissing.ahead.error({ segment: nameOf(missing), before: lsnText(segmentStart(missing, walSegmentBytes)) });
}
