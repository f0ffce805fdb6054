import { redactDocument } from "../system/redact.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { VerdictSoFar } from "./job.ts";
import type { Thrown } from "./thrown.ts";

/** A verdict while it is being reached. */
interface Account {
  /** What steps add to it. */
  verdictSoFar: VerdictSoFar;
  /** Adds what a step threw. */
  addThrown(thrown: Thrown): void;
  /** Writes down what the verdict is by now, without anything secret. */
  conclude(): void;
}

/**
 * Keeps account of what a run finds.
 *
 * @param isGivenUp Whether what is asserted and found now counts no more.
 */
export function keepAccount(verdict: Verdict, { isGivenUp }: { isGivenUp: () => boolean }): Account {
  let isWrong = false;
  let couldNotVerify = false;
  const failed = () => verdict.assertions.filter(({ ok }) => !ok);
  const hasFailed = () => isWrong || failed().some(({ not_run, severity }) => !not_run && !severity);
  const isOpen = () =>
    couldNotVerify || failed().some(({ not_run }) => not_run) ||
    (!verdict.reviewed_by && failed().some(({ severity }) => severity === "review"));
  const verdictSoFar: VerdictSoFar = {
    expect(name, { expected, actual }, ...findings) {
      const ok = Object.is(expected, actual);
      verdictSoFar.assert({ name, ok, expected, actual });
      verdictSoFar.find(...findings.filter(({ severity }) => !ok || severity === "warning"));
    },
    assert(...assertions) {
      if (!isGivenUp()) verdict.assertions.push(...assertions);
    },
    soFar: () => verdict,
    hasFailed,
    isGood: () => !hasFailed() && !isOpen(),
    find(...findings) {
      if (isGivenUp()) return;
      verdict.findings.push(...findings);
      if (findings.some(({ severity }) => severity !== "warning")) isWrong = true;
    },
    leaveOpen(...findings) {
      verdict.findings.push(...findings);
      if (findings.length > 0) couldNotVerify = true;
    },
    note: (...notes) => void (verdict.notes ??= []).push(...notes),
    record(sections) {
      Object.assign(verdict, { ...sections, postgres: { ...verdict.postgres, ...sections.postgres } });
    },
  };
  return {
    verdictSoFar,
    addThrown({ finding, consequence }) {
      verdict.findings.push(finding);
      if (consequence === "unknown") couldNotVerify = true;
      else isWrong = true;
    },
    conclude() {
      const { assertions, findings, notes } = verdict;
      // They quote from outside; what a check may show, it knows.
      const redacted = <T extends { check?: string }>(list: T[]) =>
        list.map((each) => redactDocument(each, { mayShowRows: each.check !== undefined }));
      Object.assign(verdict, { assertions: redacted(assertions), findings: redacted(findings) });
      if (notes) Object.assign(verdict, { notes: redactDocument(notes) });
      verdict.verdict = hasFailed() ? "fail" : isOpen() ? "unknown" : "pass";
      if (verdict.verdict !== "pass") verdict.proof = undefined;
    },
  };
}
