import { join } from "node:path";
import type { ControlData } from "../../physical/control_data.ts";
import { targetNotReached, timelineUnreachable, walMissing } from "../../physical/findings/recovery.ts";
import type { RecoveredCluster } from "../../physical/recover.ts";
import { type RecoveryTarget, targetText } from "../../physical/recovery_target.ts";
import type { PhysicalBackup, PhysicalSource } from "../../physical/source.ts";
import type { RestoredFiles } from "../../physical/verify_files.ts";
import { type FetchCommand, fetchWal } from "../../physical/wal_fetcher.ts";
import { historyName, parseWalName, segmentName } from "../../physical/wal_name.ts";

/** What was recovered, and how far it was to go. */
interface Recovered {
  backup: PhysicalBackup;
  cluster: RecoveredCluster;
  target: RecoveryTarget;
  files: RestoredFiles;
  control: ControlData;
  fetch: FetchCommand;
}

/** So many segments behind a missing one are asked for, where an archive cannot be listed. */
const asked = 16;

/**
 * Says why recovery did not come to its target, where it did not. The newest point counts as reached only if nothing in the
 * archive lies behind it.
 *
 * @throws {OperatorError} `WAL_UNUSABLE`, `WAL_MISSING`, `TIMELINE_UNREACHABLE`, `TARGET_NOT_REACHED`
 */
export async function requireTarget(source: PhysicalSource, recovered: Recovered): Promise<void> {
  const { backup, cluster, target } = recovered;
  if (cluster.stoppedAt === "target") return;
  const { lsn, lastCommitAt, fetched, server } = cluster;
  const reached = { lsn, at: lastCommitAt?.toISOString() };
  const problem = fetched.problem({ backup: backup.name, log: await server.readLog(), isConsistent: true, ...reached });
  if (problem) throw problem;
  const stuck = fetched.stuckAt();
  if (stuck) await requireNothingBehind(source, stuck.name, { ...recovered, reached });
  if (target.kind === "latest") return;
  const facts = { target: targetText(target), ...reached };
  throw target.kind === "time" ? targetNotReached.time.error(facts) : targetNotReached.otherwise.error(facts);
}

/** Whether the segment that recovery ended at is the last one, or one in the middle. */
async function requireNothingBehind(
  source: PhysicalSource,
  ended: string,
  { files, control, fetch, reached }: Recovered & { reached: { lsn: string; at?: string } },
): Promise<void> {
  const segmentBytes = control.walSegmentBytes;
  const file = parseWalName(ended, segmentBytes);
  if (file?.kind !== "segment") return;
  const { timeline, number } = file.segment;
  if (source.listWal) {
    for await (const { name } of source.listWal(fetch.signal)) {
      const other = parseWalName(name, segmentBytes);
      if (other?.kind !== "segment" || other.isPartial) continue;
      if (other.segment.timeline > timeline) {
        const newer = other.segment.timeline;
        throw timelineUnreachable.history.error({ file: historyName(newer), timeline: newer });
      }
      if (other.segment.timeline === timeline && other.segment.number > number) {
        throw walMissing.gap.error({ segment: ended, ...reached });
      }
    }
    return;
  }
  for (let next = number + 1; next <= number + asked; next++) {
    const name = segmentName({ timeline, number: next }, segmentBytes);
    const { got } = await fetchWal(fetch, name, join(files.space.wal, "asked"));
    if (got) throw walMissing.gap.error({ segment: ended, ...reached });
  }
}
