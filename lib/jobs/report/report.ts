import { readVerificationKey } from "../../evidence/signing_key.ts";
import type { ReportedRun } from "../../report/reported_run.ts";
import { writeText } from "../../system/files.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { backupsOf, belongs, findTables, readNamedManifest } from "./find_tables.ts";
import { readVerdict } from "./read_verdict.ts";
import { readRegularText } from "../../system/regular_file.ts";
import { manifestOfOther, metricsUnreadable, nothingToWrite } from "./findings.ts";

interface ReportOptions extends JobOptions {
  /** Files with verdicts or evidence; `-` is standard input. */
  verdicts: readonly string[];
  /** Files to write; at least one. */
  html?: string;
  junit?: string;
  markdown?: string;
  openmetrics?: string;
  /** Files with manifests of the verdicts' backups. */
  manifests?: string[];
  /** Files with the public keys of those whose evidence counts. */
  keys?: string[];
}

/** Anybody may read metrics: node_exporter does so as another user. */
const openMetricsMode = 0o644;

/** Writes verdicts down as people and other programs read them. */
export function report(options: ReportOptions): Promise<Verdict> {
  return runJob("report", options, async (job) => {
    const { html, junit, markdown, openmetrics } = options;
    if (!html && !junit && !markdown && !openmetrics) throw nothingToWrite.error();
    const newestFirst = await job.phase("read", () => readRuns(options));
    const verdicts = newestFirst.map(({ verdict }) => verdict);
    const write = async (path: string | undefined, make: () => Promise<string>, mode?: number) => {
      if (path === undefined) return;
      await writeText(path, await make(), { mode });
      job.say(`wrote ${path}`);
    };
    await job.phase("write", async () => {
      await write(html, async () => {
        const { htmlReport } = await import("../../report/html/page.ts");
        return await htmlReport(newestFirst);
      });
      await write(junit, async () => {
        const { junitReport } = await import("../../report/junit.ts");
        return junitReport(verdicts);
      });
      await write(markdown, async () => {
        const { markdownReport } = await import("../../report/markdown.ts");
        return verdicts.map(markdownReport).join("\n");
      });
      await write(openmetrics, async () => {
        const { openMetrics } = await import("../../report/openmetrics.ts");
        return openMetrics(verdicts, await readBefore(openmetrics!));
      }, openMetricsMode);
    });
  });
}

/** The newest first: what the HTML is about. */
async function readRuns({ verdicts, manifests = [], keys = [] }: ReportOptions): Promise<ReportedRun[]> {
  const verificationKeys = await Promise.all(keys.map(readVerificationKey));
  const named = await Promise.all(manifests.map(readNamedManifest));
  const runs: ReportedRun[] = [];
  for (const path of verdicts) {
    const { verdict, signature } = await readVerdict(path, verificationKeys);
    const source = path === "-" ? "standard input" : path;
    runs.push({ verdict, signature, source, tables: await findTables(verdict, path, named) });
  }
  const backups = runs.flatMap(({ verdict }) => backupsOf(verdict));
  const foreign = named.find((manifest) => !backups.some((backup) => belongs(manifest, backup)));
  if (foreign) throw manifestOfOther.error({ path: foreign.path });
  return runs.sort((a, b) => a.verdict.finished_at < b.verdict.finished_at ? 1 : -1);
}

async function readBefore(path: string): Promise<string> {
  try {
    return await readRegularText(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw metricsUnreadable.error({ path, reason: (error as Error).message }, { cause: error });
  }
}
