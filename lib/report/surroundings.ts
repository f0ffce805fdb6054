import { appendRegular } from "../system/regular_file.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { withoutControls } from "./printable.ts";

/**
 * Reports a verdict to where the environment asks for it: as Markdown into `$GITHUB_STEP_SUMMARY`, as spans to
 * OpenTelemetry's endpoint.
 *
 * Never throws, and never changes the verdict.
 *
 * @param signal Aborted when the run is to stop: the spans then have a second.
 *
 * @returns What could not be reported, a sentence each.
 */
export async function reportToSurroundings(
  verdict: Verdict,
  env: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<string[]> {
  const problems = await Promise.all([
    env.GITHUB_STEP_SUMMARY ? appendSummary(verdict, env.GITHUB_STEP_SUMMARY) : undefined,
    env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
      ? sendSpans(verdict, env, signal)
      : undefined,
  ]);
  return problems.filter((problem) => problem !== undefined);
}

async function appendSummary(verdict: Verdict, path: string): Promise<string | undefined> {
  try {
    const { markdownReport } = await import("./markdown.ts");
    await appendRegular(path, `${markdownReport(verdict)}\n`);
    return undefined;
  } catch (error) {
    return `Could not write the summary to GITHUB_STEP_SUMMARY: ${(error as Error).message}.`;
  }
}

async function sendSpans(
  verdict: Verdict,
  env: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { exportSpans } = await import("./otel/export_spans.ts");
  return await exportSpans(verdict, env, { signal });
}

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
