import { cleanUpInTime, makeTimeLimit } from "./limits.ts";
import { toFinding, whatIsLeft } from "./thrown.ts";
import type { Measure } from "../system/amount.ts";
import { untilAborted } from "../system/timer.ts";
import { toolVersion } from "../verdict/tool_version.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { SectionOf } from "../verdict/sections.ts";
import { keepAccount } from "./account.ts";
import type { Job, JobOptions, Run } from "./job.ts";

/**
 * Runs a job to its verdict: phases timed, everything cleaned up on success, failure and interruption.
 *
 * Never throws. What the steps throw becomes a finding: an {@linkcode OperatorError} its own, a refusal of the server a
 * sentence about it, anything else `INTERNAL_ERROR`. It passes only if no step threw, every assertion holds or warns only,
 * and what needs a review has had one.
 */
export async function runJob<const Command extends string>(
  command: Command,
  options: JobOptions,
  steps: (job: Job<SectionOf<Command>>) => Promise<void>,
): Promise<Verdict> {
  const limit = makeTimeLimit();
  if (options.timeoutMs !== undefined) limit.set(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, limit.signal]);
  const startedAt = new Date();
  const start = performance.now();
  const verdict: Verdict = {
    schema: "pgrehearse.verdict/v1",
    command,
    verdict: "unknown",
    proof: undefined,
    started_at: startedAt.toISOString(),
    finished_at: startedAt.toISOString(),
    duration_ms: 0,
    tool: toolVersion,
    ...(options.configuration && { config: options.configuration }),
    postgres: {},
    phases: [],
    assertions: [],
    findings: [],
  };
  const cleanups: { what: () => string; cleanUp: () => Promise<void> }[] = [];
  const keepers: Parameters<Run["keepVerdict"]>[0][] = [];

  let isOver = false;
  // What a step that was given up still says is about the interruption, not about what it looked at.
  const account = keepAccount(verdict, { isGivenUp: () => signal.aborted && !isOver });
  const addThrown = (error: unknown, stopping = signal) => account.addThrown(toFinding(error, stopping, options.debug));

  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started_at = new Date().toISOString();
    const phaseStart = performance.now();
    let failed = true;
    options.onProgress({ kind: "phase_started", name });
    try {
      const made = await work();
      failed = false;
      return made;
    } finally {
      const phase = { name, started_at, duration_ms: Math.round(performance.now() - phaseStart) };
      verdict.phases.push(phase);
      options.onProgress({ kind: "phase", phase, failed });
    }
  };

  const run: Run = {
    signal,
    async phase(name, work) {
      signal.throwIfAborted();
      const measure: Measure = (amount) => options.onProgress({ kind: "measured", name, amount });
      return await timed(name, () => untilAborted(work(options.measured ? measure : undefined), signal));
    },
    say: (message) => options.onProgress({ kind: "message", message }),
    async acquire(what, make, release) {
      signal.throwIfAborted();
      const making = make();
      const cleanUp = () => making.then(release, () => {}); // what was not made needs no release
      let name = "";
      making.then((made) => name = nameOf(made), () => {});
      cleanups.push({ what: () => `${what}${name}`, cleanUp });
      return await untilAborted(making, signal);
    },
    keepVerdict: (keep) => void keepers.push(keep),
  };
  const job: Job = { ...run, ...account.verdictSoFar };

  try {
    await options.evidence?.keep(job);
    await steps(job);
  } catch (error) {
    for (const each of error instanceof AggregateError ? error.errors : [error]) addThrown(each);
  }
  if (cleanups.length > 0) {
    await timed("cleanup", async () => {
      for (const { what, cleanUp } of cleanups.reverse()) {
        try {
          await cleanUpInTime(what(), cleanUp, signal);
        } catch (error) {
          options.onProgress({ kind: "message", message: `could not clean up ${what()}` });
          addThrown(whatIsLeft(what(), error));
        }
      }
    });
  }

  limit.endJob();
  isOver = true;
  verdict.finished_at = new Date().toISOString();
  verdict.duration_ms = Math.round(performance.now() - start);
  account.conclude();
  const late = AbortSignal.any([options.signal, limit.lateSignal]);
  for (const keep of keepers.reverse()) {
    await keep(verdict, late).catch((error) => addThrown(error, late));
    account.conclude();
  }
  limit.clear();
  return verdict;
}

/** How it is called, for who must remove it by hand. */
function nameOf(made: unknown): string {
  const { name, directory } = (made ?? {}) as { name?: unknown; directory?: unknown };
  const called = name ?? directory;
  return typeof called === "string" && called !== "" ? ` ${called}` : "";
}
