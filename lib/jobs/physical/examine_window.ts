import { lsnText, parseLsn } from "../../physical/lsn.ts";
import {
  backupHasBadPages,
  backupWithoutWal,
  noPhysicalBackup,
  otherClusters,
  physicalBackupUnfinished,
  timelineCutOff,
  walArchiveLags,
  walGap,
  walNotListed,
  walSegmentShort,
  walSegmentTwice,
} from "../../physical/findings/window.ts";
import { type Place, type RecoveryWindow, recoveryWindow } from "../../physical/recovery_window.ts";
import type { PhysicalBackup, PhysicalSource } from "../../physical/source.ts";
import { parseTimelineHistory, type TimelineSwitch } from "../../physical/timeline_history.ts";
import { gatherWal, type WalArchive } from "../../physical/wal_archive.ts";
import { historyName, segmentBefore, segmentName } from "../../physical/wal_name.ts";
import type { Job } from "../../run/job.ts";
import { policyUnknown } from "../whole_system/findings/policy.ts";
import { readHistory } from "./read_history.ts";

/** Limits that a window is held against. */
interface WindowLimits {
  /** How long ago the newest moment may be. */
  rpoLimitMs?: number;
}

/**
 * Looks from when to when a source can be recovered, without restoring anything: records it, and finds what is wrong.
 *
 * @returns Its newest backup that came to its end.
 * @throws {OperatorError} `WAL_NOT_LISTED`, and what the source throws.
 */
export async function examineWindow(
  job: Job,
  source: PhysicalSource,
  { rpoLimitMs: limitMs }: WindowLimits,
): Promise<PhysicalBackup | undefined> {
  if (!source.listWal) throw walNotListed.error({ source: source.name });
  const listed = await job.phase("catalogue", () => source.list(job.signal));
  const { backups, others } = ofNewestCluster(listed);
  if (others.length > 0) job.note(otherClusters({ source: source.name, backups: others.length }));
  const segmentBytes = backups.findLast((backup) => backup.walSegmentBytes !== undefined)?.walSegmentBytes;
  const now = new Date();
  const archive = await job.phase("archive", () => gatherWal(source.listWal!(job.signal), { segmentBytes, now }));
  const { histories, unreadable } = await job.phase("histories", () => readHistories(source, archive, job.signal));
  const finished = backups.filter(({ unfinished }) => unfinished === undefined);
  const window = recoveryWindow(finished, archive, histories);
  const { newest } = window;
  const lagMs = newest?.at && Math.max(0, now.getTime() - newest.at.getTime());
  job.record({
    recovery_window: described(source, window, { archive, finished }),
    recovery: {
      ...(lagMs !== undefined && { rpo_ms: lagMs }),
      ...(limitMs !== undefined && { rpo_limit_ms: limitMs }),
    },
  });
  job.find(...findingsOf(source, { backups, finished, window, archive, unreadable }));
  if (limitMs !== undefined && newest) {
    const { timeline, lsn } = newest;
    const segment = segmentName({ timeline, number: segmentBefore(lsn, archive.segmentBytes) }, archive.segmentBytes);
    if (lagMs === undefined) job.leaveOpen(policyUnknown.untimed({ limit: limitMs }));
    else if (lagMs > limitMs) job.find(walArchiveLags({ segment, lagMs, limitMs }));
  }
  return finished.at(-1);
}

/** A stanza that was upgraded has backups of several clusters, and timelines count anew in each. */
function ofNewestCluster(all: readonly PhysicalBackup[]): { backups: PhysicalBackup[]; others: PhysicalBackup[] } {
  const newest = all.findLast(({ unfinished }) => unfinished === undefined) ?? all.at(-1);
  const isOfIt = ({ systemIdentifier, majorVersion }: PhysicalBackup) =>
    (systemIdentifier ?? newest?.systemIdentifier) === newest?.systemIdentifier &&
    (majorVersion ?? newest?.majorVersion) === newest?.majorVersion;
  return { backups: all.filter(isOfIt), others: all.filter((backup) => !isOfIt(backup)) };
}

