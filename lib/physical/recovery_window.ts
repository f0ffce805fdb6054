import { type Lsn, parseLsn } from "./lsn.ts";
import type { PhysicalBackup } from "./source.ts";
import type { TimelineSwitch } from "./timeline_history.ts";
import { liesOnWay, type Reach, reachFrom, type Stretch, wayTo } from "./timelines.ts";
import type { WalArchive } from "./wal_archive.ts";
import { type Segment, segmentAt, segmentBefore, segmentStart } from "./wal_name.ts";

/** A place that recovery can come to. */
export interface Place {
  timeline: number;
  lsn: Lsn;
  /** When it was: the end of a backup, or when its segment was archived. */
  at?: Date;
}

/** From where to where one can recover to any moment. */
interface Window {
  /** The timeline that recovery goes to. */
  timeline: number;
  /** The oldest backup that it starts from. */
  backup: string;
  from: Place;
  to: Place;
  /** What ends it: a segment is missing, or nothing newer is in the archive. */
  endsAt: "gap" | "newest";
}

/** Segments of one timeline that are missing in the middle. */
interface Gap {
  first: Segment;
  last: Segment;
  /** Whether it lies on the way to the newest timeline. */
  isCurrent: boolean;
  /** When the last segment before it was archived. */
  after?: Date;
  /** From when on one can recover again: the end of the next backup behind it. */
  before?: Date;
}

interface BackupReach {
  backup: PhysicalBackup;
  /** Absent where its tool does not say from where to where it goes. */
  isUsable?: boolean;
  /** The first segment that is missing to make it consistent. */
  missing?: Segment;
}

/** From when to when a cluster can be recovered. */
export interface RecoveryWindow {
  /** The newest timeline. */
  timeline: number;
  /** Oldest first; of abandoned timelines, too. */
  windows: Window[];
  gaps: Gap[];
  backups: BackupReach[];
  /** Of the windows to the newest timeline. */
  oldest?: Place;
  newest?: Place;
  /** The newest segment on the way to the newest timeline, behind a gap or not. */
  newestSegment?: Segment;
  /** Timelines that the archive holds and that no older backup leads to: their history is missing or unreadable. */
  cutOff: number[];
}

interface Start {
  backup: PhysicalBackup;
  timeline: number;
  /** The first segment that is needed of the archive. */
  number: number;
  stop: Lsn;
}

/**
 * Says from when to when a cluster can be recovered, by the names of what there is; nothing is read or restored.
 *
 * @param histories Of every timeline whose history could be read.
 */
export function recoveryWindow(
  backups: readonly PhysicalBackup[],
  archive: WalArchive,
  histories: ReadonlyMap<number, readonly TimelineSwitch[]>,
): RecoveryWindow {
  const { segmentBytes } = archive;
  const starts = backups.map((backup) => startOf(backup, segmentBytes));
  const known = starts.filter((start) => start !== undefined);
  const timelines = [...new Set([...archive.timelines, ...known.map(({ timeline }) => timeline)])].sort((a, b) =>
    a - b
  );
  const current = timelines.at(-1) ?? 1;
  const ways = timelines.map((timeline) => wayTo(timeline, histories.get(timeline) ?? [], segmentBytes));
  const leaves = ways.filter((way) => isLeaf(way, ways, archive));
  const isOn = (start: Start) => (way: Stretch[]) => liesOnWay(way, start.timeline, start.stop);
  const reach = (way: Stretch[], start: Start) => {
    return reachFrom(way, start, (timeline, number) => archive.runAt({ timeline, number })?.last);
  };
  const isConsistent = ({ backup, stop }: Start, { last }: Reach) =>
    backup.holdsWal || (last !== undefined && last.number >= segmentBefore(stop, segmentBytes));

  const reached = starts.map((start, place): BackupReach => {
    const backup = backups[place];
    if (!start) return { backup };
    const own = [...leaves.filter(isOn(start)), ways.find((way) => way.at(-1)!.timeline === start.timeline)!];
    const reaches = own.map((way) => reach(way, start));
    return reaches.some((each) => isConsistent(start, each))
      ? { backup, isUsable: true }
      : { backup, isUsable: false, missing: reaches[0].missing };
  });

  const windows = leaves.flatMap((way) => {
    const timeline = way.at(-1)!.timeline;
    const newest = newestOn(way, archive);
    const found = known.filter((start) => isOn(start)(way)).flatMap((start) => {
      const end = reach(way, start);
      if (!isConsistent(start, end)) return [];
      const from = { timeline: start.timeline, lsn: start.stop, at: endedAt(start, archive) };
      const to = endOf(way, end, archive) ?? from;
      const endsAt = newest !== undefined && placeOf(way, newest) > placeOf(way, end.last)
        ? "gap" as const
        : "newest" as const;
      return [{ timeline, backup: start.backup.name, from, to: to.lsn < from.lsn ? from : to, endsAt }];
    });
    return [...Map.groupBy(found, ({ to }) => to.lsn).values()].map((same) =>
      same.reduce((first, next) => next.from.lsn < first.from.lsn ? next : first)
    );
  }).sort((a, b) => a.timeline - b.timeline || (a.from.lsn < b.from.lsn ? -1 : 1));

  const currentWay = ways.at(-1);
  const ofCurrent = windows.filter(({ timeline }) => timeline === current);
  return {
    timeline: current,
    windows,
    gaps: gapsOf(leaves, known, archive, current),
    backups: reached,
    oldest: ofCurrent[0]?.from,
    newest: ofCurrent.at(-1)?.to,
    newestSegment: currentWay && newestOn(currentWay, archive),
    cutOff: archive.timelines.filter((timeline) =>
      archive.runs(timeline).length > 0 && !histories.has(timeline) &&
      known.some((start) => start.timeline < timeline) && !known.some((start) => start.timeline === timeline)
    ),
  };
}

