import { dirname } from "node:path";
import type { Manifest } from "../manifest/manifest.ts";
import { isSubset, type Subset, subsetOf } from "../manifest/subset.ts";
import { connect } from "../postgres/connection/connect.ts";
import { withDatabase } from "../postgres/connection/connection_parameters.ts";
import { copyDatabaseProperties } from "../postgres/database_properties.ts";
import { makeDatabaseLike } from "../postgres/like_database.ts";
import { renameDatabases, type Renaming, terminateSessions } from "../postgres/rename_databases.ts";
import { makeScratchDatabase } from "../postgres/scratch_database.ts";
import { findClientTools } from "../postgres/tools.ts";
import type { StoredBackup } from "../storage/directory_store.ts";
import { OperatorError } from "../system/operator_error.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { rowSecurityNote, summarizeBackup } from "./backup_summary.ts";
import { compareDatabase } from "./compare_database.ts";
import { fetchBackup, requireUndamaged } from "./fetch_backup.ts";
import { type IncidentRecord, keepRecord, type RecordKeeper } from "./incident_record.ts";
import { restoreDump } from "./restore_dump.ts";
import { canKeepGrants, guardTarget, requireAuthority } from "./restore_guard.ts";
import type { RestoreOptions } from "./restore_options.ts";
import { reachTarget, type TargetServer } from "./restore_target.ts";
import { type Job, runJob } from "./run_job.ts";
import { makeSafetyBackup } from "./safety_backup.ts";
import { walkChain } from "./walk_chain.ts";

/** A restore under way: what its steps share. */
interface Restore {
  job: Job;
  options: RestoreOptions;
  stored: StoredBackup;
  manifest?: Manifest;
  target: TargetServer;
  record: IncidentRecord;
}

/** Brings a database back: beside what is there, in its place, or into it; compared, and on record. */
export async function restore(options: RestoreOptions): Promise<Verdict> {
  let keeper: RecordKeeper | undefined;
  let record: IncidentRecord | undefined;
  const verdict = await runJob("restore", options, async (job) => {
    const { stored, manifest } = await job.phase("fetch", () => fetchBackup(options));
    const backup = manifest
      ? summarizeBackup(stored, manifest)
      : { name: stored.name, path: stored.dumpPath, size_bytes: 0 };
    job.record({ backup });
    if (manifest?.row_security_enabled) job.note(rowSecurityNote);
    if (manifest) await job.phase("checksum", () => requireUndamaged(stored, manifest));

    const target = await job.phase("preflight", () => reachTarget(job, options));
    job.record({ postgres: { server: target.server.version, target: "named" } });
    await guardTarget(target, manifest, options);
    record = await beginRecord(options, target, backup);
    const directories = [dirname(stored.dumpPath), ...(options.record ? [options.record] : [])];
    keeper = await keepRecord(directories, `${stored.name}.restore-${compact(record.started_at)}`);
    await keeper.write(record);
    job.record({ restore_record: keeper.path });

    const run: Restore = { job, options, stored, manifest, target, record };
    const replacesSomething = options.mode !== "new" && target.present !== undefined && !target.present.isEmpty;
    if (replacesSomething) {
      await requireAuthority(job, target, options);
      await job.phase("safety_backup", () => makeSafetyBackup(job, target, options, record!, stored));
    }
    if (options.mode === "in_place" && target.present) await restoreInPlace(run);
    else await restoreBeside(run);
  });
  if (record && keeper) await finishRecord(record, keeper, verdict);
  return verdict;
}

/** Into a new database, under a name that a later run would clean up, until it is whole. */
async function restoreBeside({ job, options, stored, manifest, target, record }: Restore): Promise<void> {
  const tools = await findClientTools(Math.max(target.server.major, dumpMajor(manifest)), options.pgBin);
  const ownersAndGrants = manifest !== undefined && await canKeepGrants(job, target, manifest);
  let kept: string | undefined;
  const scratch = await job.phase("database", () =>
    job.acquire(
      "the new database",
      () =>
        makeScratchDatabase(
          target.admin,
          (name) => job.say(`dropped ${name}, left behind by a run that died`),
          manifest && ((name) => makeDatabaseLike(target.admin, name, manifest.database)),
        ),
      async (made) => {
        if (kept === undefined) await made.drop();
      },
    ));
  const parameters = withDatabase(target.parameters, scratch.name);
  if (isSubset(options.subset)) await makeSchemas(parameters, schemasOf(options.subset, manifest));
  await job.phase("restore", () =>
    restoreDump(job, stored.dumpPath, { parameters, tools }, {
      jobs: options.jobs,
      ownersAndGrants,
      extra: subsetOptions(options),
    }));
  if (manifest) await prove(job, manifest, parameters, options, ownersAndGrants);
  else job.record({ proof: "restored" });

  await job.phase("rename", async () => {
    const name = derivedName(target.name, `_restored_${compact(record.started_at)}`);
    const renamings: Renaming[] = [{ from: scratch.name, to: name }];
    await renameDatabases(target.admin, renamings, true);
    kept = name;
    record.restored_database = name;
    if (options.mode === "new") job.say(`restored as ${name}; to put it in place: restore with --swap`);
    else if (job.isGood()) await swap(job, options, target, record, name);
    else job.say(`not swapped: ${name} is not what was backed up`);
  });
}

