import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import type { CheckedDatabase, CheckedSystem } from "./check_context.ts";
import { stepsNotReached } from "./findings/steps.ts";
import { type PlannedStep, plannedSteps } from "./planned_steps.ts";
import { leaveChecksOut, runConfiguredChecks } from "./run_configured_checks.ts";

/** A system while it is brought back. */
export interface SystemRun {
  job: Job;
  config: Config;
  /** What checks can look at; grows step by step. */
  system: CheckedSystem;
  /** Brings a database back; `undefined` if there is nothing to look at. */
  restoreDatabase(name: string): Promise<CheckedDatabase | undefined>;
  /** Brings buckets back, or sees that their copies are there. */
  bringObjects(buckets: string[]): Promise<void>;
}

/**
 * Follows the steps in their order, and stops where one fails.
 *
 * @returns When the last required thing had been looked at; `undefined` if a step failed, and so not everything is back.
 */
export async function runSteps(run: SystemRun): Promise<Date | undefined> {
  const { job, system } = run;
  const steps = plannedSteps(run.config);
  let lastRequired = system.startedAt;
  for (const [index, step] of steps.entries()) {
    try {
      await job.phase(step.name, () => runStep(run, step));
    } catch (error) {
      leaveStepsOut(run, step, steps.slice(index + 1));
      throw error;
    }
    if (isRequired(run, step)) lastRequired = new Date();
    if (job.hasFailed()) {
      leaveStepsOut(run, step, steps.slice(index + 1));
      return undefined;
    }
  }
  return lastRequired;
}

/** What was not done is said: nobody shall take it for good. */
function leaveStepsOut({ job, config }: SystemRun, failed: PlannedStep, rest: PlannedStep[]): void {
  if (rest.length === 0) return;
  leaveChecksOut(job, config, rest.flatMap(({ checks = [] }) => checks));
  job.note(stepsNotReached({ failed: failed.name, steps: rest.map(({ name }) => name) }));
}

async function runStep(run: SystemRun, step: PlannedStep): Promise<void> {
  const { job, config, system } = run;
  const databases = () => new Map([...system.databases].map(([name, { parameters }]) => [name, parameters]));
  if (step.databases) {
    for (const name of step.databases) {
      const restored = await run.restoreDatabase(name);
      if (restored) system.databases.set(name, restored);
    }
  }
  if (step.objects) await run.bringObjects(step.objects);
  if (step.command) {
    const { runCommandStep } = await import("./run_command.ts");
    await runCommandStep(job, step.name, step.command, databases());
  }
  for (const name of step.start ?? []) {
    const { startApp } = await import("./run_app.ts");
    const { url } = await startApp(job, name, config.app[name], databases());
    system.apps.set(name, url);
  }
  if (step.checks) {
    await runConfiguredChecks(job, config.checks.filter(({ name }) => step.checks!.includes(name)), system);
  }
}

/** Whether recovery is not over before this step is. */
function isRequired({ config }: SystemRun, { checks }: PlannedStep): boolean {
  return !checks || config.checks.some(({ name, severity }) => checks.includes(name) && severity === "fail");
}