function startOf(backup: PhysicalBackup, segmentBytes: number): Start | undefined {
  const { timeline, startLsn, stopLsn, holdsWal } = backup;
  const [start, stop] = [startLsn, stopLsn].map((text) => text === undefined ? undefined : parseLsn(text));
  if (timeline === undefined || start === undefined || stop === undefined) return undefined;
  // What makes it consistent lies in it: of the archive it needs what comes after.
  const number = holdsWal ? segmentBefore(stop, segmentBytes) + 1 : segmentAt(start, segmentBytes);
  return { backup, timeline, number, stop };
}

/** When a backup was consistent; else when the segment was archived in which it was. */
function endedAt({ backup, timeline, stop }: Start, archive: WalArchive): Date | undefined {
  return backup.stoppedAt ?? archive.archivedAt({ timeline, number: segmentBefore(stop, archive.segmentBytes) });
}

/** Whether the archive has something of a timeline that no other one came out of. */
function isLeaf(way: readonly Stretch[], ways: readonly Stretch[][], archive: WalArchive): boolean {
  const { timeline } = way.at(-1)!;
  const newest = archive.runs(timeline).at(-1)?.last ?? -1;
  const branches = ways.flatMap((other) => other.filter((stretch) => stretch.timeline === timeline && stretch.until));
  // The segment in which another one branched off is on both.
  return branches.length === 0 || newest > Math.max(...branches.map(({ last }) => last)) + 1;
}

/** The newest segment that is there on a way. */
function newestOn(way: readonly Stretch[], archive: WalArchive): Segment | undefined {
  for (const { timeline, first, last } of way.toReversed()) {
    const run = archive.runs(timeline).findLast((run) => run.first <= last && run.last >= first);
    if (run) return { timeline, number: Math.min(run.last, last) };
  }
  return undefined;
}

/** To compare segments of one way: the newer timeline's comes later where both have the number. */
function placeOf(way: readonly Stretch[], segment: Segment | undefined): number {
  if (!segment) return -1;
  return segment.number + way.findIndex(({ timeline }) => timeline === segment.timeline) / (way.length + 1);
}

function endOf(way: readonly Stretch[], { last }: Reach, archive: WalArchive): Place | undefined {
  if (!last) return undefined;
  const end = segmentStart(last.number + 1, archive.segmentBytes);
  const { until } = way.find(({ timeline }) => timeline === last.timeline)!;
  const lsn = until !== undefined && until < end ? until : end;
  return { timeline: last.timeline, lsn, at: archive.archivedAt(last) };
}

function gapsOf(leaves: readonly Stretch[][], starts: readonly Start[], archive: WalArchive, current: number): Gap[] {
  const gaps = new Map<string, Gap>();
  for (const way of leaves) {
    const onWay = starts.filter(({ timeline, stop }) => liesOnWay(way, timeline, stop));
    const newest = newestOn(way, archive);
    if (onWay.length === 0 || !newest) continue;
    const from = Math.min(...onWay.map(({ number }) => number));
    const isCurrent = way.at(-1)!.timeline === current;
    for (const { timeline, first, last } of way) {
      const until = timeline === newest.timeline ? newest.number : last;
      for (const missing of missingIn(archive, timeline, Math.max(first, from), until)) {
        const key = `${timeline} ${missing.first}`;
        if (gaps.get(key)?.isCurrent) continue;
        const next = onWay.filter(({ number }) => number > missing.last).sort((a, b) => a.stop < b.stop ? -1 : 1)[0];
        const before = way.findLast((stretch) => stretch.first < missing.first)!.timeline;
        gaps.set(key, {
          first: { timeline, number: missing.first },
          last: { timeline, number: missing.last },
          isCurrent,
          after: archive.archivedAt({ timeline: before, number: missing.first - 1 }),
          before: next && endedAt(next, archive),
        });
      }
      if (timeline === newest.timeline) break;
    }
  }
  return [...gaps.values()].sort((a, b) => a.first.timeline - b.first.timeline || a.first.number - b.first.number);
}

function missingIn(archive: WalArchive, timeline: number, from: number, to: number): { first: number; last: number }[] {
  const missing: { first: number; last: number }[] = [];
  let next = from;
  for (const run of archive.runs(timeline)) {
    if (run.last < next) continue;
    if (run.first > to) break;
    if (run.first > next) missing.push({ first: next, last: run.first - 1 });
    next = run.last + 1;
  }
  return next <= to ? [...missing, { first: next, last: to }] : missing;
}
