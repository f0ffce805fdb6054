import type { CheckOutcome, Verdict } from "../../verdict/verdict.ts";
import { counted, durationText } from "../../system/quantities.ts";
import { type Color, paintMark, type Screen } from "./screen.ts";

const marks: Record<CheckOutcome["state"], [mark: string, color: Color]> = {
  fail: ["✗", "red"],
  not_run: ["?", "yellow"],
  review: ["?", "yellow"],
  warn: ["!", "yellow"],
  pass: ["✓", "green"],
};

/** So many that passed are named; the others are counted. */
const mostPassed = 5;

/** The configured checks, those that did not pass first. */
export function checksLines({ checks = [] }: Verdict, screen: Screen): string[] {
  const order = Object.keys(marks);
  const ordered = checks.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const passed = ordered.filter(({ state }) => state === "pass");
  const shown = passed.length <= mostPassed ? ordered : ordered.filter(({ state }) => state !== "pass");
  const width = Math.min(40, Math.max(...shown.map(({ name }) => name.length)));
  const lines = shown.map(({ name, kind, state, duration_ms }) => {
    const [mark, color] = marks[state];
    const said = state === "pass" ? "" : `, ${state.replace("_", " ")}`;
    return paintMark(`  ${mark} ${name.padEnd(width)}  ${kind}${said}, ${durationText(duration_ms)}`, color, screen);
  });
  if (shown.length === ordered.length) return lines;
  return [...lines, paintMark(`  ✓ ${counted(passed.length, "check")} passed`, "green", screen)];
}
