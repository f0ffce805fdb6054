import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { is } from "../../system/define_finding.ts";
import { afterGrace, pause } from "../../system/timer.ts";
import { objectMissing, storeForbidden } from "../findings/stores.ts";
import type { Bucket } from "./s3_bucket.ts";
import { download } from "./s3_download.ts";
import { graceMs, objectParameters } from "./s3_upload.ts";

/**
 * Writes an object unless there is one of that key (`If-None-Match: *`), reads it back, and then asks for the same once
 * more: a server that does not refuse it now did not look at the condition before.
 *
 * Not interrupted at once: a claim that the server took, and we know nothing of, could not be removed.
 */
export async function claimObject(
  bucket: Bucket,
  key: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<"claimed" | "taken" | "unguarded"> {
  using late = afterGrace(bucket.signal, graceMs);
  const { signal } = late;
  // For servers that ignore the condition: what has been there for a while is safe from us even so.
  // Who may not list is told that what is missing is forbidden.
  const unlessForbidden = (error: Error) => {
    if (is(error, storeForbidden)) return undefined;
    throw error;
  };
  if (await contentOf(bucket, key, { length: 1, signal }).catch(unlessForbidden) !== undefined) return "taken";
  await putIfAbsent(bucket, key, content, signal);
  // What a lost answer left undecided, too: our own bytes mean that the first attempt was carried out.
  if (!isSame(await contentOf(bucket, key, { length: content.length + 1, signal }), content)) return "taken";
  if (await putIfAbsent(bucket, key, content, signal) === "refused") return "claimed";
  await pause(250 + Math.random() * 250);
  return isSame(await contentOf(bucket, key, { length: content.length + 1, signal }), content) ? "unguarded" : "taken";
}

async function putIfAbsent(
  bucket: Bucket,
  key: string,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<"written" | "refused"> {
  const put = new PutObjectCommand({
    ...objectParameters(bucket, key),
    Body: content,
    ContentLength: content.length,
    ChecksumSHA256: createHash("sha256").update(content).digest("base64"),
    IfNoneMatch: "*",
  });
  try {
    await bucket.send("PutObject", (client, options) => client.send(put, options), { key, signal });
    return "written";
  } catch (error) {
    // 412: it is there; 409: another one is being written at this moment.
    const status = (error as { cause?: { $metadata?: { httpStatusCode?: number } } }).cause?.$metadata?.httpStatusCode;
    if (status === 412 || status === 409) return "refused";
    throw error;
  }
}

/** No more than shows whether it is what was written: it may be anything. */
async function contentOf(
  bucket: Bucket,
  key: string,
  how: { length: number; signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  try {
    return await new Response(ReadableStream.from(download(bucket, key, how))).bytes();
  } catch (error) {
    if (is(error, objectMissing)) return undefined;
    throw error;
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
