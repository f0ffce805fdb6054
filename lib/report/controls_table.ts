import type { Control } from "../verdict/verdict.ts";
import { markdownText } from "./printable.ts";
import { columns } from "./tables.ts";

/** Controls as a table; nothing if there are none. */
export function controlsTable(controls: readonly Control[]): string[] {
  if (controls.length === 0) return [];
  const rows = controls.map(({ control, last_pass_at, evidence }) => [
    control,
    last_pass_at?.slice(0, 10) ?? "never",
    String(evidence.length),
    evidence[0]?.records[0] ?? "-",
  ]);
  return columns(["control", "last pass", "runs", "newest evidence"], rows, [2]);
}

/** Controls as Markdown, for whoever audits. */
export function controlsMarkdown(controls: readonly Control[], store: string): string {
  const sections = controls.flatMap(({ control, last_pass_at, evidence }) => [
    `## ${markdownText(control)}`,
    "",
    last_pass_at === undefined ? "**No passing run.**" : `Last pass: ${last_pass_at}.`,
    "",
    ...(evidence.length === 0 ? [] : [
      "| when | run | verdict | proof | backup | record | signature |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      ...evidence.map((run) => {
        const signature = run.evidence.replaceAll("_", " ");
        const cells = [
          run.at ?? run.started_at,
          run.command,
          run.verdict,
          run.proof,
          run.backup,
          run.records[0],
          signature,
        ];
        return `| ${cells.map((cell) => markdownText(cell ?? "-")).join(" | ")} |`;
      }),
      "",
    ]),
  ]);
  return ["# Evidence by control", "", `From ${markdownText(store)}, ${new Date().toISOString()}.`, "", ...sections]
    .join("\n").trimEnd() + "\n";
}
