import { bodyOf, type Store } from "../storage/store.ts";
import { summed } from "../system/checksums.ts";
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
type ExaminedSignature =
  | { state: "trusted"; key: VerificationKey }
  | { state: "of_other_file" | "of_other_key" };

/** Looks at the signature of a file of that hash. @param keys Whose signatures count. */
function examineSignature(
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

/** What the signature of a file is called: the file's name, and this. */
export const signatureSuffix = ".sig";

/** One has less than a kilobyte. */
const largestSizeBytes = 64 * 1024;

/** Writes the signature of a file beside it. */
export async function writeSignature(
  store: Store,
  name: string,
  { sha256, key }: { sha256: string; key: SigningKey },
): Promise<void> {
  const text = signFile(name, sha256, key);
  await store.write(name + signatureSuffix, bodyOf(text));
}

/** Looks at the signature of a file of that hash; `missing` if there is none. */
export async function readSignature(
  store: Store,
  name: string,
  { sha256, keys }: { sha256: string; keys: readonly VerificationKey[] },
): Promise<ExaminedSignature | { state: "missing" }> {
  const found = await store.stat(name + signatureSuffix);
  if (!found || found.sizeBytes > largestSizeBytes) return { state: "missing" };
  return examineSignature(
    await new Response(store.read(name + signatureSuffix, { length: largestSizeBytes })).text(),
    sha256,
    keys,
  );
}

/** SHA-256 of a file; `undefined` if there is none. */
export async function sha256Of(store: Store, name: string): Promise<string | undefined> {
  const found = await store.stat(name);
  if (!found || found.sha256 !== undefined) return found?.sha256;
  const read = summed(store.read(name, { length: found.sizeBytes }));
  for await (const _ of read.body);
  return read.sum().sha256;
}
