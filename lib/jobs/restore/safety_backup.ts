import { OperatorError } from "../../system/operator_error.ts";
import { backup } from "../backup/backup.ts";
import { recipientsOf, signingKeyOf } from "./require_before_replacing.ts";
import type { Restore } from "./restore_under_way.ts";

/**
 * Backs up what is about to be replaced, exactly, as `backup` does it and encrypted for the same recipients, unless the
 * operator said not to and why.
 *
 * @param presentName What the target is called while others are kept out.
 * @throws {OperatorError} `SAFETY_BACKUP_FAILED`; nothing was touched.
 */
export async function makeSafetyBackup(
  { job, target, options, record, store, manifest, saveRecord }: Restore,
  presentName: string,
): Promise<void> {
  if (!options.safetyBackup) {
    record.before!.no_safety_backup = `none was made: ${options.reason}`;
    return;
  }
  const verdict = await job.phase("safety_backup", () =>
    backup({
      signal: job.signal,
      onProgress: () => {},
      purpose: "safety",
      dbUrl: options.targetUrl,
      renamed: { from: target.name, to: presentName },
      env: options.env,
      waitMs: options.waitMs,
      to: options.safetyStore ?? store.address,
      store: options.store,
      signingKey: signingKeyOf(options),
      recipients: recipientsOf(options, manifest),
      format: options.safetyFormat ?? "custom",
      jobs: options.jobs,
      selection: [],
      distribution: [],
      lockTimeoutMs: options.safetyLockTimeoutMs ?? 60_000,
      pgBin: options.pgBin,
    }));
  if (verdict.verdict !== "pass") {
    const [finding] = verdict.findings;
    throw new OperatorError(
      "SAFETY_BACKUP_FAILED",
      `What is in ${target.name} could not be backed up first: ${finding?.message ?? "the dump lacks something"}`,
      {
        fix: "Correct that; or, if it cannot be read any more, say --no-safety-backup. Nothing was touched.",
        detail: finding?.detail,
      },
    );
  }
  record.before!.safety_backup = verdict.backup!.path;
  job.say(`the safety backup is ${verdict.backup!.path}; it is kept, however this ends`);
  await saveRecord();
}
