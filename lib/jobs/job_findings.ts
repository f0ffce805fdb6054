import { serverProblem } from "../postgres/server_problem.ts";
import { OperatorError } from "../system/operator_error.ts";
import { reasonOf } from "../system/reason.ts";
import { redact } from "../system/redact.ts";
import type { Finding } from "../verdict/verdict.ts";

/** Says what a job's step threw, and what it means for the verdict. */
export function toFinding(thrown: unknown, signal: AbortSignal, debug = false) {
  const error = serverProblem(thrown) ?? hostProblem(thrown) ?? thrown;
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

/** What the host refused, of a file or directory that no step speaks about itself. */
function hostProblem(thrown: unknown): OperatorError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof OperatorError) return undefined;
  const { message } = thrown;
  const path = /: \w+ '(.*)'$/.exec(message)?.[1] ?? "a file";
  const refuse = (code: string, fix: string) =>
    new OperatorError(code, `This host refused ${path}: ${reasonOf(thrown)}.`, { fix, cause: thrown });
  if (/\(os error (28|122)\)|^(ENOSPC|EDQUOT)\b/.test(message)) {
    return refuse("DISK_FULL", "Make room there, then run it again.");
  }
  if (/\(os error (11|12|23|24)\)|^(EAGAIN|ENOMEM|ENFILE|EMFILE)\b/.test(message)) {
    return refuse("HOST_OUT_OF_RESOURCES", "Give it more memory, processes or open files (ulimit), then run it again.");
  }
  if (thrown instanceof Deno.errors.NotCapable || /\(os error (1|13|30)\)|^(EPERM|EACCES|EROFS)\b/.test(message)) {
    return refuse("FILE_FORBIDDEN", "Name another place, or let this user read and write there.");
  }
  return undefined;
}

/** What could not be cleaned up is no pass, and says nothing about the backup. */
export function leftBehind(what: string, error: unknown): OperatorError {
  const reason = error instanceof OperatorError ? error.message : `${reasonOf(error)}.`;
  return new OperatorError("LEFT_BEHIND", `Could not clean up ${what}: ${reason}`, {
    fix: error instanceof OperatorError ? error.fix : `Remove ${what} by hand.`,
  });
}
