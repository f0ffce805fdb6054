import type { Config } from "../../config/read_config.ts";
import type { Policy } from "../../config/policy_schema.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import type { Job } from "../../run/job.ts";
import { acquireStore } from "../../run/acquire.ts";
import { brokenLimits } from "../whole_system/policy.ts";
import { measureRecovery } from "../whole_system/recovery.ts";
import { safetyBackupNotEncrypted, safetyBackupNotSigned, tooOldToReplaceWith } from "./findings/replacing.ts";
import type { RestoreOptions } from "./restore.ts";

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
export function recipientsOf({ recipients }: RestoreOptions, manifest: Manifest | undefined): string[] | undefined {
  return recipients?.length ? recipients : manifest?.dump?.encryption?.recipients;
}

/** The key that signs a safety backup. */
export function signingKeyOf({ safetySigningKey, evidence }: RestoreOptions): string | undefined {
  return safetySigningKey ?? evidence?.signingKey;
}

/** How a configuration says that safety backups are made: as its backups are. */
export function safetyOptionsOf({ backup, policy, signing_key, evidence }: Config) {
  return {
    recipients: backup.encrypt,
    safetyFormat: backup.format,
    safetySigningKey: signing_key ?? evidence?.signing_key,
    safetyLockTimeoutMs: backup.lock_timeout,
    policy,
  };
}
