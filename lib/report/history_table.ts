import type { Evidence, EvidenceLog, HistoryRun, Trend } from "../verdict/verdict.ts";
import { columns } from "./columns.ts";
import { counted, durationText, sizeText } from "../system/quantities.ts";

/** Runs as a table, newest first; nothing if there are none. */
export function historyTable(runs: readonly HistoryRun[]): string[] {
  if (runs.length === 0) return [];
  const header = ["when", "run", "backup", "verdict", "proof", "size", "RTO", "limit", "RPO", "limit", "evidence"];
  const rows = runs.map((run) => [
    `${run.started_at.slice(0, 16).replace("T", " ")}Z`,
    run.command,
    run.backup ?? "-",
    run.at === undefined ? "never ended" : run.verdict,
    run.proof ?? "-",
    run.size_bytes === undefined ? "-" : sizeText(run.size_bytes),
    ...[run.rto_ms, run.rto_limit_ms, run.rpo_ms, run.rpo_limit_ms].map((ms) =>
      ms === undefined ? "-" : durationText(ms)
    ),
    run.evidence.replaceAll("_", " "),
  ]);
  return columns(header, rows, [5, 6, 7, 8, 9]);
}

/** Where recovery time and size are going, a line each. */
export function trendLines(trends: readonly Trend[]): string[] {
  return trends.map(({ database, quantity, state, point_count, per_day = 0, limit, crosses_at }) => {
    const [what, text] = quantity === "rto_ms" ? ["RTO", durationText] as const : ["size", sizeText] as const;
    const about = `  ${what} of ${database || "the database"}:`;
    if (state === "too_few") {
      return `${about} ${counted(point_count, "drill says", "drills say")} nothing about a trend`;
    }
    const change = `${per_day < 0 ? "-" : "+"}${text(Math.abs(per_day))} a day, by ${counted(point_count, "drill")}`;
    if (state === "no_limit") return `${about} ${change}; no limit`;
    if (state === "above_limit") return `${about} ${change}; above its limit of ${text(limit!)}`;
    if (state === "below_limit") return `${about} ${change}; stays below its limit of ${text(limit!)}`;
    return `${about} ${change}; reaches its limit of ${text(limit!)} on ${crosses_at!.slice(0, 10)}`;
  });
}

/** Where a verdict was kept, or what a record turned out to be. */
export function evidenceLines(evidence: Evidence | undefined, log: EvidenceLog | undefined): string[] {
  return [
    ...(evidence && evidence.state === undefined ? [`  evidence: ${evidence.record}, sha256 ${evidence.sha256}`] : []),
    ...(log?.head ? [`  evidence log: ${counted(log.record_count, "record")}, head ${log.head.sha256}`] : []),
  ];
}
