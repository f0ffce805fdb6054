import type { Config } from "../../config/read_config.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { Job } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { type BackupOptions, foreseeBackup, prepareBackup } from "../backup/prepare_backup.ts";
import { safetyBackupFailed, safetyBackupNotEncrypted, safetyBackupNotSigned } from "./findings/replacing.ts";
import type { RestoreOptions } from "./restore_target.ts";
import type { Restore } from "./restore_under_way.ts";

/**
 * Backs up what is about to be replaced, exactly, as `backup` does it and encrypted for the same recipients, unless the
 * operator said not to and why.
 *
 * @param presentName What the target is called while others are kept out.
 * @throws {OperatorError} `SAFETY_BACKUP_FAILED`; nothing was touched.
 */
export async function makeSafetyBackup(restore: Restore, presentName: string): Promise<void> {
  const { job, target, options, record, store, manifest, saveRecord } = restore;
  if (!options.safetyBackup) {
    record.before!.no_safety_backup = `none was made: ${options.reason}`;
    return;
  }
  const renamed = { from: target.name, to: presentName };
  const wanted = { ...backupOptions(job, options, manifest, store.address), renamed };
  const make = () =>
    runJob("backup", wanted, async (job) => await (await prepareBackup(job, wanted, new Date())).publish());
  const verdict = await job.phase("safety_backup", make);
  requireMade(verdict, target.name);
  record.before!.safety_backup = verdict.backup!.path;
  job.say(`the safety backup is ${verdict.backup!.path}; it is kept in every case`);
  await saveRecord();
}

/**
 * Finds, before anything is restored, whatever can be known to be in the way of the safety backup.
 *
 * @param beside The store that it is made in, unless the operator named one.
 * @throws {OperatorError} `SAFETY_BACKUP_FAILED`; nothing was touched.
 */
export async function foreseeSafetyBackup(
  job: Job,
  options: RestoreOptions,
  { target: { name }, manifest, beside }: { target: { name: string }; manifest?: Manifest; beside: string },
): Promise<void> {
  if (!options.safetyBackup) return;
  const wanted = backupOptions(job, options, manifest, beside);
  requireMade(await runJob("backup", wanted, (inner) => foreseeBackup(inner, wanted)), name);
}

function backupOptions(
  job: Job,
  options: RestoreOptions,
  manifest: Manifest | undefined,
  beside: string,
): BackupOptions {
  return {
    signal: job.signal,
    onProgress: () => {},
    purpose: "safety",
    dbUrl: options.targetUrl,
    env: options.env,
    waitMs: options.waitMs,
    to: options.safetyStore ?? beside,
    store: options.store,
    signingKey: signingKeyOf(options),
    recipients: recipientsOf(options, manifest),
    format: options.safetyFormat ?? "custom",
    compress: options.safetyCompress,
    jobs: options.jobs,
    selection: [],
    distribution: [],
    lockTimeoutMs: options.safetyLockTimeoutMs ?? 60_000,
    pgBin: options.pgBin,
  };
}

function requireMade({ verdict, findings: [finding] }: Verdict, database: string): void {
  if (verdict === "pass") return;
  const { message: why = "The dump is not complete.", detail: said } = finding ?? {};
  throw safetyBackupFailed.error({ database, why, said });
}

/**
 * Holds the safety backup that is about to be made against the policy.
 *
 * @throws {OperatorError} `SAFETY_BACKUP_NOT_ENCRYPTED`, `SAFETY_BACKUP_NOT_SIGNED`; nothing was touched.
 */
export function requireOfSafetyBackup(options: RestoreOptions, manifest: Manifest | undefined): void {
  const { policy = {}, safetyBackup } = options;
  if (!safetyBackup) return;
  if (policy.require_encryption && !recipientsOf(options, manifest)?.length) {
    throw safetyBackupNotEncrypted.error();
  }
  if (policy.require_signature && !signingKeyOf(options)) throw safetyBackupNotSigned.error();
}

/** Whom a safety backup is encrypted for: as the configuration says, else as the backup was. */
function recipientsOf({ recipients }: RestoreOptions, manifest: Manifest | undefined): string[] | undefined {
  return recipients?.length ? recipients : manifest?.dump?.encryption?.recipients;
}

/** The key that signs a safety backup. */
function signingKeyOf({ safetySigningKey, evidence }: RestoreOptions): string | undefined {
  return safetySigningKey ?? evidence?.signingKey;
}

/** How a configuration says that safety backups are made: as its backups are. */
export function safetyOptionsOf({ backup, policy, signing_key, evidence }: Config) {
  return {
    recipients: backup.encrypt,
    safetyFormat: backup.format,
    safetyCompress: backup.compress,
    safetySigningKey: signing_key ?? evidence?.signing_key,
    safetyLockTimeoutMs: backup.lock_timeout,
    policy,
  };
}
