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

/** Which of the keys signed a file of that hash; `undefined` if none did. */
export function signerOf(
  signature: string,
  sha256: string,
  keys: readonly VerificationKey[],
): VerificationKey | undefined {
  const envelope = parseEnvelope(signature);
  if (!envelope || envelope.payloadType !== statementPayloadType) return undefined;
  const signer = keys.find((key) => isSignedBy(envelope, key));
  return signer && isAbout(envelope.payload, sha256) ? signer : undefined;
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
