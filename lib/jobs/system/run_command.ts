import type { CommandConfig } from "../../config/app_schema.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { type Program, startProgram } from "../../system/program.ts";
import { timerMs } from "../../system/timer.ts";
import { untilAborted } from "../../system/until_aborted.ts";
import { databaseVariables, type RestoredDatabases } from "./database_variables.ts";
import type { Job } from "../job.ts";

/** How long a command may take to stop once it is given up. */
const stopWithinMs = 5_000;

/**
 * Runs a command of the operator's to its end, such as pending migrations.
 *
 * @throws {OperatorError} `COMMAND_FAILED`, `COMMAND_TIMEOUT`, `CANNOT_START`, `DATABASE_NOT_RESTORED`.
 */
export async function runCommandStep(
  job: Job,
  name: string,
  { command, cwd, env, database_env, timeout }: CommandConfig,
  databases: RestoredDatabases,
): Promise<void> {
  const whole = { ...env, ...databaseVariables(name, database_env, databases) };
  const program = await job.acquire(
    `the command ${name}`,
    () => Promise.resolve(startProgram(command, { env: whole, cwd, stopWithinMs })),
    async (program) => void await program.stop(),
  );
  const limit = AbortSignal.timeout(timerMs(timeout));
  const status = await untilAborted(program.ended, AbortSignal.any([job.signal, limit])).catch(() => undefined);
  job.signal.throwIfAborted();
  await program.stop();
  if (status === 0) return;
  if (status === undefined) {
    throw failed("COMMAND_TIMEOUT", `${name}: ${command[0]} took longer than ${timeout / 1000} s.`, program, {
      fix: "See its last lines for what it waits for, or give the step a longer timeout.",
    });
  }
  throw failed("COMMAND_FAILED", `${name}: ${command[0]} ended with status ${status}.`, program, {
    fix: fixForStatus(status),
  });
}

/** What to do about a program that ended as it should not. */
export function fixForStatus(status: number): string {
  if (status === 126 || status === 127) return "See that the program is there, executable, and in PATH.";
  return "See its last lines, and why it fails with the restored data.";
}

/** A failure of the operator's program, with its last lines. */
export function failed(code: string, message: string, program: Program, { fix }: { fix: string }): OperatorError {
  return new OperatorError(code, message, { fix, detail: program.lastLines() || undefined, consequence: "fail" });
}
