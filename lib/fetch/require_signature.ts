import type { Manifest } from "../manifest/manifest.ts";
import { manifestSha256 } from "../manifest/read_manifest.ts";
import { manifestSuffix } from "../storage/backup_name.ts";
import { readSignature } from "../evidence/signature.ts";
import type { Store } from "../storage/store.ts";
import { readVerificationKey } from "../evidence/signing_key.ts";
import type { WhichBackup } from "./which_backup.ts";
import { signatureMissing, signatureNotTrusted, signatureWrong } from "./findings.ts";

/**
 * Makes sure, where keys are trusted, that one of them signed a backup's manifest, which names every file of the dump with
 * its hash.
 *
 * @param manifest As it was read and will be used; absent for a dump without a manifest.
 * @returns The key's id; `undefined` where no key is trusted.
 * @throws {OperatorError} `SIGNATURE_MISSING`, `SIGNATURE_NOT_TRUSTED`, `SIGNATURE_WRONG`
 */
export async function requireSignature(
  store: Store,
  { name, manifest }: { name: string; manifest: Manifest | undefined },
  { trustedKeys = [] }: WhichBackup,
): Promise<string | undefined> {
  if (trustedKeys.length === 0) return undefined;
  const keys = await Promise.all(trustedKeys.map(readVerificationKey));
  const sha256 = manifest && manifestSha256(manifest);
  const signature = sha256 === undefined
    ? { state: "missing" as const }
    : await readSignature(store, name + manifestSuffix, { sha256, keys });
  if (signature.state === "trusted") return signature.key.id;
  if (signature.state === "of_other_file") throw signatureWrong.error({ backup: name });
  if (signature.state === "of_other_key") throw signatureNotTrusted.error({ backup: name });
  throw signatureMissing.error({ backup: name, hasManifest: manifest !== undefined });
}
