import type { Check } from "../../checks/kinds.ts";
import { runChecks } from "../../checks/run_checks.ts";
import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import { checkContexts, type CheckedSystem } from "./check_context.ts";

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
export function leaveChecksOut(job: Job, { checks }: Config, names: readonly string[]): void {
  for (const { name, kind } of checks.filter(({ name }) => names.includes(name))) {
    job.record({ checks: [...job.soFar().checks ?? [], { name, kind, state: "not_run", duration_ms: 0 }] });
    job.assert({ name: `${name}: run`, ok: false, expected: true, actual: false, check: name, not_run: true });
  }
}
