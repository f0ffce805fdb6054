import type { Check } from "../../lib/checks/kinds.ts";
import { kindOf } from "../../lib/checks/run_checks.ts";
import { checkContexts, type CheckedSystem } from "../../lib/jobs/whole_system/check_context.ts";
import { runConfiguredChecks } from "../../lib/jobs/whole_system/run_steps.ts";
import type { Job } from "../../lib/run/job.ts";
import { runJob } from "../../lib/run/run_job.ts";
import type { Manifest } from "../../lib/manifest/manifest.ts";
import { resolveConnectionParameters } from "../../lib/postgres/connection/connection_parameters.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";

/** What a test's check can look at. */
export interface CheckedParts extends Partial<Omit<CheckedSystem, "databases">> {
  /** URLs, by name. */
  databases?: Record<string, string>;
  /** What their manifests hold, as far as a check looks at it. */
  manifests?: Record<string, Partial<Manifest>>;
}

/** Runs checks as a drill does, with options as the configuration has them, and returns the verdict. */
export function checkSystem(checks: { kind: string; name: string }[], parts: CheckedParts = {}): Promise<Verdict> {
  const parsed = checks.map((check) => kindOf(check as Check).schema.parse(check) as unknown as Check);
  return inSystem(parts, (job, system) => runConfiguredChecks(job, parsed, system));
}

/** Records what a check notes at backup time. Throws if it cannot. */
export async function recordCheck(check: { kind: string; name: string }, parts: CheckedParts = {}): Promise<unknown> {
  const kind = kindOf(check as Check);
  const parsed = kind.schema.parse(check) as unknown as Check;
  let recorded: unknown;
  const verdict = await inSystem(parts, async (job, system) => {
    recorded = await kind.baseline!(parsed as never, checkContexts(job, system)(parsed, job.signal));
  });
  if (verdict.verdict !== "pass") throw new Error(JSON.stringify(verdict.findings));
  return JSON.parse(JSON.stringify(recorded));
}

function inSystem(
  { databases = {}, manifests = {}, ...parts }: CheckedParts,
  work: (job: Job, system: CheckedSystem) => Promise<void>,
): Promise<Verdict> {
  const options = { signal: new AbortController().signal, onProgress: () => {}, debug: true };
  return runJob("drill", options, async (job) => {
    const reached = await Promise.all(
      Object.entries(databases).map(async ([name, url]) =>
        [name, {
          parameters: await resolveConnectionParameters(url, {}),
          manifest: manifests[name] as Manifest | undefined,
        }] as const
      ),
    );
    await work(job, {
      databases: new Map(reached),
      buckets: new Map(),
      bucketOptions: {},
      files: [],
      apps: new Map(),
      recorded: new Map(),
      lastGoodDrill: () => Promise.resolve(undefined),
      startedAt: new Date(),
      ...parts,
    });
  });
}
