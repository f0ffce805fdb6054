import type { Assertion, Recovery, Verdict } from "../../verdict/verdict.ts";
import { counted, durationText, sizeText, valueText } from "../../system/quantities.ts";
import { contentsText } from "../sentence.ts";
import { wrap } from "../wrap.ts";
import type { Screen } from "./screen.ts";

/** What was asserted, where, how long each phase took, and recovery against its limits. */
export function facts(verdict: Verdict, { columns: width }: Screen): string[] {
  const { assertions, postgres, phases, recovery, duration_ms } = verdict;
  const held = assertions.filter(({ ok }) => ok).length;
  const ran = [
    ...(assertions.length > 0 ? [`${held} of ${assertions.length} assertions hold`] : []),
    ...(verdict.contents?.length ? [contentsText(verdict.contents)] : []),
    ...(postgres.server ? [`PostgreSQL ${postgres.server}`] : []),
    durationText(duration_ms),
  ];
  const timed = phases.map(({ name, duration_ms }) => `${name} ${durationText(duration_ms)}`);
  const measured = recovery && [
    against("RTO", recovery.rto_ms, recovery.rto_limit_ms),
    against("RPO", recovery.rpo_ms, recovery.rpo_limit_ms),
    against("backup age", recovery.backup_age_ms, recovery.backup_age_limit_ms),
    ...recoveredTo(recovery),
  ].flatMap((text) => text ?? []);
  return [ran, timed, measured ?? []].flatMap((parts) => parts.length === 0 ? [] : joined(parts, width));
}

/** Where a physical backup came to, and what went into it. */
function recoveredTo(recovery: Recovery): string[] {
  const { target, reached_lsn, last_commit_at, newest_mark, lost_at_most_ms, wal_segments, wal_bytes } = recovery;
  if (target === undefined || reached_lsn === undefined) return [];
  return [
    `recovered to ${target}, at ${reached_lsn}`,
    ...(last_commit_at ? [`last commit ${last_commit_at}`] : []),
    ...(newest_mark ? [`newest mark ${newest_mark.at}`] : []),
    ...(lost_at_most_ms === undefined ? [] : [`at most ${durationText(lost_at_most_ms)} lost`]),
    ...(wal_segments === undefined ? [] : [`${counted(wal_segments, "WAL segment")} (${sizeText(wal_bytes ?? 0)})`]),
  ];
}

function against(name: string, ms: number | undefined, limitMs: number | undefined): string | undefined {
  if (ms === undefined) {
    return limitMs === undefined ? undefined : `${name} not measured (limit ${durationText(limitMs)})`;
  }
  return `${name} ${durationText(ms)}${limitMs === undefined ? "" : ` (limit ${durationText(limitMs)})`}`;
}

/** Broken between the parts only. */
function joined(parts: string[], width?: number): string[] {
  const glued = parts.map((part) => part.replaceAll(" ", "\u00a0")).join("\u00a0· ");
  return wrap(glued, { width, first: "  " }).map((line) => line.replaceAll("\u00a0", " "));
}

/** Assertions that do not hold; in short where findings say the same, and more. */
export function failures({ assertions, findings }: Verdict, { columns: width }: Screen): string[] {
  const failed = assertions.filter(({ ok, check }) => !ok && check === undefined);
  if (failed.length === 0) return [];
  const isExplained = findings.some(({ severity }) => severity !== "warning");
  if (!isExplained) {
    return failed.flatMap((one) => wrap(inFull(one), { width, first: `  ${markOf(one)} `, rest: "    " }));
  }
  const inShort = failed.map(({ name, actual, not_run }) =>
    not_run ? `${name} not run` : `${name} ${valueText(actual, 40)}`
  );
  const shown = inShort.slice(0, mostInShort).join(", ");
  const more = inShort.length > mostInShort ? ` and ${counted(inShort.length - mostInShort, "assertion")} more` : "";
  return wrap(`not as expected: ${shown}${more}`, { width, first: "  ", rest: "    " });
}

const mostInShort = 6;

function inFull({ name, expected, actual, not_run }: Assertion): string {
  if (not_run) return `${name}: could not be checked`;
  return `${name}: expected ${valueText(JSON.stringify(expected))}, got ${valueText(JSON.stringify(actual))}`;
}

function markOf({ severity, not_run }: Assertion): string {
  return not_run || severity === "review" ? "?" : severity === "warn" ? "!" : "✗";
}
