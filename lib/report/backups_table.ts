import { columns } from "./columns.ts";
import type { ListedBackup, Retention } from "../verdict/verdict.ts";
import { sizeText } from "../system/quantities.ts";

/** Backups as tables, those of what a restore replaced apart from the others; nothing if there are none. */
export function backupsTable(backups: readonly ListedBackup[]): string[] {
  const safety = tableOf(backups.filter(({ purpose }) => purpose === "safety"));
  return [
    ...tableOf(backups.filter(({ purpose }) => purpose !== "safety")),
    ...(safety.length > 0 ? ["safety backups, of what a restore replaced:", ...safety] : []),
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
export function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
