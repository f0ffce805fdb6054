import type { Finding } from "../verdict/verdict.ts";
import type { CheckResult } from "./check.ts";

/** What an assertion expected, and what was there. */
interface Expected {
  ok: boolean;
  expected: unknown;
  actual: unknown;
}

/**
 * One assertion of a check, and what to say where it does not hold.
 *
 * @param findings Left out where it holds. A single one gets `expected` and `actual` from the assertion.
 */
export function expect(name: string, { ok, expected, actual }: Expected, ...findings: Finding[]): CheckResult {
  const paired = findings.length === 1 ? [{ expected, actual, ...findings[0] }] : findings;
  return { assertions: [{ name, ok, expected, actual }], findings: ok ? [] : paired };
}

/** What several looks found, as one result. */
export function together(...results: readonly CheckResult[]): CheckResult {
  const notes = results.flatMap(({ notes = [] }) => notes);
  return {
    assertions: results.flatMap(({ assertions }) => assertions),
    findings: results.flatMap(({ findings = [] }) => findings),
    ...(notes.length > 0 && { notes }),
  };
}
