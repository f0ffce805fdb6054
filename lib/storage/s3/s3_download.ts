import { pause } from "../../system/timer.ts";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { OperatorError } from "../../system/operator_error.ts";
import { objectChanged } from "../findings/stores.ts";
import { interruptible, StandstillError } from "../interruptible.ts";
import type { ReadOptions } from "../store.ts";
import { storeRefused } from "./findings.ts";
import { type Bucket, maxAttempts } from "./s3_bucket.ts";
import { isTransient, toOperatorError } from "./s3_answers.ts";

/** How long a download may stand still before it is taken up anew; fewer bytes than this in that time are standstill. */
const silenceMs = 25_000;
const fewestBytes = 64 * 1024;

/** An attempt that stood still counts for so many that failed at once: it took as long. */
const standstillWeight = 4;

interface DownloadOptions extends ReadOptions {
  /** @default {the bucket's} */
  signal?: AbortSignal;
}

/**
 * Downloads an object; where the connection breaks off, it goes on from the same byte of the same object. Gives up
 * after several attempts in a row that brought nothing.
 */
export async function* download(
  bucket: Bucket,
  key: string,
  { offset = 0, length = Infinity, signal = bucket.signal }: DownloadOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (length === 0) return;
  const end = offset + length; // exclusive
  let position = offset;
  let etag: string | undefined;
  for (let fruitless = 0;;) {
    const before = position;
    try {
      const got = await request(bucket, key, { position, end, etag, signal });
      etag ??= got.etag;
      const stop = Math.min(end, got.sizeBytes);
      for await (const chunk of interruptible(got.body, { signal, silenceMs, fewestBytes })) {
        const wanted = chunk.subarray(0, stop - position);
        position += wanted.length;
        yield wanted;
        if (position >= stop) break; // whatever else the server would send
      }
      if (position >= stop) return;
      throw new Error(`the connection ended at byte ${position} of ${stop}`);
    } catch (error) {
      signal.throwIfAborted();
      if (position - before >= fewestBytes) fruitless = 0;
      fruitless += error instanceof StandstillError ? standstillWeight : 1;
      if (!isTransient(error) || fruitless >= maxAttempts) throw asOperatorError(bucket, key, error);
      await pause(50 * 2 ** fruitless * (0.5 + Math.random()), signal);
      signal.throwIfAborted();
    }
  }
}

async function request(
  bucket: Bucket,
  key: string,
  { position, end, etag, signal }: { position: number; end: number; etag?: string; signal: AbortSignal },
) {
  const isPart = position > 0 || end !== Infinity;
  const Range = isPart ? `bytes=${position}-${end === Infinity ? "" : end - 1}` : undefined;
  try {
    const got = await bucket.send(
      "GetObject",
      (client, options) =>
        client.send(new GetObjectCommand({ Bucket: bucket.name, Key: key, Range, IfMatch: etag }), options),
      { key, signal },
    );
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(got.ContentRange ?? "") ?? [];
    const sizeBytes = Number(total ?? got.ContentLength);
    if (Number(from ?? 0) !== position || !Number.isSafeInteger(sizeBytes)) {
      throw storeRefused.noParts.error({ key });
    }
    if (etag !== undefined && got.ETag !== etag) throw objectChanged.reading.error({ where: key });
    return { etag: got.ETag, sizeBytes, body: got.Body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>> };
  } catch (error) {
    // Nothing at or after this byte: an empty object, or an offset at its end.
    if ((error as { cause?: Error }).cause?.name === "InvalidRange") {
      return { etag, sizeBytes: position, body: ReadableStream.from([]) };
    }
    throw error;
  }
}

function asOperatorError(bucket: Bucket, key: string, error: unknown): OperatorError {
  const { name, region, options: { endpoint } } = bucket;
  return toOperatorError(error, { bucket: name, region, endpoint, key, operation: "GetObject" });
}
