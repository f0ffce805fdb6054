import type { Verdict } from "../verdict/verdict.ts";
import { markdownText } from "./printable.ts";
import { countText, durationText, momentText, sizeText, valueText } from "../system/quantities.ts";
import { backupAgeMs, backupSizeBytes, worstFirst } from "./reported_run.ts";
import { explanation, headline } from "./sentence.ts";

/** GitHub takes 1 MiB of all steps of a job; that is too much to read. */
const mostRows = 50;

const icons = { pass: "✅", fail: "❌", unknown: "❔" } as const;

/** A verdict as GitHub's Markdown: what it says, what is wrong and what to do, and the figures. */
export function markdownReport(verdict: Verdict): string {
  const blocks = [
    `## ${icons[verdict.verdict]} ${verdict.verdict}: ${markdownText(headline(verdict))}`,
    markdownText(explanation(verdict)),
    ...findings(verdict),
    ...failedAssertions(verdict),
    ...checks(verdict),
    table(["", ""], figures(verdict)),
    ...phases(verdict),
  ];
  return blocks.join("\n\n") + "\n";
}

function findings({ findings }: Verdict): string[] {
  if (findings.length === 0) return [];
  const lines = worstFirst(findings).slice(0, mostRows).map(({ code, message, fix, severity }) =>
    `- ${severity === "warning" ? "⚠️" : "❌"} **${markdownText(code)}** ${markdownText(message)}<br>${
      markdownText(fix)
    }`
  );
  if (findings.length > mostRows) lines.push(`- and ${findings.length - mostRows} more findings`);
  return [lines.join("\n")];
}

function failedAssertions({ assertions }: Verdict): string[] {
  const failed = assertions.filter(({ ok }) => !ok);
  if (failed.length === 0) return [];
  const rows = failed.slice(0, mostRows).map(({ name, expected, actual, not_run, severity }) => [
    name,
    valueText(expected),
    not_run ? "not run" : `${valueText(actual)}${severity ? ` (${severity})` : ""}`,
  ]);
  if (failed.length > mostRows) rows.push([`and ${failed.length - mostRows} more`, "", ""]);
  return [table(["assertion", "expected", "found"], rows)];
}

function checks({ checks = [] }: Verdict): string[] {
  if (checks.length === 0) return [];
  const rows = checks.slice(0, mostRows).map(({ name, kind, state, duration_ms }) => [
    name,
    kind,
    state.replace("_", " "),
    durationText(duration_ms),
  ]);
  return [table(["check", "kind", "result", "time"], rows)];
}

function figures(verdict: Verdict): string[][] {
  const { recovery = {}, compared, postgres, assertions, tool, config } = verdict;
  const against = (ms?: number, limitMs?: number) =>
    (ms === undefined ? "not measured" : durationText(ms)) +
    (limitMs === undefined ? "" : ` (limit ${durationText(limitMs)})`);
  const isAsked = (ms?: number, limitMs?: number) => ms !== undefined || limitMs !== undefined;
  const size = backupSizeBytes(verdict);
  const age = backupAgeMs(verdict);
  return [
    ...(isAsked(recovery.rto_ms, recovery.rto_limit_ms)
      ? [["recovery time (RTO)", against(recovery.rto_ms, recovery.rto_limit_ms)]]
      : []),
    ...(isAsked(recovery.rpo_ms, recovery.rpo_limit_ms)
      ? [["recovery point (RPO)", against(recovery.rpo_ms, recovery.rpo_limit_ms)]]
      : []),
    ...(isAsked(age, recovery.backup_age_limit_ms)
      ? [["age of the backup", against(age, recovery.backup_age_limit_ms)]]
      : []),
    ...(size === undefined ? [] : [["size of the backup", sizeText(size)]]),
    ...(compared ? [["compared", `${countText(compared.rows)} rows in ${countText(compared.tables)} tables`]] : []),
    ...(assertions.length > 0
      ? [["assertions that hold", `${assertions.filter(({ ok }) => ok).length} of ${assertions.length}`]]
      : []),
    ...(postgres.server ? [["PostgreSQL", postgres.server]] : []),
    ["pgrehearse", `${tool.version} ${verdict.command}, ${momentText(verdict.started_at)}`],
    ...(config ? [["configuration", `${config.path}, SHA-256 ${config.sha256}`]] : []),
    ["whole run", durationText(verdict.duration_ms)],
  ];
}

function phases({ phases }: Verdict): string[] {
  if (phases.length === 0) return [];
  const rows = phases.map(({ name, duration_ms }) => [name, durationText(duration_ms)]);
  return [`<details><summary>Phases</summary>\n\n${table(["phase", "time"], rows)}\n\n</details>`];
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(markdownText).join(" | ")} |`;
  return [line(header), `| ${header.map(() => "---").join(" | ")} |`, ...rows.map(line)].join("\n");
}
