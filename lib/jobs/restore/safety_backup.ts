import type { Store } from "../../storage/store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { backup } from "../backup/backup.ts";
import type { IncidentRecord } from "./incident_record.ts";
import type { RestoreOptions } from "./restore_options.ts";
import type { TargetServer } from "./restore_target.ts";
import type { Job } from "../job.ts";

/**
 * Backs up what is about to be replaced, exactly, unless the operator said not to and why.
 *
 * @throws {OperatorError} `SAFETY_BACKUP_FAILED`; nothing was touched.
 */
export async function makeSafetyBackup(
  job: Job,
  target: TargetServer,
  options: RestoreOptions,
  record: IncidentRecord,
  store: Store,
): Promise<void> {
  if (!options.safetyBackup) {
    record.before!.no_safety_backup = `none was made: ${options.reason}`;
    return;
  }
  const verdict = await backup({
    signal: job.signal,
    onProgress: () => {},
    purpose: "safety",
    dbUrl: options.targetUrl,
    env: options.env,
    waitMs: options.waitMs,
    to: options.safetyStore ?? store.address,
    store: options.store,
    format: "custom",
    jobs: options.jobs,
    selection: [],
    distribution: [],
    lockTimeoutMs: 60_000,
    pgBin: options.pgBin,
  });
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
}
