import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import { checkContexts, type CheckedDatabase, type CheckedSystem } from "./check_context.ts";
import { stepsNotReached } from "./findings/steps.ts";
import type { Check } from "../../checks/kinds.ts";
import { runChecks } from "../../checks/run_checks.ts";
import type { Step } from "../../config/step_schema.ts";

/** A system while it is brought back. */
interface SystemRun {
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

/** What was not done is said, so that it is not taken for done. */
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

/** Runs checks and records what they found. */
export async function runConfiguredChecks(job: Job, checks: readonly Check[], system: CheckedSystem): Promise<void> {
  const checked = await runChecks(checks, checkContexts(job, system), { signal: job.signal });
  for (const { outcome, assertions, findings, notes } of checked) {
    job.record({ checks: [...job.soFar().checks ?? [], outcome] });
    job.assert(...assertions);
    if (outcome.state === "not_run") job.leaveOpen(...findings);
    else job.find(...findings);
    job.note(...notes);
  }
}

/** Records that checks were not run, as an earlier step failed. */
function leaveChecksOut(job: Job, { checks }: Config, names: readonly string[]): void {
  for (const { name, kind } of checks.filter(({ name }) => names.includes(name))) {
    job.record({ checks: [...job.soFar().checks ?? [], { name, kind, state: "not_run", duration_ms: 0 }] });
    job.assert({ name: `${name}: run`, ok: false, expected: true, actual: false, check: name, not_run: true });
  }
}

/** A step with the name of its phase. */
type PlannedStep = Step & { name: string };

/** The steps of a restore, in order: the configuration's own, and whatever check none of them runs at the end. */
function plannedSteps(config: Config): PlannedStep[] {
  const steps = config.steps ?? usualSteps(config);
  const chosen = new Set(steps.flatMap(({ checks = [] }) => checks));
  const others = config.checks.map(({ name }) => name).filter((name) => !chosen.has(name));
  const all = others.length > 0 ? [...steps, { checks: others }] : steps;
  const names = all.map(nameOf);
  // Two phases of one name could not be told apart.
  return all.map((step, index) => {
    const earlier = names.slice(0, index).filter((name) => name === names[index]).length;
    return { ...step, name: earlier === 0 ? names[index] : `${names[index]} ${earlier + 1}` };
  });
}

/** Databases, what can be seen without an application, applications, what needs them. */
function usualSteps({ databases, checks, app }: Config): Step[] {
  const apps = Object.keys(app);
  const needsApp = ({ kind }: Check) => kind === "http" && apps.length > 0;
  const names = (wanted: Check[]) => wanted.map(({ name }) => name);
  const steps: Step[] = [
    { databases: Object.keys(databases) },
    { checks: names(checks.filter((check) => !needsApp(check))) },
    { start: apps },
    { name: "endpoints", checks: names(checks.filter(needsApp)) },
  ];
  return steps.filter((step) => Object.values(step).some((value) => Array.isArray(value) && value.length > 0));
}

function nameOf({ name, databases, objects, start, checks }: Step): string {
  if (name !== undefined) return name;
  if (databases) return "databases";
  if (objects) return "objects";
  if (start) return `start ${start.join(", ")}`;
  return checks ? "checks" : "command";
}
