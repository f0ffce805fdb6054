import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadRequest,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { type FileSum, summed } from "../../system/checksums.ts";
import { leftBehind } from "../../system/findings.ts";
import { afterGrace } from "../../system/timer.ts";
import { interruptible } from "../interruptible.ts";
import type { ObjectHeaders } from "../store.ts";
import { checksumMismatch, objectTooLarge } from "./findings.ts";
import type { Bucket } from "./s3_bucket.ts";

/** How much memory parts on their way may take; one more is being filled meanwhile. */
const inFlightBytes = 64 * 1024 * 1024;
const mostInFlight = 4;

/** What was sent, and what the server must say that it holds. */
export interface Uploaded {
  sum: FileSum;
  /** As `x-amz-checksum-sha256` has it: of the object, or of its parts' checksums, with their count. */
  checksum: string;
}

/**
 * Uploads a stream of unknown length: in one request if it fits a part, else in parts, several at a time.
 *
 * Every request carries the SHA-256 of its bytes, so that the server refuses what was altered on the way. Whatever
 * fails or is aborted, the unfinished upload is removed from the server before this rejects.
 */
export async function upload(
  bucket: Bucket,
  key: string,
  body: AsyncIterable<Uint8Array>,
  { signal, headers }: { signal: AbortSignal; headers?: ObjectHeaders },
): Promise<Uploaded> {
  const object = { ...objectParameters(bucket, key), ...headerParameters(headers) };
  const source = summed(interruptible(body, { signal }));
  const parts = cutIntoParts(source.body);
  const first = (await parts.next()).value!;
  if (first.isLast) {
    const sum = source.sum();
    const checksum = base64(sum.sha256);
    // Not aborted at once: what the server has already it may store after we removed it.
    using late = afterGrace(signal, graceMs);
    await bucket.send("PutObject", (client) =>
      client.send(
        new PutObjectCommand({
          ...object,
          Body: first.bytes,
          ContentLength: first.bytes.length,
          ChecksumSHA256: checksum,
        }),
        { abortSignal: late.signal },
      ), { key, signal });
    signal.throwIfAborted();
    return { sum, checksum };
  }
  const checksum = await uploadParts(bucket, object, first, parts, signal);
  return { sum: source.sum(), checksum };
}

async function uploadParts(
  bucket: Bucket,
  object: CreateMultipartUploadRequest & { Key: string },
  first: Part,
  rest: AsyncGenerator<Part>,
  signal: AbortSignal,
): Promise<string> {
  const { Key: key } = object;
  // Not aborted at once: an upload that the server began and we know nothing of could not be removed.
  using late = afterGrace(signal, graceMs);
  const { UploadId } = await bucket.send(
    "CreateMultipartUpload",
    (client) =>
      client.send(new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: "SHA256" }), {
        abortSignal: late.signal,
      }),
    { key, signal },
  );
  const target = { Bucket: bucket.name, Key: key, UploadId };
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const done: { PartNumber: number; ETag?: string; sent: string; echoed?: string }[] = [];
  const inFlight = new Set<Promise<void>>();

  const sendPart = async ({ number, bytes, release }: Part) => {
    const sent = createHash("sha256").update(bytes).digest("base64");
    const { ETag, ChecksumSHA256: echoed } = await bucket.send("UploadPart", (client, options) =>
      client.send(
        new UploadPartCommand({
          ...target,
          PartNumber: number,
          Body: bytes,
          ContentLength: bytes.length,
          ChecksumSHA256: sent,
        }),
        options,
      ), { key, signal: either });
    if (echoed !== undefined && echoed !== sent) throw checksumMismatch.checksum.error({ key });
    done.push({ PartNumber: number, ETag, sent, echoed });
    release();
  };
  const start = (part: Part) => {
    const sending = sendPart(part).catch((error) => failed.abort(error)).finally(() => inFlight.delete(sending));
    inFlight.add(sending);
  };

  try {
    for (let part: Part | undefined = first; part; part = (await rest.next()).value) {
      either.throwIfAborted();
      start(part);
      while (inFlight.size >= Math.min(mostInFlight, inFlightBytes / part.bytes.length)) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
    either.throwIfAborted();
    done.sort((a, b) => a.PartNumber - b.PartNumber);
    // A server that keeps no checksums refuses a list that has some: Swift calls it malformed.
    const Parts = done.map(({ PartNumber, ETag, echoed }) => ({ PartNumber, ETag, ChecksumSHA256: echoed }));
    await bucket.send(
      "CompleteMultipartUpload",
      (client, options) =>
        client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }), options),
      {
        key,
        signal: either,
      },
    ).catch(unlessItWasCompleted);
  } catch (error) {
    failed.abort(error);
    rest.return(undefined).catch(() => {});
    await Promise.all(inFlight);
    await removeUpload(bucket, key, UploadId, signal.aborted ? signal.reason : error);
  }
  const checksums = createHash("sha256");
  for (const { sent } of done) checksums.update(sent, "base64");
  return `${checksums.digest("base64")}-${done.length}`;
}

