import type { Lsn } from "./lsn.ts";
import type { TimelineSwitch } from "./timeline_history.ts";
import { segmentAt } from "./wal_name.ts";

/** A stretch of the way to the newest moment of a timeline: the segments that are read from one timeline's files. */
export interface Stretch {
  timeline: number;
  /** The number of the first segment of it. */
  first: number;
  /** The number of the last segment; without an end on the timeline that the way leads to. */
  last: number;
  /** Where the next timeline branches off. */
  until?: Lsn;
}

/**
 * The way that recovery takes to a timeline, as Postgres takes it: the segment in which a timeline branched off is read from
 * the newer one's file, which begins with what the older one had.
 *
 * @param ancestors Of the timeline, from its history file.
 */
export function wayTo(timeline: number, ancestors: readonly TimelineSwitch[], segmentBytes: number): Stretch[] {
  const way: Stretch[] = [];
  let first = 0;
  for (const { timeline, at } of ancestors) {
    const next = segmentAt(at, segmentBytes);
    way.push({ timeline, first, last: next - 1, until: at });
    first = next;
  }
  return [...way, { timeline, first, last: Infinity }];
}

/** Whether a backup that ended on this timeline at this place lies on the way. */
export function liesOnWay(way: readonly Stretch[], timeline: number, stop: Lsn): boolean {
  const stretch = way.find((stretch) => stretch.timeline === timeline);
  return stretch !== undefined && (stretch.until === undefined || stop <= stretch.until);
}

/** How far recovery comes. */
export interface Reach {
  /** The last segment that is there without a gap; absent where not even the first is. */
  last?: { timeline: number; number: number };
  /** The first that is missing. */
  missing: { timeline: number; number: number };
}

/**
 * Goes the way from a segment on, as far as there is WAL.
 *
 * @param start The timeline and the number of the first segment that is needed.
 * @param lastOfRun Gives the last segment that is there without a gap from this one on; `undefined` if this one is missing.
 */
export function reachFrom(
  way: readonly Stretch[],
  start: { timeline: number; number: number },
  lastOfRun: (timeline: number, number: number) => number | undefined,
): Reach {
  let { number } = start;
  let last: Reach["last"];
  for (const stretch of way.slice(way.findIndex(({ timeline }) => timeline === start.timeline))) {
    if (number > stretch.last) continue;
    const { timeline } = stretch;
    const end = lastOfRun(timeline, number);
    if (end === undefined) {
      // Without the file of the newer timeline, the older one's leads to where it branched off.
      const older = last ?? { timeline: start.timeline, number: number - 1 };
      const isHeld = older.timeline !== timeline && lastOfRun(older.timeline, number) !== undefined;
      return { last: isHeld ? { timeline: older.timeline, number } : last, missing: { timeline, number } };
    }
    last = { timeline, number: Math.min(end, stretch.last) };
    number = last.number + 1;
    if (number <= stretch.last) return { last, missing: { timeline, number } };
  }
  return { last, missing: { timeline: way.at(-1)!.timeline, number } };
}
