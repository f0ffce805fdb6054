import type { Manifest } from "../../manifest/manifest.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { backup } from "../backup/backup.ts";
import type { BackupOptions } from "../backup/backup.ts";
import { foreseeBackup } from "../backup/prepare_backup.ts";
import type { Job } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { safetyBackupFailed } from "./findings/replacing.ts";
import { recipientsOf, signingKeyOf } from "./require_before_replacing.ts";
import type { RestoreOptions } from "./restore.ts";
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
  const verdict = await job.phase("safety_backup", () => backup(wanted));
  requireMade(verdict, target.name);
  record.before!.safety_backup = verdict.backup!.path;
  job.say(`the safety backup is ${verdict.backup!.path}; it is kept, however this ends`);
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
    jobs: options.jobs,
    selection: [],
    distribution: [],
    lockTimeoutMs: options.safetyLockTimeoutMs ?? 60_000,
    pgBin: options.pgBin,
  };
}

function requireMade({ verdict, findings: [finding] }: Verdict, database: string): void {
  if (verdict === "pass") return;
  const { message: why = "The dump lacks something.", detail: said } = finding ?? {};
  throw safetyBackupFailed.error({ database, why, said });
}
