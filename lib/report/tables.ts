import type {
  Evidence,
  EvidenceLog,
  HistoryRun,
  ListedBackup,
  Retention,
  Trend,
  TriedMutation,
} from "../verdict/verdict.ts";
import { counted, durationText, sizeText } from "../system/quantities.ts";

/** Backups as tables, those of what a restore replaced apart from the others; nothing if there are none. */
export function backupsTable(backups: readonly ListedBackup[]): string[] {
  const safety = tableOf(backups.filter(({ purpose }) => purpose === "safety"));
  return [
    ...tableOf(backups.filter(({ purpose }) => purpose !== "safety")),
    ...(safety.length > 0 ? ["safety backups, made before a restore:", ...safety] : []),
  ];
}

function tableOf(backups: readonly ListedBackup[]): string[] {
  if (backups.length === 0) return [];
  const header = ["name", "age", "size", "format", "server", "encrypted", "last drill"];
  const rows = backups.map((backup) => [
    backup.name,
    age(backup.age_ms),
    sizeText(backup.size_bytes),
    backup.state === "finished" ? backup.format ?? "" : backup.state.replace("_", " "),
    backup.server ?? "-",
    backup.encrypted ? "yes" : "no",
    lastDrill(backup),
  ]);
  return columns(header, rows, [1, 2]);
}

/** What prune keeps and removes, a line each. */
export function retentionLines(retention: Retention | undefined): string[] {
  if (!retention) return [];
  return [
    ...retention.keep.map(({ name, reasons }) => `  keep    ${name}  (${reasons.join(", ").replaceAll("_", " ")})`),
    ...retention.remove.map(({ name, size_bytes, removed }) =>
      `  ${removed ? "removed" : "remove "} ${name}  ${sizeText(size_bytes)}`
    ),
  ];
}

function lastDrill({ drill, age_ms, taken_at }: ListedBackup): string {
  if (!drill) return "never";
  const sinceMs = age_ms - (Date.parse(drill.at) - Date.parse(taken_at));
  return `${drill.verdict}${drill.proof ? ` (${drill.proof})` : ""}, ${age(sinceMs)} ago`;
}

/** `26 h`, `8 d`. */
function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

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

/** How many drills make a trend. */
export const fewestPoints = 5;

/** Where recovery time and size are going, a line each. */
export function trendLines(trends: readonly Trend[]): string[] {
  return trends.map(({ database, quantity, state, point_count, per_day = 0, limit, crosses_at }) => {
    const [what, text] = quantity === "rto_ms" ? ["RTO", durationText] as const : ["size", sizeText] as const;
    const about = `  ${what} of ${database || "the database"}:`;
    if (state === "too_few") {
      return `  Trend of ${what} of ${database || "the database"}: needs ${fewestPoints} drills, has ${point_count}`;
    }
    const change = `${per_day < 0 ? "-" : "+"}${text(Math.abs(per_day))} a day, from ${counted(point_count, "drill")}`;
    if (state === "no_limit") return `${about} ${change}; no limit`;
    if (state === "above_limit") return `${about} ${change}; above its limit of ${text(limit!)}`;
    if (state === "below_limit") return `${about} ${change}; will stay below its limit of ${text(limit!)}`;
    return `${about} ${change}; will reach its limit of ${text(limit!)} on ${crosses_at!.slice(0, 10)}`;
  });
}

/** Where a verdict was kept, or what a record turned out to be. */
export function evidenceLines(evidence: Evidence | undefined, log: EvidenceLog | undefined): string[] {
  return [
    ...(evidence && evidence.state === undefined ? [`  evidence: ${evidence.record}, sha256 ${evidence.sha256}`] : []),
    ...(log?.head ? [`  evidence log: ${counted(log.record_count, "record")}, head ${log.head.sha256}`] : []),
  ];
}

/** The selftest's mutations as a table: name, the finding that caught it, and what was broken. */
export function mutationsTable(mutations: TriedMutation[]): string[] {
  const rows = mutations.map(({ name, caught_by, object, ok, duration_ms }) => ({
    name: `${ok ? "✓" : "✗"} ${name}`,
    caughtBy: caught_by ?? "MISSED",
    object,
    time: `${duration_ms} ms`,
  }));
  const width = (cell: "name" | "caughtBy" | "time") => Math.max(...rows.map((row) => row[cell].length));
  const [name, caughtBy, time] = [width("name"), width("caughtBy"), width("time")];
  return rows.map((row) =>
    `  ${row.name.padEnd(name)}  ${row.time.padStart(time)}  ${row.caughtBy.padEnd(caughtBy)}  ${row.object}`
  );
}

/**
 * Lays cells out in columns, under a header.
 *
 * @param numbers Which columns hold numbers, and end flush.
 */
export function columns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: number[] = [],
): string[] {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return [header, ...rows].map((row) =>
    "  " +
    row.map((cell, column) => numbers.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))
      .join("  ").trimEnd()
  );
}
