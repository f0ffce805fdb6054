import assert from "node:assert/strict";
import { findTrends, warnAbout } from "../../../lib/jobs/history/trend.ts";
import type { HistoryRun } from "../../../lib/verdict/verdict.ts";

const day = 86_400_000;
const begin = Date.parse("2026-01-01T00:00:00Z");
const options = { horizonMs: 90 * day };

/** Drills a day apart, newest first. */
function drills(rtos: number[], fields: Partial<HistoryRun> = {}): HistoryRun[] {
  return rtos.map((rto_ms, i): HistoryRun => ({
    command: "drill",
    started_at: new Date(begin + i * day).toISOString(),
    at: new Date(begin + i * day).toISOString(),
    verdict: "pass",
    database: "shop",
    rto_ms,
    rto_limit_ms: 20_000,
    records: [],
    evidence: "unsigned",
    ...fields,
  })).reverse();
}

const rtoOf = (runs: HistoryRun[], more = {}) => findTrends(runs, { ...options, ...more })[0];

Deno.test("trend: says when a rising recovery time reaches its limit, and warns within the horizon", () => {
  const trend = rtoOf(drills([10_000, 11_000, 12_000, 13_000, 14_000]));
  assert.deepEqual(trend, {
    database: "shop",
    quantity: "rto_ms",
    point_count: 5,
    limit: 20_000,
    per_day: 1000,
    now: 14_000,
    state: "crosses_limit",
    crosses_at: "2026-01-11T00:00:00.000Z",
  });
  const now = begin + 4 * day;
  const [warning] = warnAbout([trend], options, now);
  assert.deepEqual([warning.code, warning.severity], ["TREND_CROSSES_LIMIT", "warning"]);
  assert.match(warning.message, /will cross its limit of 20 s on 2026-01-11/);
  assert.deepEqual(warnAbout([trend], { horizonMs: 5 * day }, now), []);
});

Deno.test("trend: one drill on a busy machine bends nothing", () => {
  assert.equal(rtoOf(drills([10_000, 10_000, 60_000, 10_000, 10_000, 10_000, 10_000])).per_day, 0);
  assert.equal(rtoOf(drills([10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 60_000])).state, "below_limit");
  assert.equal(rtoOf(drills([1000, 2000, 3000, 90_000, 5000, 6000, 7000])).per_day, 1000);
});

Deno.test("trend: four drills, or five at one moment, say nothing", () => {
  assert.equal(rtoOf(drills([1, 2, 3, 4])).state, "too_few");
  const at = new Date(begin).toISOString();
  assert.equal(rtoOf(drills([1, 2, 3, 4, 5], { at })).state, "too_few");
});

Deno.test("trend: without limit, below it for ever, and above it already", () => {
  const unlimited = drills([1, 2, 3, 4, 5], { rto_limit_ms: undefined });
  assert.deepEqual([rtoOf(unlimited).state, rtoOf(unlimited, { rtoLimitMs: 100 }).state], [
    "no_limit",
    "crosses_limit",
  ]);
  assert.equal(rtoOf(drills([9, 8, 7, 6, 5])).state, "below_limit");
  const above = rtoOf(drills([21_000, 21_000, 21_000, 21_000, 21_000]));
  assert.equal(above.state, "above_limit");
  assert.equal(warnAbout([above], options).length, 1);
});

Deno.test("trend: counts drills that passed, for each database separately; sizes have their own limit", () => {
  const shop = drills([10, 10, 10, 10, 10], { size_bytes: 1e9 });
  const crm = drills([10, 20, 30, 40, 50], { database: "crm", size_bytes: 1e6 });
  const noise = [
    ...drills([1, 1, 1], { verdict: "fail" }),
    ...drills([1, 1, 1], { command: "restore" }),
  ];
  const trends = findTrends([...shop, ...crm, ...noise], { ...options, sizeLimitBytes: 5e8 });
  assert.deepEqual(
    trends.map(({ database, quantity, point_count, state }) => [database, quantity, point_count, state]),
    [
      ["shop", "rto_ms", 5, "below_limit"],
      ["shop", "size_bytes", 5, "above_limit"],
      ["crm", "rto_ms", 5, "crosses_limit"],
      ["crm", "size_bytes", 5, "below_limit"],
    ],
  );
});
