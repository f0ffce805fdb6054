import { serverProblem } from "../postgres/server_problem.ts";
import { is } from "../system/define_finding.ts";
import { diskFull, leftBehind } from "../system/findings.ts";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { redact } from "../system/redact.ts";
import type { Finding } from "../verdict/verdict.ts";
import { fileForbidden, hostOutOfResources, internalError, interrupted, timeout } from "./findings.ts";

/** What a step threw, as a finding. */
export interface Thrown {
  finding: Finding;
  consequence: string;
}

/** Says what a job's step threw, and what it means for the verdict. */
export function toFinding(thrown: unknown, signal: AbortSignal, debug = false): Thrown {
  const error = serverProblem(thrown) ?? hostProblem(thrown) ?? thrown;
  // Whatever broke once we were asked to stop broke because of that.
  if (signal.aborted && !is(error, leftBehind)) {
    const reason = signal.reason as DOMException;
    const stopped = { reason: reason.message };
    const finding = reason.name === "TimeoutError" ? timeout(stopped) : interrupted(stopped);
    return { finding, consequence: "unknown" };
  }
  if (error instanceof OperatorError) {
    const { code, message, fix, detail, consequence } = error;
    const finding: Finding = { code, message: redact(message), fix, ...(detail && { detail: redact(detail) }) };
    return { finding, consequence };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const finding = internalError({ reason: redact(message), stack: debug && stack ? redact(stack) : undefined });
  return { finding, consequence: "unknown" };
}

/** What the host refused, of a file or directory that no step speaks about itself. */
function hostProblem(thrown: unknown): OperatorError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof OperatorError) return undefined;
  const { message } = thrown;
  const path = /: \w+ '(.*)'$/.exec(message)?.[1] ?? "a file";
  const facts = { path, reason: reasonOf(thrown) };
  const from = { cause: thrown };
  if (/\(os error (28|122)\)|^(ENOSPC|EDQUOT)\b/.test(message)) return diskFull.refused.error(facts, from);
  if (/\(os error (11|12|23|24)\)|^(EAGAIN|ENOMEM|ENFILE|EMFILE)\b/.test(message)) {
    return hostOutOfResources.refused.error(facts, from);
  }
  if (thrown instanceof Deno.errors.NotCapable || /\(os error (1|13|30)\)|^(EPERM|EACCES|EROFS)\b/.test(message)) {
    return fileForbidden.error(facts, from);
  }
  return undefined;
}

/** A failed cleanup does not pass, and says nothing about the backup. */
export function whatIsLeft(what: string, error: unknown): OperatorError {
  if (is(error, leftBehind)) return error;
  const { message: reason, fix } = error instanceof OperatorError
    ? error
    : { message: reasonOf(error), fix: undefined };
  return leftBehind.otherwise.error({ what, reason: reason.replace(/\.$/, ""), fix });
}
