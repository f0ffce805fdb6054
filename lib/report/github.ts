import { withoutControls } from "./printable.ts";
import type { Verdict } from "../verdict/verdict.ts";

/**
 * Failed assertions and findings as GitHub Actions annotations, one line each.
 *
 * Escaped as GitHub's workflow commands want it: `%`, CR and LF everywhere, `:` and `,` in properties as well.
 */
export function annotate({ assertions, findings }: Verdict): string[] {
  return [
    ...assertions.filter(({ ok }) => !ok).map(({ name, expected, actual }) =>
      annotation("error", name, `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`)
    ),
    ...findings.map(({ code, message, fix, severity }) => annotation(severity ?? "error", code, `${message} ${fix}`)),
  ];
}

function annotation(level: "error" | "warning", title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return withoutControls(text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A"));
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
