import type { Assertion, Finding, Verdict } from "../verdict/verdict.ts";
import { withoutControls } from "./printable.ts";
import { valueText } from "../system/quantities.ts";
import { databasesOf, worstFirst } from "./reported_run.ts";

/** What a CI shows of one failure is short; everything is in the verdict. */
const mostFindings = 20;

interface TestCase {
  name: string;
  seconds: number;
  outcome?: { element: "failure" | "error" | "skipped"; message: string; text?: string };
  output?: string;
}

/**
 * Verdicts as JUnit XML, in the shape that Jenkins reads: a suite for each, a test case an assertion.
 *
 * What was not run, or waits for a review, is `skipped`. As a CI takes skipped tests for green, and a verdict may be
 * `unknown` or `fail` although no assertion failed, such a verdict has one more case, named `verdict`, that is not.
 */
export function junitReport(verdicts: readonly Verdict[]): string {
  const suites = verdicts.map(suite);
  const sum = (key: "tests" | "failures" | "errors" | "skipped") =>
    suites.reduce((sum, counts) => sum + counts[key], 0);
  const seconds = verdicts.reduce((sum, { duration_ms }) => sum + duration_ms, 0) / 1_000;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pgrehearse" tests="${sum("tests")}" failures="${sum("failures")}" errors="${
      sum("errors")
    }" time="${seconds.toFixed(3)}">`,
    ...suites.map(({ xml }) => xml),
    "</testsuites>\n",
  ].join("\n");
}

function suite(verdict: Verdict) {
  const { command, started_at, duration_ms } = verdict;
  const name = ["pgrehearse", command, ...databasesOf(verdict)].join(" ");
  const cases = [...verdict.assertions.map((assertion) => testCase(assertion, verdict)), ...verdictCase(verdict)];
  const count = (element: string) => cases.filter(({ outcome }) => outcome?.element === element).length;
  const counts = {
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  };
  const attributes = Object.entries({
    name,
    ...counts,
    time: (duration_ms / 1_000).toFixed(3),
    timestamp: started_at.slice(0, 19),
  }).map(([key, value]) => ` ${key}="${escape(String(value))}"`).join("");
  const xml = [
    `  <testsuite${attributes}>`,
    "    <properties>",
    ...properties(verdict).map(([name, value]) => `      <property name="${name}" value="${escape(value)}"/>`),
    "    </properties>",
    ...cases.map((one) => caseXml(one, `pgrehearse.${command}`)),
    "  </testsuite>",
  ].join("\n");
  return { ...counts, xml };
}

function properties({ verdict, proof, tool, postgres, config }: Verdict): [string, string][] {
  return [
    ["verdict", verdict],
    ...(proof === undefined ? [] : [["proof", proof] as [string, string]]),
    ["pgrehearse", tool.version],
    ...(postgres.server === undefined ? [] : [["postgres", postgres.server] as [string, string]]),
    ...(config === undefined ? [] : [["config_sha256", config.sha256] as [string, string]]),
  ];
}

function testCase(assertion: Assertion, verdict: Verdict): TestCase {
  const { name, ok, expected, actual, check, not_run, severity } = assertion;
  const ofCheck = verdict.assertions.filter((other) => other.check === check).length;
  const durationMs = check === undefined ? 0 : verdict.checks?.find((ran) => ran.name === check)?.duration_ms ?? 0;
  const seconds = durationMs / ofCheck / 1_000;
  if (ok) return { name, seconds };
  const difference = `expected ${valueText(expected)}, got ${valueText(actual)}`;
  if (not_run) return { name, seconds, outcome: { element: "skipped", message: "not run" } };
  const text = findingsText(verdict.findings.filter((finding) => finding.check === check));
  if (severity === "warn") return { name, seconds, output: `Warning: ${difference}\n${text}` };
  if (severity === "review") {
    const message = verdict.reviewed_by === undefined ? "needs review" : `reviewed by ${verdict.reviewed_by}`;
    return { name, seconds, outcome: { element: "skipped", message: `${message}: ${difference}` } };
  }
  return { name, seconds, outcome: { element: "failure", message: difference, text } };
}

function verdictCase(verdict: Verdict): TestCase[] {
  const isShown = verdict.assertions.some(({ ok, not_run, severity }) => !ok && !not_run && !severity);
  if (verdict.verdict === "pass" || (verdict.verdict === "fail" && isShown)) return [];
  const [message, element] = verdict.verdict === "fail"
    ? ["something is wrong", "failure" as const]
    : ["could not verify", "error" as const];
  return [{ name: "verdict", seconds: 0, outcome: { element, message, text: findingsText(verdict.findings) } }];
}

function findingsText(findings: readonly Finding[]): string {
  const shown = worstFirst(findings).slice(0, mostFindings).map(({ code, message, fix, detail }) =>
    [`${code}: ${message}`, `  ${fix}`, ...(detail ? [valueText(detail, 1_000)] : [])].join("\n")
  );
  if (findings.length > mostFindings) shown.push(`and ${findings.length - mostFindings} more findings`);
  return shown.join("\n");
}

function caseXml({ name, seconds, outcome, output }: TestCase, className: string): string {
  const opening = `    <testcase classname="${escape(className)}" name="${escape(name)}" time="${seconds.toFixed(3)}"`;
  if (output !== undefined) return `${opening}>\n      <system-out>${escape(output)}</system-out>\n    </testcase>`;
  if (!outcome) return `${opening}/>`;
  const { element, message, text = "" } = outcome;
  const type = element === "skipped" ? "" : ` type="${element}"`;
  return `${opening}>\n      <${element} message="${escape(message)}"${type}>${
    escape(text)
  }</${element}>\n    </testcase>`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** What XML 1.0 forbids even as a reference, or a reader would obey, becomes U+FFFD. */
function escape(text: string): string {
  return withoutControls(text)
    .replace(/[&<>"']/g, (character) => entities[character])
    .replace(/[\ufffe\uffff]/g, "\ufffd");
}
