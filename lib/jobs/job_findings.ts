import { serverProblem } from "../postgres/server_problem.ts";
import { OperatorError } from "../system/operator_error.ts";
import { redact } from "../system/redact.ts";
import type { Finding } from "../verdict/verdict.ts";

/** Says what a job's step threw, and what it means for the verdict. */
export function toFinding(thrown: unknown, signal: AbortSignal, debug = false) {
  const error = serverProblem(thrown) ?? thrown;
  // Whatever broke once we were asked to stop broke because of that.
  if (signal.aborted && !(error instanceof OperatorError && error.code === "LEFT_BEHIND")) {
    const reason = signal.reason as DOMException;
    const finding = reason.name === "TimeoutError"
      ? { code: "TIMEOUT", message: reason.message, fix: "Allow more with --timeout." }
      : {
        code: "INTERRUPTED",
        message: reason.message,
        fix: "Run it again; everything this run had made is removed.",
      };
    return { finding, consequence: "unknown" };
  }
  if (error instanceof OperatorError) {
    const { code, message, fix, detail, consequence } = error;
    const finding: Finding = { code, message: redact(message), fix, ...(detail && { detail: redact(detail) }) };
    return { finding, consequence };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const finding = {
    code: "INTERNAL_ERROR",
    message: redact(`pgrehearse made a mistake: ${message}`),
    fix: "Please report it, with the output of the same command under --debug.",
    ...(debug && stack && { detail: redact(stack) }),
  };
  return { finding, consequence: "unknown" };
}

/** What could not be cleaned up is no pass, and says nothing about the backup. */
export function leftBehind(what: string, error: unknown): OperatorError {
  const reason = error instanceof Error ? error.message : String(error);
  return new OperatorError("LEFT_BEHIND", `Could not clean up ${what}: ${reason}`, {
    fix: error instanceof OperatorError ? error.fix : `Remove ${what} by hand.`,
  });
}
