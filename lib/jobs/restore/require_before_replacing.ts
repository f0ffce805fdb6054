import type { Policy } from "../../config/policy_schema.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import type { Job } from "../../run/job.ts";
import { acquireStore } from "../../run/acquire.ts";
import { brokenLimits } from "../whole_system/policy.ts";
import { measureRecovery } from "../whole_system/recovery.ts";
import { tooOldToReplaceWith } from "./findings/replacing.ts";
import { requireAuthority } from "./restore_guard.ts";
import type { RestoreOptions, TargetServer } from "./restore_target.ts";
import { foreseeSafetyBackup, requireOfSafetyBackup } from "./safety_backup.ts";

/**
 * Holds what the policy says of ages before a database is replaced: afterwards it is too late.
 *
 * @param set The backups, each with its path.
 * @throws {OperatorError} `RPO_EXCEEDED`, `BACKUP_AGE_EXCEEDED`; a failure, and nothing was touched.
 */
export async function requireBeforeReplacing(
  job: Job,
  policy: Policy,
  set: Iterable<WhichBackup>,
  options: RestoreOptions & { startedAt: Date },
): Promise<void> {
  const { startedAt, incidentAt, store: storeOptions = {} } = options;
  const manifests = [];
  for (const { path } of set) {
    const { store: where, name } = splitBackupAddress(path!);
    manifests.push(await readStoredManifest(await acquireStore(job, where, storeOptions), name));
  }
  const snapshots = manifests.flatMap((manifest) => manifest ? [new Date(manifest.snapshot.taken_at)] : []);
  const [broken] = brokenLimits(policy, measureRecovery({ startedAt, snapshots, incidentAt }));
  if (broken) throw tooOldToReplaceWith.error({ broken });
}

/** Whether the target holds something that must not be lost. */
export function holdsSomething({ present }: TargetServer): boolean {
  return present !== undefined && !present.isEmpty;
}

/**
 * Finds, before anything is touched, whatever can be known to refuse that a database is replaced: the policy, who answers
 * for it, who is connected, and what is in the way of its safety backup.
 *
 * @param beside The store that the safety backup goes to, unless the operator named one.
 */
export async function requireReplaceable(
  job: Job,
  options: RestoreOptions,
  { target, manifest, beside }: { target: TargetServer; manifest?: Manifest; beside: string },
): Promise<void> {
  requireOfSafetyBackup(options, manifest);
  await requireAuthority(target, options);
  await foreseeSafetyBackup(job, options, { target, manifest, beside });
}
