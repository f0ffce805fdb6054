import type { Config } from "../../config/read_config.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { untilAborted } from "../../system/timer.ts";
import { storeOptionsOf } from "../configured.ts";
import { notNotified } from "./findings/steps.ts";
import type { Job, JobOptions } from "../../run/job.ts";

/**
 * Has a run's verdict told and kept as the configuration says: signed as evidence, and then, whatever it is by then, told
 * to webhooks and dead man's switches.
 *
 * @param previous What the last run of the same command said, for whoever wants to know of changes only.
 */
export async function followConfig(
  job: Job,
  { evidence, notify: targets }: Config,
  given: JobOptions,
  previous: () => Promise<Verdict["verdict"] | undefined> = () => Promise.resolve(undefined),
): Promise<void> {
  if (targets) {
    const { notify, notifyStart } = await import("../../report/notify.ts");
    const { command } = job.soFar();
    const started = notifyStart(command, targets, { signal: given.signal }); // not awaited
    const before = await previous().catch(() => undefined);
    // Keepers are called the last first: this one last of all.
    job.keepVerdict(async (verdict, signal) => {
      const startProblems = await untilAborted(started, signal).catch(() => []);
      const problems = [...startProblems, ...await notify(verdict, targets, { previous: before, signal })];
      job.find(...problems.map((problem) => notNotified({ problem })));
    });
  }
  if (evidence && !given.evidence) {
    const { to, signing_key } = evidence;
    const { keepEvidence } = await import("../../evidence/evidence_log.ts");
    await keepEvidence(job, { to: to.address, signingKey: signing_key, store: storeOptionsOf(to) });
  }
}
