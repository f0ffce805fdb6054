import { envelopeText, isSignedBy, parseEnvelope, signEnvelope } from "./dsse.ts";
import type { SigningKey, VerificationKey } from "./signing_key.ts";
import { statementPayloadType, statementType } from "./statement.ts";

/** What a signature says of a file beyond its hash: nothing. */
const predicateType = "urn:pgrehearse:signature:v1";

/**
 * Signs a file by its hash: an in-toto statement in a DSSE envelope, as evidence is.
 *
 * @param name For whoever reads it; what counts is the hash.
 */
export function signFile(name: string, sha256: string, key: SigningKey): string {
  const statement = {
    _type: statementType,
    subject: [{ name, digest: { sha256 } }],
    predicateType,
    predicate: { key_id: key.verificationKey.id },
  };
  return envelopeText(signEnvelope(statementPayloadType, new TextEncoder().encode(JSON.stringify(statement)), key));
}

/** What a signature turns out to be: that of a key that counts, of another file by such a key, or of another key. */
export type ExaminedSignature =
  | { state: "trusted"; key: VerificationKey }
  | { state: "of_other_file" | "of_other_key" };

/** Looks at the signature of a file of that hash. @param keys Whose signatures count. */
export function examineSignature(
  signature: string,
  sha256: string,
  keys: readonly VerificationKey[],
): ExaminedSignature {
  const envelope = parseEnvelope(signature);
  const key = envelope?.payloadType === statementPayloadType && keys.find((key) => isSignedBy(envelope, key));
  if (!envelope || !key) return { state: "of_other_key" };
  return isAbout(envelope.payload, sha256) ? { state: "trusted", key } : { state: "of_other_file" };
}

function isAbout(payload: Uint8Array, sha256: string): boolean {
  try {
    const statement = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return statement._type === statementType && statement.predicateType === predicateType &&
      statement.subject.length === 1 && statement.subject[0].digest.sha256 === sha256;
  } catch {
    return false;
  }
}
