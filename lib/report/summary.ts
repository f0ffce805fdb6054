import type { Verdict } from "../verdict/verdict.ts";
import { backupsTable, retentionLines } from "./backups_table.ts";
import { mutationsTable } from "./mutations_table.ts";

const headlines = {
  pass: "PASS",
  fail: "FAIL",
  unknown: "UNKNOWN: could not verify",
} as const;

const proofs = {
  exact: "what came back is exactly what was there",
  checked: "the checks passed",
  restored: "it restored; nothing else was asked",
} as const;

const mostNotes = 10;

/** A verdict as one screen of text: the verdict first, then what is wrong and what to do. */
export function summarize(verdict: Verdict): string {
  const { command, proof, assertions, findings, postgres, duration_ms } = verdict;
  const lines = [
    ...mutationsTable(verdict.mutations ?? []),
    ...backupsTable(verdict.backups ?? []),
    ...retentionLines(verdict.retention),
    `${command}: ${headlines[verdict.verdict]}${proof ? ` (${proof}: ${proofs[proof]})` : ""}`,
  ];
  for (const { name, expected, actual } of assertions.filter(({ ok }) => !ok)) {
    lines.push(`  ✗ ${name}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
  for (const { code, message, fix, detail, severity } of findings) {
    lines.push(`  ${severity === "warning" ? "!" : "✗"} ${code}: ${message}`, `    ${fix}`);
    if (detail) lines.push(...detail.trimEnd().split("\n").map((line) => `    | ${line}`));
  }
  const { notes = [] } = verdict;
  for (const { code, message } of notes.slice(0, mostNotes)) lines.push(`  · ${code}: ${message}`);
  if (notes.length > mostNotes) lines.push(`  · and ${notes.length - mostNotes} notes more`);
  const held = assertions.filter(({ ok }) => ok).length;
  const facts = [
    ...(assertions.length > 0 ? [`${held} of ${assertions.length} assertions hold`] : []),
    ...(postgres.server ? [`PostgreSQL ${postgres.server}`] : []),
    `${(duration_ms / 1000).toFixed(1)} s`,
  ];
  lines.push(`  ${facts.join(" · ")}`);
  return lines.join("\n");
}
