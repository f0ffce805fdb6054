import type { Check } from "../../checks/kinds.ts";
import { kindOf } from "../../checks/run_checks.ts";
import type { Config } from "../../config/read_config.ts";
import type { RecordedCheck } from "../../manifest/manifest.ts";
import type { Job } from "../../run/job.ts";
import { toFinding } from "../../run/thrown.ts";
import { timerMs } from "../../system/timer.ts";
import { requireDatabases } from "../configured.ts";
import { noStore } from "../findings.ts";
import { checkContexts, checkedSystem } from "../whole_system/check_context.ts";
import { controlsOf, restoredOf } from "../whole_system/conclude_system.ts";
import { bucketCopies, copyBuckets } from "../whole_system/copy_buckets.ts";
import { followConfig } from "../whole_system/follow_config.ts";
import { type PartOfJob, partsOfJob } from "../whole_system/part_of_job.ts";
import { requireBeforehand } from "../whole_system/policy.ts";
import { sameSource } from "./findings/dumps.ts";
import { type BackupOptions, prepareBackup, type PreparedBackup, publishAll } from "./prepare_backup.ts";

/**
 * Backs up every database of a configuration, and copies its buckets: a backup set, all of it or nothing.
 *
 * Databases go at the same time, so that their instants are close. Buckets come after them: what rows refer to is there by
 * then. The manifest of the first database is written last; it names the others.
 */
export async function backupSystem(job: Job, config: Config, given: BackupOptions): Promise<void> {
  const at = new Date();
  const names = Object.keys(config.databases);
  requireDatabases(config);
  requireOwnSources(config, given);
  await followConfig(job, config, given);
  for (const name of names) {
    const { recipients, signingKey } = configuredBackup(given, config, name);
    const isEncrypted = (recipients?.length ?? 0) > 0;
    requireBeforehand(config.policy, { isEncrypted, isSigned: signingKey !== undefined });
  }
  const parts = partsOfJob(job, names);
  const prepared = await prepareAll(job, parts, (name) => configuredBackup(given, config, name), at);

  const recorded = await job.phase("record", () => recordChecks(job, config, prepared, at));
  const copies = bucketCopies(config, "to_copy");
  if (copies.length > 0) {
    await copyBuckets(job, copies);
  }
  await publishAll(prepared, { recorded });
  const backups = restoredOf(parts);
  job.record({
    backup: backups[0].backup,
    ...(backups.length > 1 && { restored: backups }),
    controls: controlsOf(config, "backup"),
  });
}

/** Without its own URL a database is the one that the command line or the environment names: that is one alone. */
function requireOwnSources({ databases, path }: Config, { dbUrl }: BackupOptions): void {
  const isSaid = dbUrl !== undefined;
  const without = Object.keys(databases).filter((name) => isSaid || databases[name].url === undefined);
  if (without.length < 2) return;
  throw sameSource.error({ databases: without, path, by: isSaid ? "--db-url" : "the environment" });
}

/** The first that fails ends the others: a set lacks nothing. */
async function prepareAll(
  job: Job,
  parts: Map<string, PartOfJob>,
  optionsOf: (name: string) => BackupOptions,
  at: Date,
): Promise<Map<string, PreparedBackup>> {
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  const prepared = new Map<string, PreparedBackup>();
  const all = [...parts].map(async ([name, part]) => {
    try {
      prepared.set(name, await prepareBackup({ ...part.job, signal }, optionsOf(name), at));
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const results = await Promise.allSettled(all);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failed.signal.reason ?? failure.reason;
  return new Map([...parts.keys()].map((name) => [name, prepared.get(name)!])); // the lead first
}

/** A check that cannot be recorded does not make the backup worse, but cannot be compared later: the verdict says so. */
async function recordChecks(
  job: Job,
  config: Config,
  prepared: Map<string, PreparedBackup>,
  startedAt: Date,
): Promise<RecordedCheck[]> {
  const system = checkedSystem(config, { startedAt, copies: false, lastGoodDrill: () => Promise.resolve(undefined) });
  for (const [name, { parameters, snapshot }] of prepared) {
    system.databases.set(name, { parameters, snapshot: snapshot.id });
  }
  const contextOf = checkContexts(job, system);
  const record = async (check: Check): Promise<RecordedCheck[]> => {
    const kind = kindOf(check);
    if (!kind.baseline) return [];
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(timerMs(check.timeout))]);
    try {
      return [{
        check: check.name,
        kind: check.kind,
        value: await kind.baseline(check as never, contextOf(check, signal)),
      }];
    } catch (error) {
      job.signal.throwIfAborted();
      const { finding } = toFinding(error, job.signal);
      job.leaveOpen({ ...finding, message: `${check.name} was not recorded: ${finding.message}`, check: check.name });
      return [];
    }
  };
  return (await Promise.all(config.checks.map(record))).flat();
}

/**
 * How one database of a configuration is backed up.
 *
 * @throws {OperatorError} `NO_STORE`
 */
function configuredBackup(options: BackupOptions, { path }: Config, name: string): BackupOptions {
  if (options.to === "") throw noStore.toWrite.error({ path });
  return { ...options, ...options.ofDatabases?.[name], name };
}
