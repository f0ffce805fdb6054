import { type ExaminedSignature, examineSignature, signFile } from "./signature.ts";
import type { SigningKey, VerificationKey } from "./signing_key.ts";
import type { Store } from "../storage/store.ts";
import { summed } from "../storage/summed.ts";

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
  await store.write(name + signatureSuffix, ReadableStream.from([new TextEncoder().encode(text)]));
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
