import type { Policy } from "../../config/policy_schema.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import { requireSignature } from "../../fetch/require_signature.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import type { Job } from "../../run/job.ts";
import { acquireStore } from "../../fetch/acquire_store.ts";
import { requireBeforehand } from "./policy.ts";

/**
 * Holds backups, as far as their manifests and signatures tell, against the policy before anything is fetched or restored.
 *
 * @param set Each with the path of its manifest or dump.
 * @throws {OperatorError} `NOT_ENCRYPTED`, `NOT_SIGNED` and their like, and what is wrong with a signature.
 */
export async function requireOfBackups(
  job: Job,
  policy: Policy,
  set: Iterable<WhichBackup>,
  { which, ...run }: { which: WhichBackup; isChecksummed: boolean; isKeptAsEvidence: boolean },
): Promise<void> {
  requireBeforehand(policy, run);
  const isAsked = policy.require_encryption || policy.require_signature || (which.trustedKeys?.length ?? 0) > 0;
  if (!isAsked) return;
  for (const { path } of set) {
    const { store: where, name } = splitBackupAddress(path!);
    const store = await acquireStore(job, where, which.store ?? {});
    const manifest = await readStoredManifest(store, name);
    const signedBy = await requireSignature(store, { name, manifest }, which);
    requireBeforehand(policy, {
      ...(manifest && { isEncrypted: manifest.dump?.encryption !== undefined }),
      isSigned: signedBy !== undefined,
    });
  }
}
