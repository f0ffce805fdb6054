import { serverProblem } from "../postgres/server_problem.ts";
import { inParallel } from "../system/in_parallel.ts";
import { OperatorError } from "../system/operator_error.ts";
import { redact } from "../system/redact.ts";
import { timerMs, untilAborted } from "../system/timer.ts";
import type { Assertion, CheckOutcome, Finding, Note } from "../verdict/verdict.ts";
import type { CheckContext, CheckKind, CheckResult } from "./check.ts";
import { checkBroke, checkTimeout } from "./findings.ts";
import { type Check, checkKinds } from "./kinds.ts";

/** What a check found, in the verdict's terms. */
interface CheckedCheck {
  outcome: CheckOutcome;
  assertions: Assertion[];
  findings: Finding[];
  notes: Note[];
}

/** How many checks look at the same time. */
const checksAtOnce = 4;

/**
 * Runs checks, several at the same time, each to its end even if another one fails.
 *
 * A check that throws or takes too long was not run: its finding says why, and no verdict passes with it.
 *
 * @param contextOf Makes what one check can look at; `signal` is aborted when that check's time is over.
 */
export function runChecks(
  checks: readonly Check[],
  contextOf: (check: Check, signal: AbortSignal) => CheckContext,
  { signal }: { signal: AbortSignal },
): Promise<CheckedCheck[]> {
  return inParallel(checks, checksAtOnce, (check) => runCheck(check, contextOf, signal));
}

async function runCheck(
  check: Check,
  contextOf: (check: Check, signal: AbortSignal) => CheckContext,
  signal: AbortSignal,
): Promise<CheckedCheck> {
  const start = performance.now();
  const timeout = AbortSignal.timeout(timerMs(check.timeout));
  const own = AbortSignal.any([signal, timeout]);
  let result: CheckResult | undefined;
  let problem: Finding | undefined;
  try {
    result = await untilAborted(kindOf(check).run(check as never, contextOf(check, own)), own);
  } catch (error) {
    signal.throwIfAborted();
    problem = notRun(check, timeout.aborted ? timedOut(check) : error);
  }
  const outcome = (state: CheckOutcome["state"]): CheckOutcome => ({
    name: check.name,
    kind: check.kind,
    state,
    duration_ms: Math.round(performance.now() - start),
  });
  if (!result) {
    const assertion: Assertion = { name: "run", ok: false, expected: true, actual: false, not_run: true };
    return { outcome: outcome("not_run"), assertions: [named(check, assertion)], findings: [problem!], notes: [] };
  }
  const ok = result.assertions.every(({ ok }) => ok);
  const hasWarned = result.findings?.some((finding) => finding.severity === "warning");
  const severity = check.severity === "fail" ? undefined : check.severity;
  return {
    outcome: outcome(!ok ? check.severity : hasWarned ? "warn" : "pass"),
    assertions: result.assertions.map((assertion) => named(check, { ...assertion, ...(severity && { severity }) })),
    findings: (result.findings ?? []).map((finding) => ({
      ...finding,
      check: check.name,
      ...(severity && { severity: "warning" as const }),
    })),
    notes: result.notes ?? [],
  };
}

export function kindOf({ kind }: Check): CheckKind {
  return checkKinds.find((known) => known.kind === kind)!;
}

function named(check: Check, assertion: Assertion): Assertion {
  return { ...assertion, name: `${check.name}: ${assertion.name}`, check: check.name };
}

function notRun({ name }: Check, thrown: unknown): Finding {
  const error = serverProblem(thrown) ?? thrown;
  const { message } = error as Error;
  // What must not be shown, the check has left out.
  const shown = (text: string) => redact(text, { mayShowRows: true });
  if (!(error instanceof OperatorError)) return { ...checkBroke({ check: name, said: shown(message) }), check: name };
  const { code, fix, detail } = error;
  return {
    code,
    message: shown(`${name} was not run: ${message}`),
    fix,
    ...(detail && { detail: shown(detail) }),
    check: name,
  };
}

function timedOut({ timeout }: Check): OperatorError {
  return checkTimeout.error({ timeoutMs: timeout });
}
