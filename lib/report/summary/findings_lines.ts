import type { Finding } from "../../verdict/verdict.ts";
import { counted } from "../../system/quantities.ts";
import { worstFirst } from "../reported_run.ts";
import { wrap } from "../wrap.ts";
import { paintMark, type Screen } from "./screen.ts";

/** Of what a tool said, on a screen; the verdict holds it all. */
const mostDetailOnScreen = 4;
const mostDetailInLog = 100;

/** What is wrong and what to do, worst first, as many findings as there is room for; at least one. */
export function findingsLines(findings: readonly Finding[], mostLines: number, screen: Screen): string[] {
  const lines: string[] = [];
  const ordered = worstFirst(findings);
  for (const [place, finding] of ordered.entries()) {
    const block = linesOf(finding, screen);
    const isLast = place === ordered.length - 1;
    if (place > 0 && lines.length + block.length + (isLast ? 0 : 1) > mostLines) {
      return [...lines, ...theRest(ordered.slice(place), screen)];
    }
    lines.push(...block);
  }
  return lines;
}

function linesOf({ code, message, fix, detail, severity, check }: Finding, screen: Screen): string[] {
  const { columns: width, rows } = screen;
  const [mark, color] = severity === "warning" ? ["!", "yellow" as const] : ["✗", "red" as const];
  const isNamed = check === undefined || message.startsWith(check);
  const [first, ...others] = wrap(`${code}${isNamed ? "" : ` (${check})`}: ${message}`, {
    width,
    first: `  ${mark} `,
    rest: "    ",
  });
  const said = detail?.trimEnd().split("\n") ?? [];
  const most = rows === undefined ? mostDetailInLog : mostDetailOnScreen;
  return [
    paintMark(first, color, screen),
    ...others,
    ...wrap(fix, { width, first: "    → ", rest: "      " }),
    ...said.slice(0, most).map((line) => cut(`    | ${line}`, width)),
    ...(said.length > most ? [`    | and ${counted(said.length - most, "more line")} in the verdict`] : []),
  ];
}

/** `and 12 more findings in the verdict: ROWS_DIFFER ×9, SEQUENCE_BEHIND ×3`. */
function theRest(findings: Finding[], { columns: width }: Screen): string[] {
  const codes = [...Map.groupBy(findings, ({ code }) => code)].sort(([, a], [, b]) => b.length - a.length);
  const counts = codes.map(([code, { length }]) => length === 1 ? code : `${code} ×${length}`).join(", ");
  const what = counted(findings.length, "more finding");
  return wrap(`and ${what} in the verdict: ${counts}`, { width, first: "  ", rest: "    " });
}

function cut(line: string, width = Infinity): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
