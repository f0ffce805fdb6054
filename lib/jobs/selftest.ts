import { restoreDump } from "../dumps/restore_dump.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { readManifest } from "../manifest/read_manifest.ts";
import { connect, type Sql, withSession } from "../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../postgres/connection/connection_parameters.ts";
import { acquireConnection, acquireWorkspace, type Job, type JobOptions } from "../run/job.ts";
import { runJob } from "../run/run_job.ts";
import { buildEverything, tenantColumn } from "../selftest/build_everything.ts";
import { attempt, describeFinding, judge } from "../selftest/judge.ts";
import type { Mutation } from "../selftest/mutation.ts";
import { mutations } from "../selftest/mutations.ts";
import { makeThrowawayTarget } from "../targets/throwaway_cluster.ts";
import type { TriedMutation, Verdict } from "../verdict/verdict.ts";
import { backup } from "./backup/backup.ts";
import { falseAlarm, mutationMissed, mutationNotTried, mutationsLeftOut } from "./findings/selftest.ts";

/** How to run the selftest. */
interface SelftestOptions extends JobOptions {
  pgBin?: string;
}

/** With the database's own search_path. */
const own = { settings: { search_path: null } };

/** So many mutations, then a control. */
const mutationsPerControl = 10;

/**
 * Shows that a drill finds what is wrong with a restored database: backs up and restores a database that holds one of
 * everything, breaks the copy in one way after another, and requires that the comparison names what was broken. In
 * between it compares the unbroken copy: that must be clean.
 *
 * The proof is `checked`: what was checked is the comparison itself, and no backup of the user's.
 */
export function selftest(options: SelftestOptions): Promise<Verdict> {
  return runJob("selftest", options, async (job) => {
    const { parameters, tools } = await makeThrowawayTarget(job, options);
    const [source, restored] = ["source", "restored"].map((name) => withDatabase(parameters, name));
    const isPossible = await job.phase("build", () =>
      withSession(parameters, own, async (sql) => {
        await sql`CREATE DATABASE source TEMPLATE template0`;
        await sql`CREATE DATABASE restored TEMPLATE template0`;
        return await withSession(source, own, (sql) => buildEverything(sql, job.signal));
      }));
    const made = await backUp(job, source, options);
    if (!made) return;
    await job.phase(
      "restore",
      () => restoreDump(job, made.dump, { parameters: restored, tools }, { jobs: 2, ownersAndGrants: true }),
    );

    const chosen = mutations.filter(({ needs }) => isPossible(needs));
    noteLeftOut(job, mutations.filter((mutation) => !chosen.includes(mutation)));
    const copy = await acquireConnection(
      job,
      () => connect(restored, { settings: { search_path: null, row_security: "off" }, signal: job.signal }),
    );
    await job.phase("mutations", () => tryAll(job, copy, made.manifest, chosen));
    job.record({ proof: "checked" });
  });
}

/** Backs the source up as `pgrehearse backup` does. What goes wrong there is this job's finding. */
async function backUp(
  job: Job,
  { hosts, user, database }: ConnectionParameters,
  { pgBin, debug }: SelftestOptions,
): Promise<{ dump: string; manifest: Manifest } | undefined> {
  const workspace = await acquireWorkspace(job);
  return await job.phase("backup", async () => {
    const verdict = await backup({
      dbUrl: `postgresql://${user}@/${database}?host=${encodeURIComponent(hosts[0])}`,
      to: workspace.path,
      format: "custom",
      jobs: 2,
      selection: [],
      distribution: [{ target: tenantColumn, hashValues: false }],
      lockTimeoutMs: 60_000,
      waitMs: 10_000,
      env: {},
      pgBin,
      debug,
      signal: job.signal,
      onProgress: () => {},
    });
    job.expect("backup", { expected: "pass", actual: verdict.verdict }, ...verdict.findings);
    if (verdict.verdict !== "pass") return undefined;
    const { path, manifest } = verdict.backup!;
    return { dump: path, manifest: await readManifest(manifest!) };
  });
}

async function tryAll(job: Job, sql: Sql, manifest: Manifest, chosen: Mutation[]): Promise<void> {
  const tried: TriedMutation[] = [];
  let caught = 0;
  let falseAlarms = 0;
  let [controls, cleanControls] = [0, 0];
  const control = async (when: string) => {
    const found = (await attempt(sql, manifest)).map(describeFinding);
    falseAlarms += found.length;
    controls++;
    if (found.length === 0) cleanControls++;
    else job.find(falseAlarm({ when, findings: found }));
    return found.length === 0;
  };
  let isClean = await control("before the first mutation");
  for (const [place, mutation] of chosen.entries()) {
    if (!isClean) break; // nothing that is found now says anything
    job.signal.throwIfAborted();
    const start = performance.now();
    const findings = await attempt(sql, manifest, mutation).catch((error) => {
      job.signal.throwIfAborted();
      job.find(mutationNotTried({ name: mutation.name, reason: error.message, sql: mutation.sql.trim() }));
      return [];
    });
    const judgement = judge(mutation, findings);
    tried.push({ ...judgement.tried, duration_ms: Math.round(performance.now() - start) });
    falseAlarms += judgement.falseAlarms.length;
    if (judgement.missed.length === 0) caught++;
    else job.find(mutationMissed({ name: mutation.name, findings: judgement.missed, sql: mutation.sql.trim() }));
    if (judgement.falseAlarms.length > 0) {
      job.find(falseAlarm({ when: `after "${mutation.name}"`, findings: judgement.falseAlarms }));
    }
    const isLast = place === chosen.length - 1;
    if (isLast || (place + 1) % mutationsPerControl === 0) isClean = await control(`after undoing "${mutation.name}"`);
  }
  job.record({ mutations: tried });
  job.expect("mutations_caught", { expected: chosen.length, actual: caught });
  job.expect("controls_clean", { expected: controls, actual: cleanControls });
  job.expect("false_alarms", { expected: 0, actual: falseAlarms });
}

function noteLeftOut(job: Job, leftOut: Mutation[]): void {
  for (const [needs, of] of Map.groupBy(leftOut, ({ needs }) => needs!)) {
    job.note(mutationsLeftOut({ needs, names: of.map(({ name }) => name) }));
  }
}
