import type { CommandConfig } from "../../config/app_schema.ts";
import { startProgram } from "../../system/program.ts";
import { timerMs, untilAborted } from "../../system/timer.ts";
import { databaseVariables, type RestoredDatabases } from "./database_variables.ts";
import { commandFailed, commandTimeout } from "./findings/programs.ts";
import type { Job } from "../../run/job.ts";

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
  const facts = { name, program: command[0], lastLines: program.lastLines() || undefined };
  throw status === undefined
    ? commandTimeout.error({ ...facts, limitMs: timeout })
    : commandFailed.error({ ...facts, status });
}
