import type { Verdict } from "../../lib/verdict/verdict.ts";

/** What a verdict found, by the codes. */
export function codes({ findings }: Verdict): string[] {
  return findings.map(({ code }) => code);
}

/** The whole verdict, for an assertion that fails. */
export function said(verdict: Verdict): string {
  return JSON.stringify(verdict, null, 2);
}
