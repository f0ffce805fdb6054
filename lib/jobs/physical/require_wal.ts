import { walMissing } from "../../physical/findings/recovery.ts";
import { type Lsn, lsnText, parseLsn } from "../../physical/lsn.ts";
import type { RecoveryTarget } from "../../physical/recovery_target.ts";
import type { PhysicalBackup, PhysicalSource } from "../../physical/source.ts";
import { fetchWal } from "../../physical/wal_fetcher.ts";
import { makeWorkspace } from "../../system/workspace.ts";
import { join } from "node:path";
import {
  historyName,
  parseWalName,
  segmentAt,
  segmentBefore,
  segmentName,
  segmentStart,
} from "../../physical/wal_name.ts";

/**
 * Refuses what cannot work, before anything is restored: a backup whose own WAL is not in the archive, and a target behind a
 * segment that is missing. Looks at the names in the archive only; one that cannot be listed is asked, segment by segment.
 * Where the backup's timeline was left, recovery itself says how far it comes.
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
  if (timeline === undefined || start === undefined) return;
  if (!source.listWal) return await askForWal(source, backup, { target, timeline, start, stop: stop ?? start, signal });
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

/** So many segments are asked for beforehand: each of them comes whole. */
const mostAsked = 64;

/**
 * Asks the `restore_command` for the segments that are known to be needed: those of the backup, and those up to an LSN.
 *
 * @throws {OperatorError} `WAL_MISSING`, `RESTORE_COMMAND_FAILED`
 */
async function askForWal(
  { restoreCommand }: PhysicalSource,
  { name: backup, holdsWal, walSegmentBytes }: PhysicalBackup,
  { target, timeline, start, stop, signal }: {
    target: RecoveryTarget;
    timeline: number;
    start: Lsn;
    stop: Lsn;
    signal: AbortSignal;
  },
): Promise<void> {
  if (restoreCommand === undefined) return;
  const { path, close } = await makeWorkspace();
  const fetch = { command: restoreCommand, env: Deno.env.toObject(), signal };
  const isThere = async (name: string) => (await fetchWal(fetch, name, join(path, "asked"))).got;
  const first = segmentAt(start, walSegmentBytes);
  const consistent = Math.max(first, segmentBefore(stop, walSegmentBytes));
  const wanted = target.kind === "lsn" ? segmentBefore(parseLsn(target.value)!, walSegmentBytes) : consistent;
  try {
    for (let number = holdsWal ? consistent + 1 : first; number <= Math.min(wanted, first + mostAsked); number++) {
      const segment = segmentName({ timeline, number }, walSegmentBytes);
      if (await isThere(segment)) continue;
      // Whether a newer timeline leads on, recovery sees.
      if (await isThere(`${segment}.partial`) || await isThere(historyName(timeline + 1))) return;
      if (number <= consistent && !holdsWal) throw walMissing.backup.error({ backup, segment });
      // The archive may end here: the place is not reached then, and recovery says how far it comes.
      if (!await isThere(segmentName({ timeline, number: number + 1 }, walSegmentBytes))) return;
      throw walMissing.ahead.error({ segment, before: lsnText(segmentStart(number, walSegmentBytes)) });
    }
  } finally {
    await close();
  }
}
