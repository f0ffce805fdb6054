import { writeText } from "../../system/files.ts";
import { controlsMarkdown } from "../../report/controls_table.ts";
import type { Control, Finding, HistoryRun, Verdict } from "../../verdict/verdict.ts";
import { problemOf } from "../evidence/verify_evidence.ts";
import { gatherRuns } from "./gather_runs.ts";
import { readRemembered, type RememberedOptions } from "./history.ts";
import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { controlWithoutEvidence } from "./findings.ts";

interface ControlsOptions extends JobOptions, RememberedOptions {
  /** Controls that must have evidence. */
  required: string[];
  /** A file for the same as Markdown. */
  markdown?: string;
}

/** Lists what there is to show for each compliance control. One without a run that passed is a gap. */
export function controls(options: ControlsOptions): Promise<Verdict> {
  return runJob("controls", options, async (job) => {
    const { store, log, keys } = await readRemembered(job, options);
    const { runs, findings, notes } = await job.phase(
      "read",
      () => gatherRuns(store, log, { limit: options.limit, keys }),
    );
    const { database } = options;
    const ofDatabase = runs.filter((run) => database === undefined || run.database === database);
    const listed = byControl(ofDatabase, options.required);
    job.record({ control_evidence: listed });
    if (notes.length > 0) job.note(...notes);
    job.find(
      ...findings,
      ...log.flatMap((record) => problemOf(record.name, record) ?? []),
      ...listed.flatMap(findGaps),
    );
    if (listed.length === 0) job.say(`${store.address} has no evidence for any control`);
    if (options.markdown !== undefined) await writeText(options.markdown, controlsMarkdown(listed, store.address));
  });
}

/** @param runs Newest first. */
function byControl(runs: readonly HistoryRun[], required: readonly string[]): Control[] {
  const names = new Set([...required, ...runs.flatMap(({ controls = [] }) => controls)]);
  return [...names].sort().map((control) => {
    const evidence = runs.filter(({ controls }) => controls?.includes(control));
    const lastPass = evidence.find((run) => run.verdict === "pass" && isCredible(run));
    return {
      control,
      ...(lastPass && { last_pass_at: lastPass.at ?? lastPass.started_at }),
      evidence: evidence.map(({ controls: _, ...run }) => run),
    };
  });
}

/** A record that was altered, or signed with another key, shows nothing. */
function isCredible({ evidence }: HistoryRun): boolean {
  return evidence !== "altered" && evidence !== "signed_by_other";
}

function findGaps({ control, last_pass_at, evidence }: Control): Finding[] {
  if (last_pass_at !== undefined) return [];
  const credible = evidence.filter(isCredible).length;
  return [controlWithoutEvidence({ control, runs: credible })];
}