/** Newest first: a history names all that came before it. Every timeline's is read, though: one may have been abandoned. */
async function readHistories(
  source: PhysicalSource,
  archive: WalArchive,
  signal: AbortSignal,
): Promise<{ histories: Map<number, TimelineSwitch[]>; unreadable: number[] }> {
  const histories = new Map<number, TimelineSwitch[]>();
  const unreadable: number[] = [];
  for (const timeline of archive.histories) {
    const text = await readHistory(source, timeline, signal);
    const history = text === undefined ? undefined : parseTimelineHistory(text, timeline);
    if (history) histories.set(timeline, history);
    else unreadable.push(timeline);
  }
  return { histories, unreadable };
}

interface Examined {
  backups: PhysicalBackup[];
  finished: PhysicalBackup[];
  window: RecoveryWindow;
  archive: WalArchive;
  unreadable: number[];
}

function findingsOf(source: PhysicalSource, { backups, finished, window, archive, unreadable }: Examined) {
  const { segmentBytes } = archive;
  const isAbandoned = (timeline: number) => timeline !== window.timeline;
  return [
    ...(finished.length === 0 ? [noPhysicalBackup({ source: source.name })] : []),
    ...window.backups.flatMap(({ backup, isUsable, missing }) =>
      isUsable === false && missing
        ? [backupWithoutWal({ backup: backup.name, segment: segmentName(missing, segmentBytes) })]
        : []
    ),
    ...backups.flatMap(({ name, unfinished, hasBadPages }) => [
      ...(unfinished === undefined ? [] : [physicalBackupUnfinished({ backup: name, state: unfinished })]),
      ...(hasBadPages ? [backupHasBadPages({ backup: name })] : []),
    ]),
    ...archive.wrongSize.map(({ name, sizeBytes }) => walSegmentShort({ name, sizeBytes, segmentBytes })),
    ...archive.twice.map((segment) => walSegmentTwice({ segment })),
    ...window.gaps.map(({ first, last, after, before, isCurrent }) =>
      walGap({
        first: segmentName(first, segmentBytes),
        last: segmentName(last, segmentBytes),
        segments: last.number - first.number + 1,
        after: after?.toISOString(),
        before: before?.toISOString(),
        isCurrent,
      })
    ),
    ...window.cutOff.map((timeline) => {
      const facts = { timeline, file: historyName(timeline) };
      const finding = unreadable.includes(timeline) ? timelineCutOff.unreadable(facts) : timelineCutOff.missing(facts);
      return isAbandoned(timeline) ? { ...finding, severity: "warning" as const } : finding;
    }),
  ];
}

function described(
  source: PhysicalSource,
  window: RecoveryWindow,
  { archive, finished }: { archive: WalArchive; finished: PhysicalBackup[] },
) {
  const { segmentBytes, segments, sizeBytes } = archive;
  const place = ({ timeline, lsn, at }: Place) => ({
    timeline,
    lsn: lsnText(lsn),
    ...(at && { at: at.toISOString() }),
  });
  const { systemIdentifier } = finished.at(-1) ?? {};
  return {
    source: source.name,
    ...(systemIdentifier !== undefined && { system_identifier: systemIdentifier }),
    timeline: window.timeline,
    ...(window.oldest && { oldest: place(window.oldest) }),
    ...(window.newest && { newest: place(window.newest) }),
    ...(window.newestSegment && { newest_segment: segmentName(window.newestSegment, segmentBytes) }),
    segments,
    size_bytes: sizeBytes,
    windows: window.windows.map(({ timeline, backup, from, to, endsAt }) => ({
      timeline,
      backup,
      from: place(from),
      to: place(to),
      ends_at: endsAt,
    })),
    gaps: window.gaps.map(({ first, last, after, before, isCurrent }) => ({
      first: segmentName(first, segmentBytes),
      last: segmentName(last, segmentBytes),
      segments: last.number - first.number + 1,
      is_current: isCurrent,
      ...(after && { after: after.toISOString() }),
      ...(before && { before: before.toISOString() }),
    })),
    backups: window.backups.map(({ backup, isUsable, missing }) => ({
      name: backup.name,
      ...(backup.timeline !== undefined && { timeline: backup.timeline }),
      ...(backup.stopLsn !== undefined && parseLsn(backup.stopLsn) !== undefined && { lsn: backup.stopLsn }),
      ...(backup.stoppedAt && { at: backup.stoppedAt.toISOString() }),
      ...(isUsable !== undefined && { usable: isUsable }),
      ...(isUsable === false && missing && { missing: segmentName(missing, segmentBytes) }),
    })),
  };
}
