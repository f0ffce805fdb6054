import type { Manifest } from "../../manifest/manifest.ts";
import { manifestSha256 } from "../../manifest/read_manifest.ts";
import { manifestSuffix } from "../../storage/backup_name.ts";
import { readSignature } from "../../storage/signature.ts";
import type { Store } from "../../storage/store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { readVerificationKey } from "../../verdict/signing_key.ts";
import type { WhichBackup } from "./which_backup.ts";

/**
 * Makes sure, where keys are trusted, that one of them signed a backup's manifest, which names every file of the dump with
 * its hash.
 *
 * @param manifest As it was read and will be used; absent for somebody else's dump.
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
  if (signature.state === "of_other_file") {
    throw new OperatorError("SIGNATURE_WRONG", `The manifest of ${name} was changed after it was signed.`, {
      fix: "Do not restore it. Find out who can write into the store; a copy elsewhere may be whole.",
      consequence: "fail",
    });
  }
  if (signature.state === "of_other_key") {
    throw new OperatorError("SIGNATURE_NOT_TRUSTED", `${name} is not signed with a key that is trusted.`, {
      fix:
        "If it was signed with a key of yours, name its public half with --trusted-key. Otherwise do not restore it.",
    });
  }
  const what = manifest ? "is not signed" : "has no manifest, and so no signature";
  throw new OperatorError("SIGNATURE_MISSING", `${name} ${what}, and only what a trusted key signed is restored.`, {
    fix: "Use a backup that was made with --signing-key. To restore this one all the same, name no trusted key.",
  });
}
