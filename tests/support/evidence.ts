import { join } from "node:path";
import { appendEvidence } from "../../lib/evidence/evidence_log.ts";
import type { Store } from "../../lib/storage/store.ts";
import { makeSigningKey, readSigningKey, type SigningKey } from "../../lib/evidence/signing_key.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { drillVerdict } from "./stored_backups.ts";

/** Writes a key pair, `NAME` and `NAME.pub`, as `keygen --signing` does. */
export async function writeKey(
  directory: string,
  name: string,
): Promise<{ key: SigningKey; path: string; publicPath: string }> {
  const { privatePem, publicPem } = makeSigningKey();
  const path = join(directory, name);
  await Deno.writeTextFile(path, privatePem, { mode: 0o600 });
  await Deno.writeTextFile(`${path}.pub`, publicPem);
  return { key: await readSigningKey(path), path, publicPath: `${path}.pub` };
}

/** Adds evidence of drills that never were; returns the hashes of the records. */
export async function keepDrills(store: Store, key: SigningKey, verdicts: Partial<Verdict>[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const fields of verdicts) {
    const { evidence } = await appendEvidence(store, { ...drillVerdict("pass", 0), ...fields }, key);
    hashes.push(evidence.sha256);
  }
  return hashes;
}