/** How long a request that makes something may still take once the job is over. */
export const graceMs = 5_000;

/** An answer may be lost, and the second attempt then finds the upload gone: what the server holds is asked next. */
function unlessItWasCompleted(error: unknown): void {
  if ((error as { cause?: Error }).cause?.name !== "NoSuchUpload") throw error;
}

/** Removes an unfinished upload and throws why it failed. */
async function removeUpload(bucket: Bucket, key: string, UploadId: string | undefined, why: unknown): Promise<never> {
  try {
    await bucket.send(
      "AbortMultipartUpload",
      (client, options) =>
        client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId }), options),
      {
        key,
        signal: AbortSignal.timeout(15_000), // the job's own has gone off already
      },
    );
  } catch (error) {
    if ((error as { cause?: Error }).cause?.name === "NoSuchUpload") throw why;
    const reason = (error as Error).message.replace(/\.$/, "");
    const facts = { key, reason, why: why instanceof Error ? why.message : String(why) };
    throw leftBehind.upload.error(facts, { cause: why });
  }
  throw why;
}

/** What every object is written with. */
export function objectParameters({ name, options }: Bucket, key: string) {
  const { sse, sseKmsKeyId, storageClass, tags } = options;
  return {
    Bucket: name,
    Key: key,
    ...(sse && { ServerSideEncryption: sse as "aws:kms" }),
    ...(sseKmsKeyId && { SSEKMSKeyId: sseKmsKeyId }),
    ...(storageClass && { StorageClass: storageClass as "STANDARD_IA" }),
    ...(tags && { Tagging: new URLSearchParams(tags).toString() }),
  };
}

/** As requests that make an object want them. */
function headerParameters(headers: ObjectHeaders = {}) {
  return {
    ContentType: headers.contentType,
    ContentEncoding: headers.contentEncoding,
    ContentDisposition: headers.contentDisposition,
    ContentLanguage: headers.contentLanguage,
    CacheControl: headers.cacheControl,
    Metadata: headers.metadata,
  };
}

function base64(hex: string): string {
  return Uint8Array.fromHex(hex).toBase64();
}

const MiB = 1024 * 1024;

/** S3 takes no more. */
const mostParts = 10_000;

/** Parts that grow with their number make room for 312 GiB, and a dump of up to 31 GiB takes little memory. */
export function partSize(number: number): number {
  return (number <= 4_000 ? 8 : number <= 7_000 ? 32 : 64) * MiB;
}

/** A piece of an upload. */
interface Part {
  /** From 1 on. */
  number: number;
  bytes: Uint8Array<ArrayBuffer>;
  isLast: boolean;
  /** Gives the memory back for a later part. */
  release(): void;
}

/** Cuts a stream into parts of the right size; an empty one is a single empty part. */
export async function* cutIntoParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Part, undefined> {
  let free: Uint8Array<ArrayBuffer>[] = [];
  const take = (size: number) => {
    if (free[0]?.length !== size) free = [];
    return free.pop() ?? new Uint8Array(size);
  };
  let number = 1;
  let buffer = take(partSize(number));
  let filled = 0;
  const finish = (isLast: boolean): Part => {
    const whole = buffer;
    const part = { number, bytes: whole.subarray(0, filled), isLast, release: () => void free.push(whole) };
    number++;
    filled = 0;
    return part;
  };
  for await (const chunk of body) {
    for (let rest = chunk; rest.length > 0;) {
      if (filled === buffer.length) {
        yield finish(false);
        if (number > mostParts) throw objectTooLarge.error();
        buffer = take(partSize(number));
      }
      const piece = rest.subarray(0, buffer.length - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      rest = rest.subarray(piece.length);
    }
  }
  yield finish(true);
}
