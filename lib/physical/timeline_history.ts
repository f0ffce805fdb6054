import { type Lsn, parseLsn } from "./lsn.ts";

/** Where a timeline ended, seen from one that came out of it. */
export interface TimelineSwitch {
  timeline: number;
  /** The first byte that is on the next timeline. */
  at: Lsn;
}

/**
 * Reads a timeline's history file as Postgres does: its ancestors, oldest first, each with the place where the next one
 * began. Comments and blank lines are nothing.
 *
 * @returns `undefined` if it is not a history: Postgres would refuse it.
 */
export function parseTimelineHistory(text: string, timeline: number): TimelineSwitch[] | undefined {
  const ancestors: TimelineSwitch[] = [];
  for (const line of text.split("\n")) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, id, place] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)(?:\s|$)/i.exec(line) ?? [];
    const at = place === undefined ? undefined : parseLsn(place);
    if (at === undefined || Number(id) <= (ancestors.at(-1)?.timeline ?? 0)) return undefined;
    ancestors.push({ timeline: Number(id), at });
  }
  // A timeline branches off one with a smaller number.
  return ancestors.every((ancestor) => ancestor.timeline < timeline) && ancestors.length > 0 ? ancestors : undefined;
}
