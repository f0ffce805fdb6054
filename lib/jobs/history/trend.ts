import { fewestPoints } from "../../report/tables.ts";
import type { Finding, HistoryRun, Trend } from "../../verdict/verdict.ts";
import { trendCrossesLimit } from "./findings.ts";

/** Where limits come from, and how far ahead anybody wants to know. */
export interface TrendOptions {
  /** @default {the newest run's own} */
  rtoLimitMs?: number;
  sizeLimitBytes?: number;
  horizonMs: number;
}

/** Older runs say little about where it goes; every pair of these is looked at. */
const mostPoints = 400;
const dayMs = 86_400_000;

/**
 * Says where recovery time and size of each database's drills are going.
 *
 * The slope is the median of the slopes between any two runs (Theil and Sen): one drill on a busy machine does not bend
 * it, as long as three in ten at most are off. Drills only, and of those the ones that passed: a restore goes elsewhere,
 * and what failed ended early.
 *
 * @param runs Newest first.
 */
export function findTrends(runs: readonly HistoryRun[], options: TrendOptions): Trend[] {
  const drills = runs.filter(({ command, verdict, at }) => command === "drill" && verdict === "pass" && at);
  return [...Map.groupBy(drills, ({ database = "" }) => database)].flatMap(([database, ofOne]) => [
    trendOf(database, "rto_ms", ofOne, options.rtoLimitMs ?? ofOne.find((run) => run.rto_limit_ms)?.rto_limit_ms),
    trendOf(database, "size_bytes", ofOne, options.sizeLimitBytes),
  ]);
}

function trendOf(database: string, quantity: Trend["quantity"], runs: HistoryRun[], limit?: number): Trend {
  const points = runs.flatMap(({ at, [quantity]: value }) =>
    value === undefined ? [] : [{ x: Date.parse(at!), y: value }]
  )
    .slice(0, mostPoints);
  const about = { database, quantity, point_count: points.length, ...(limit !== undefined && { limit }) };
  const slope = points.length < fewestPoints ? undefined : median(slopes(points));
  if (slope === undefined) return { ...about, state: "too_few" };
  const newest = Math.max(...points.map(({ x }) => x));
  const now = median(points.map(({ x, y }) => y + slope * (newest - x)))!;
  const trend = { ...about, per_day: round(slope * dayMs), now: round(now) };
  if (limit === undefined) return { ...trend, state: "no_limit" };
  if (now >= limit) return { ...trend, state: "above_limit" };
  const crosses = newest + (limit - now) / slope;
  if (slope <= 0 || crosses > latestMoment) return { ...trend, state: "below_limit" };
  return { ...trend, state: "crosses_limit", crosses_at: new Date(crosses).toISOString() };
}

/** Ten thousand years hence is never. */
const latestMoment = 253_402_300_799_000;

/** Pairs of the same moment have none. */
function slopes(points: { x: number; y: number }[]): number[] {
  return points.flatMap((a, i) => points.slice(i + 1).flatMap((b) => a.x === b.x ? [] : [(b.y - a.y) / (b.x - a.x)]));
}

function median(values: number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds and bytes need no more than three digits behind the point. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000 + 0; // -0 is 0
}

/** A warning for each trend that reaches its limit within the horizon, or has. */
export function warnAbout(trends: readonly Trend[], { horizonMs }: TrendOptions, now = Date.now()): Finding[] {
  return trends.flatMap((trend) => {
    const { database, quantity, state, limit, crosses_at } = trend;
    const isSoon = state === "crosses_limit" && Date.parse(crosses_at!) <= now + horizonMs;
    if (!isSoon && state !== "above_limit") return [];
    return [trendCrossesLimit({
      quantity,
      drills: trend.point_count,
      database,
      limit: limit!,
      crossesOn: isSoon ? crosses_at!.slice(0, 10) : undefined,
      now: trend.now!,
      perDay: trend.per_day!,
    })];
  });
}
