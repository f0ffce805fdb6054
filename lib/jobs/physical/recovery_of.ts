import type { Mark } from "../../physical/newest_mark.ts";
import type { RecoveredCluster } from "../../physical/recover.ts";
import { type RecoveryTarget, targetText } from "../../physical/recovery_target.ts";
import type { ArchivedFile, PhysicalSource } from "../../physical/source.ts";
import { parseWalName, smallestSegmentBytes } from "../../physical/wal_name.ts";
import type { Recovery } from "../../verdict/verdict.ts";

/** What was measured while a cluster was recovered. */
interface Measured {
  startedAt: Date;
  /** How long the tool looked through its repository: a real recovery does not wait for that. */
  repositoryMs: number;
  restoreMs: number;
  recoverMs: number;
  checksMs?: number;
  rpoLimitMs?: number;
  /** The newest that came back. */
  mark?: Mark;
  /** The newest segment of the archive. */
  newest?: ArchivedFile;
  /** Whether nothing is wrong so far. */
  isRight: boolean;
}

/**
 * How a recovery went: its time by what it went into, and its point as it is.
 *
 * What is lost at most is what was committed after the last commit that came back, or after the newest segment was
 * archived, whichever is later: what was committed before is in it. An idle database commits nothing and archives nothing,
 * and looks as if it lost much; so this is an upper limit. Where a mark came back, the source commits also when it is idle, and
 * the time since the last commit that came back is the recovery point, whatever the archive says of its files' times.
 */
export function recoveryOf(
  cluster: RecoveredCluster,
  target: RecoveryTarget,
  { startedAt, repositoryMs, restoreMs, recoverMs, checksMs, rpoLimitMs, mark, newest, isRight }: Measured,
): Recovery {
  const { fetched, lsn, lastCommitAt, ms, stoppedAt } = cluster;
  const points = [lastCommitAt, newest?.modifiedAt].flatMap((at) => at ?? []).map((at) => at.getTime());
  const now = Date.now();
  const isLatest = target.kind === "latest";
  return {
    ...(checksMs !== undefined && isRight && { rto_ms: Math.round(now - startedAt.getTime() - repositoryMs) }),
    ...(mark && isLatest && lastCommitAt && { rpo_ms: Math.max(0, startedAt.getTime() - lastCommitAt.getTime()) }),
    ...(rpoLimitMs !== undefined && { rpo_limit_ms: rpoLimitMs }),
    target: targetText(target),
    stopped_at: stoppedAt,
    reached_lsn: lsn,
    ...(lastCommitAt && { last_commit_at: lastCommitAt.toISOString() }),
    ...(mark && { newest_mark: { xid: mark.xid, at: mark.at.toISOString() } }),
    ...(newest && { newest_wal: newest.name }),
    ...(newest?.modifiedAt && { newest_wal_at: newest.modifiedAt.toISOString() }),
    ...(isLatest && points.length > 0 && {
      lost_at_most_ms: Math.max(0, startedAt.getTime() - Math.max(...points)),
    }),
    restore_ms: Math.round(restoreMs),
    wal_fetch_ms: Math.round(fetched.ms),
    replay_ms: Math.round(Math.max(0, ms - fetched.ms)),
    recover_ms: Math.round(recoverMs),
    ...(checksMs !== undefined && { checks_ms: Math.round(checksMs) }),
    wal_segments: fetched.segments,
    wal_bytes: fetched.sizeBytes,
  };
}

/** The newest segment of a source's archive; `undefined` where there is none, or the archive cannot be listed. */
export async function newestSegment(
  source: PhysicalSource,
  signal: AbortSignal,
): Promise<ArchivedFile | undefined> {
  let newest: ArchivedFile | undefined;
  for await (const file of source.listWal?.(signal) ?? []) {
    const parsed = parseWalName(file.name, smallestSegmentBytes);
    if (parsed?.kind !== "segment") continue;
    if (newest === undefined || file.name.slice(0, 24) > newest.name.slice(0, 24)) newest = file;
  }
  return newest;
}
