import type { Store } from "../../storage/store.ts";
import { inParallelFrom } from "../../system/in_parallel.ts";
import { type ReferredObject, sampleOf } from "../objects/objects_referred.ts";
import { nothingToLookAt } from "./findings.ts";
import { createHash } from "node:crypto";
import { anyHint, exampleEnding, secretForms } from "./forms.ts";

interface ObjectsToScan {
  prefix: string;
  sample?: number;
  first_mib: number;
}

/** Objects with secrets of one form. */
interface ObjectSecrets {
  address: string;
  what: string;
  count: number;
  /** Of the first few. */
  names: string[];
}

const shownNames = 5;
const atOnce = 4;

/** Looks for secrets in the objects of a bucket, as they lie there: what is compressed or encrypted shows none. */
export async function scanObjects(
  bucket: Store,
  { prefix, sample, first_mib }: ObjectsToScan,
  { allow, signal }: { allow: readonly string[]; signal: AbortSignal },
): Promise<{ lookedAt: number; cutCount: number; found: ObjectSecrets[] }> {
  const limit = first_mib * 1024 * 1024;
  const found = new Map<string, ObjectSecrets>();
  let lookedAt = 0;
  let cutCount = 0;
  const listed = (async function* (): AsyncGenerator<ReferredObject> {
    for await (const { name, sizeBytes } of bucket.list({ prefix, deep: true })) yield { key: name, sizeBytes };
  })();
  const chosen: AsyncIterable<ReferredObject> = sample === undefined
    ? listed
    : ReadableStream.from(await sampleOf(listed, sample, crypto.randomUUID()));
  await inParallelFrom(chosen, atOnce, async ({ key, sizeBytes = 0 }) => {
    signal.throwIfAborted();
    lookedAt++;
    if (sizeBytes > limit) cutCount++;
    const bytes = await new Response(bucket.read(key, { length: limit })).bytes();
    for (const what of secretsIn(new TextDecoder("latin1").decode(bytes), allow)) {
      const known = found.get(what) ?? { address: bucket.address, what, count: 0, names: [] };
      found.set(what, known);
      known.count++;
      if (known.names.length < shownNames) known.names.push(key);
    }
  });
  if (lookedAt === 0) {
    throw nothingToLookAt.error({ address: bucket.address, prefix });
  }
  return { lookedAt, cutCount, found: [...found.values()] };
}

const hint = new RegExp(anyHint);
const example = new RegExp(exampleEnding);
const forms = secretForms.map((form) => ({ ...form, regex: new RegExp(form.pattern, "g") }));

/**
 * Looks for secrets in text, as the server does in columns.
 *
 * @param text One character for each byte.
 * @param allow SHA-256 of allowed secrets, in hex.
 * @returns The forms that were found.
 */
function secretsIn(text: string, allow: readonly string[]): Set<string> {
  const found = new Set<string>();
  if (!hint.test(text)) return found;
  for (const { what, words, regex, isJwt } of forms) {
    if (!words.some((word) => text.includes(word))) continue;
    for (const [whole, group] of text.matchAll(regex)) {
      const secret = group ?? whole;
      if (isJwt && !namesAlgorithm(secret) || example.test(secret)) continue;
      if (allow.length > 0 && allow.includes(digest(secret))) continue;
      found.add(what);
      break;
    }
  }
  return found;
}

function namesAlgorithm(jwt: string): boolean {
  const header = jwt.split(".")[0].replaceAll("-", "+").replaceAll("_", "/");
  return header.length % 4 !== 1 && /"alg"\s*:/.test(atob(header));
}

/** In JSON the lines of a key end in \n. */
function digest(secret: string): string {
  return createHash("sha256").update(secret.replaceAll("\\n", "\n"), "latin1").digest("hex");
}