async function swap(
  job: Job,
  options: RestoreOptions,
  target: TargetServer,
  record: IncidentRecord,
  restored: string,
): Promise<void> {
  const renamings: Renaming[] = [{ from: restored, to: target.name }];
  if (target.present) {
    await copyDatabaseProperties(target.admin, target.name, restored);
    const before = derivedName(target.name, `_before_${compact(record.started_at)}`);
    renamings.unshift({ from: target.name, to: before });
    record.before!.kept_as = before;
  }
  await renameDatabases(target.admin, renamings, options.terminateConnections ?? false);
  record.renamed.push(...renamings);
  record.restored_database = target.name;
  job.say(
    `${target.name} is the restored one now${target.present ? `; the old one is ${record.before!.kept_as}` : ""}`,
  );
}

/** Into the database itself, in one transaction: whole or not at all. */
async function restoreInPlace({ job, options, stored, manifest, target, record }: Restore): Promise<void> {
  const tools = await findClientTools(Math.max(target.server.major, dumpMajor(manifest)), options.pgBin);
  const ownersAndGrants = await canKeepGrants(job, target, manifest!);
  if (options.terminateConnections) await terminateSessions(target.admin, target.name);
  await job.phase("restore", () =>
    restoreDump(job, stored.dumpPath, { parameters: target.parameters, tools }, {
      jobs: 1,
      ownersAndGrants,
      extra: ["--clean", "--if-exists", "--single-transaction", ...subsetOptions(options)],
    }));
  if (!job.isGood()) {
    job.say(`${target.name} is as it was: the restore was rolled back`);
    return;
  }
  record.restored_database = target.name;
  await prove(job, manifest!, target.parameters, options, ownersAndGrants);
}

async function prove(
  job: Job,
  manifest: Manifest,
  parameters: TargetServer["parameters"],
  { jobs, subset }: RestoreOptions,
  ownersAndGrants: boolean,
): Promise<void> {
  const expected = isSubset(subset) ? subsetOf(manifest, subset) : manifest;
  await compareDatabase(job, expected, parameters, { jobs, ownersAndGrants });
  if (expected.chain) await job.phase("chain", () => walkChain(job, parameters));
}

function subsetOptions({ subset: { schemas, tables } }: RestoreOptions): string[] {
  return [...schemas.map((name) => `--schema=${name}`), ...tables.map((name) => `--table=${name}`)];
}

/** pg_restore brings what a chosen schema holds, but not the schema. */
function schemasOf(subset: Subset, manifest?: Manifest): string[] {
  return manifest ? subsetOf(manifest, subset).rows.map(({ schema }) => schema) : subset.schemas;
}

async function makeSchemas(parameters: TargetServer["parameters"], schemas: string[]): Promise<void> {
  const sql = await connect(parameters);
  try {
    const statements = await sql<{ statement: string }[]>`
      SELECT DISTINCT format('CREATE SCHEMA IF NOT EXISTS %I', name) AS statement
      FROM json_array_elements_text(${JSON.stringify(schemas)}::text::json) AS name`;
    for (const { statement } of statements) await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function dumpMajor(manifest?: Manifest): number {
  return Number.parseInt(manifest?.postgres.pg_dump ?? "0");
}

async function beginRecord(
  options: RestoreOptions,
  target: TargetServer,
  backup: IncidentRecord["backup"],
): Promise<IncidentRecord> {
  const started = new Date();
  const { present } = target;
  return {
    schema: "pgrehearse.restore/v1",
    state: "started",
    mode: options.mode,
    operator: options.operator,
    approved_by: options.approvedBy,
    reason: options.reason,
    started_at: started.toISOString(),
    backup,
    target: { server: target.address, database: target.name },
    ...(present && { before: { tables: present.tables, size_bytes: present.sizeBytes } }),
    data_loss_window: await dataLossWindow(target, backup.snapshot_at ?? started.toISOString(), started),
    renamed: [],
    phases: [],
    findings: [],
  };
}

/** Servers that keep commit times know when the last write was; of others only that it was before the restore. */
async function dataLossWindow(
  { admin }: TargetServer,
  from: string,
  started: Date,
): Promise<IncidentRecord["data_loss_window"]> {
  const [{ at }] = await admin<{ at: Date | null }[]>`
    SELECT CASE WHEN current_setting('track_commit_timestamp')::boolean
      THEN (SELECT timestamp FROM pg_last_committed_xact()) END AS at`;
  const to = at ?? started;
  return {
    from,
    to: to.toISOString(),
    seconds: Math.max(0, Math.round((to.getTime() - new Date(from).getTime()) / 1000)),
    known_by: at ? "last_commit" : "start_of_restore",
  };
}

async function finishRecord(record: IncidentRecord, keeper: RecordKeeper, verdict: Verdict): Promise<void> {
  Object.assign(record, {
    state: "finished",
    verdict: verdict.verdict,
    finished_at: verdict.finished_at,
    phases: verdict.phases,
    findings: verdict.findings,
    ...(verdict.compared && { compared: verdict.compared }),
  });
  try {
    await keeper.write(record);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { code, message, fix } = error;
    verdict.findings.push({ code, message, fix });
    if (verdict.verdict === "pass") verdict.verdict = "unknown";
  }
}

/** `20260102T030405Z` */
function compact(time: string): string {
  return time.replace(/[-:]|\.\d+/g, "");
}

/** Postgres would cut a name after 63 bytes, and with it what tells it from the other. */
function derivedName(name: string, suffix: string): string {
  const bytes = new TextEncoder().encode(name).subarray(0, 63 - suffix.length);
  return new TextDecoder().decode(bytes).replace(/\uFFFD+$/, "") + suffix;
}
