import type { Config } from "../../config/read_config.ts";
import { readStoredManifest, requireSignature } from "../../fetch/fetch_stored_backup.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import { makeSandbox } from "../../system/isolation/make_sandbox.ts";
import { requireBeforehand } from "./policy.ts";

/** What is restored, and how. */
interface PlannedRestore {
  which: WhichBackup;
  isChecksummed: boolean;
  isKeptAsEvidence: boolean;
  /** Whether it is restored on a named server, and not in a throwaway cluster. */
  intoServer: boolean;
}

/**
 * Holds backups, as far as their manifests and signatures tell, and this host against the policy before anything is fetched
 * or restored.
 *
 * @param set Each with the path of its manifest or dump.
 * @throws {OperatorError} `NOT_ENCRYPTED`, `NOT_SIGNED` and their like, and what is wrong with a signature.
 */
export async function requireOfBackups(
  job: Job,
  { policy, checks }: Config,
  set: Iterable<WhichBackup>,
  { which, intoServer, ...run }: PlannedRestore,
): Promise<void> {
  const isolation = intoServer ? "server" : policy.require_isolation && (await makeSandbox()).isolation.level;
  requireBeforehand(policy, { ...run, ...(isolation && { isolation }) });
  const isAsked = policy.require_encryption || policy.require_signature || (which.trustedKeys?.length ?? 0) > 0 ||
    policy.require_proof;
  if (!isAsked) return;
  // Without a manifest, what is known beyond the restore itself is what checks see.
  const proofOfForeign = checks.length > 0 ? "checked" : "restored";
  for (const { path } of set) {
    const { store: where, name } = splitBackupAddress(path!);
    const store = await acquireStore(job, where, which.store ?? {});
    const manifest = await readStoredManifest(store, name);
    const signedBy = await requireSignature(store, { name, manifest }, which);
    requireBeforehand(policy, {
      ...(manifest && { isEncrypted: manifest.dump?.encryption !== undefined }),
      isSigned: signedBy !== undefined,
      mostProof: manifest ? "exact" : proofOfForeign,
    });
  }
}
