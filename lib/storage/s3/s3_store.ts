import {
  type _Object,
  DeleteObjectCommand,
  HeadObjectCommand,
  type HeadObjectOutput,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { summed } from "../../system/checksums.ts";
import { is } from "../../system/define_finding.ts";
import { leftBehind } from "../../system/findings.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { afterGrace } from "../../system/timer.ts";
import { requireSafeName } from "../backup_name.ts";
import { objectMissing, storeForbidden } from "../findings/stores.ts";
import type { ObjectHeaders, Store, StoredFile, StoreOptions } from "../store.ts";
import { checksumMismatch, sseNotApplied, storeRefused } from "./findings.ts";
import { type Bucket, openBucket } from "./s3_bucket.ts";
import { claimObject } from "./s3_claim.ts";
import { download } from "./s3_download.ts";
import { upload, type Uploaded } from "./s3_upload.ts";

/** How long removing may take once the job was interrupted. */
const cleanupMs = 15_000;

/**
 * Opens `s3://bucket/prefix` as a store.
 *
 * @throws {OperatorError} `BAD_STORE_ADDRESS`, `REGION_MISSING`, `CREDENTIALS_MISSING`.
 */
export async function openS3Store(address: string, options: StoreOptions): Promise<Store> {
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])]);
  const bucket = await openBucket(address, options, signal);
  const keyOf = (name: string) => bucket.prefix + requireKey(name);
  const underWay = new Set<Promise<unknown>>();
  return {
    address,
    list: ({ prefix = "", deep = false } = {}) => listObjects(bucket, prefix, deep ? ofObjects : ofBackups),
    async stat(name) {
      const head = await headObject(bucket, keyOf(name));
      return head && describeHead(name, head);
    },
    read: (name, range) => ReadableStream.from(download(bucket, keyOf(name), range)),
    write(name, body, { signal: own, headers } = {}) {
      const key = keyOf(name);
      const written = (async () => {
        const either = own ? AbortSignal.any([signal, own]) : signal;
        const uploaded = await upload(bucket, key, body, { signal: either, headers });
        await verify(bucket, key, uploaded);
        return uploaded.sum;
      })();
      underWay.add(written);
      return written.finally(() => underWay.delete(written));
    },
    refusesChecksums: () => bucket.refusesChecksums(),
    claim: (name, content) => claimObject(bucket, keyOf(name), content),
    async remove(name) {
      // What an interrupted job made is removed although it was interrupted, or is just now.
      using late = afterGrace(options.signal ?? closing.signal, cleanupMs);
      return await removeObject(bucket, keyOf(name), AbortSignal.any([closing.signal, late.signal]));
    },
    async close() {
      closing.abort(new DOMException("The store was closed.", "AbortError"));
      const results = await Promise.allSettled(underWay);
      bucket.client.destroy();
      const left = results.map((result) => result.status === "rejected" && result.reason)
        .find((reason) => is(reason, leftBehind));
      if (left) throw left;
    },
  };
}

/**
 * S3 takes any key, also `a//b`, `/a` and `a/`. But `.` and `..` are resolved on the way to the server, and lead to another
 * object; and to another prefix.
 */
function requireKey(name: string): string {
  const isKey = name !== "" && name.split("/").every((part) => part !== "." && part !== "..");
  return isKey ? name : requireSafeName(name);
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key; // not encoded, whatever the server says
  }
}

/** How far a listing goes before it is given up. */
interface ListingBounds {
  /** In pages, of 1,000 keys mostly. */
  pages: number;
  ms: number;
}

/** Of backups, evidence and the like, whose names are kept in memory: two million files. */
const ofBackups: ListingBounds = { pages: 2_000, ms: 10 * 60_000 };
/** Of an application's objects, which are looked at one by one: a hundred million. */
const ofObjects: ListingBounds = { pages: 100_000, ms: 24 * 60 * 60_000 };
/** How many pages in a row may hold nothing: servers step over what was deleted. */
const mostEmptyPages = 1_000;

async function* listObjects(bucket: Bucket, prefix: string, bounds: ListingBounds): AsyncGenerator<StoredFile> {
  let ContinuationToken: string | undefined;
  const tokens = new Set<string>();
  let empty = 0;
  const start = performance.now();
  for (;;) {
    const page = await bucket.send("ListObjectsV2", (client, options) =>
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket.name,
          Prefix: bucket.prefix + prefix,
          ContinuationToken,
          EncodingType: "url", // XML cannot hold every key
        }),
        options,
      ));
    const isEncoded = page.EncodingType === "url"; // some servers do not
    empty++;
    for (const entry of page.Contents ?? []) {
      const key = isEncoded ? decoded(entry.Key ?? "") : entry.Key ?? "";
      if (!key.startsWith(bucket.prefix + prefix)) continue; // not asked for
      empty = 0;
      const name = key.slice(bucket.prefix.length);
      if (name !== "") yield describeListed(name, entry);
    }
    ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    if (ContinuationToken === undefined) return;
    const token = createHash("sha256").update(ContinuationToken).digest("base64"); // it may be of any length
    if (tokens.has(token)) throw endlessListing(bucket, "its pages lead back to others");
    tokens.add(token);
    if (empty === mostEmptyPages) throw endlessListing(bucket, `${empty} pages in a row hold nothing`);
    if (tokens.size === bounds.pages) throw endlessListing(bucket, `there are more than ${tokens.size} pages`);
    if (performance.now() - start > bounds.ms) {
      throw endlessListing(bucket, `it took longer than ${bounds.ms / 60_000} minutes, for ${tokens.size} pages`);
    }
  }
}

function endlessListing({ name, prefix }: Bucket, how: string): OperatorError {
  return storeRefused.endlessListing.error({ bucket: `${name}/${prefix}`, how });
}

async function headObject(bucket: Bucket, key: string): Promise<HeadObjectOutput | undefined> {
  try {
    return await bucket.send(
      "HeadObject",
      (client, options) =>
        client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key, ChecksumMode: "ENABLED" }), options),
      { key },
    );
  } catch (error) {
    if (!is(error, objectMissing)) throw error;
    // An answer to HEAD has no body: "no such bucket" looks the same. A missing bucket must not read as an empty one.
    await bucket.send(
      "HeadBucket",
      (client, options) =>
        client.send(new ListObjectsV2Command({ Bucket: bucket.name, Prefix: key, MaxKeys: 1 }), options),
    ).catch(
      (error) => {
        if (error instanceof OperatorError && !is(error, storeForbidden)) throw error;
      },
    );
    return undefined;
  }
}

/**
 * Asks back what the server holds, and compares. Where it keeps no checksums, the object is read back and hashed.
 * What is not right is removed.
 */
async function verify(bucket: Bucket, key: string, { sum, checksum }: Uploaded): Promise<void> {
  const head = await headObject(bucket, key);
  const refuse = async (error: OperatorError) => {
    await removeObject(bucket, key).catch(() => {});
    throw error;
  };
  if (!head) return await refuse(checksumMismatch.missing.error({ key }));
  if (head.ContentLength !== sum.sizeBytes) {
    return await refuse(checksumMismatch.size.error({ key, held: head.ContentLength, sent: sum.sizeBytes }));
  }
  const { sse } = bucket.options;
  if (sse && head.ServerSideEncryption !== sse) {
    return await refuse(sseNotApplied.error({ key, asked: sse, applied: head.ServerSideEncryption }));
  }
  if (head.ChecksumSHA256 !== undefined) {
    if (head.ChecksumSHA256 !== checksum) await refuse(checksumMismatch.checksum.error({ key }));
    return;
  }
  const readBack = summed(download(bucket, key));
  for await (const _ of readBack.body);
  if (readBack.sum().sha256 !== sum.sha256) await refuse(checksumMismatch.readBack.error({ key }));
}

async function removeObject(
  bucket: Bucket,
  key: string,
  signal: AbortSignal = bucket.signal,
): Promise<"removed" | "hidden"> {
  const { DeleteMarker } = await bucket.send(
    "DeleteObject",
    (client, options) => client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: key }), options),
    { key, signal },
  );
  return DeleteMarker ? "hidden" : "removed";
}

// What S3 says about an object, in a store's words.

/** From an answer to HEAD. */
function describeHead(name: string, head: HeadObjectOutput): StoredFile {
  const { ContentLength, LastModified, ChecksumSHA256, ETag, VersionId } = head;
  const isWhole = ChecksumSHA256 !== undefined && !ChecksumSHA256.includes("-"); // else of the parts' checksums
  return {
    name,
    sizeBytes: ContentLength!,
    modifiedAt: LastModified!,
    ...(isWhole && { sha256: Uint8Array.fromBase64(ChecksumSHA256).toHex() }),
    ...(ETag && { etag: unquoted(ETag) }),
    ...(VersionId && VersionId !== "null" && { version: VersionId }),
    ...(isArchived(head) && { isArchived: true }),
    headers: headersOf(head),
  };
}

/** From a listing. */
function describeListed(name: string, { Size, LastModified, ETag }: _Object): StoredFile {
  return { name, sizeBytes: Size!, modifiedAt: LastModified!, ...(ETag && { etag: unquoted(ETag) }) };
}

function headersOf(head: HeadObjectOutput): ObjectHeaders {
  const { ContentType, ContentEncoding, ContentDisposition, ContentLanguage, CacheControl, Metadata } = head;
  return {
    contentType: ContentType,
    contentEncoding: ContentEncoding,
    contentDisposition: ContentDisposition,
    contentLanguage: ContentLanguage,
    cacheControl: CacheControl,
    metadata: Metadata,
  };
}

/** Such objects answer to HEAD, and not to GET. */
function isArchived({ StorageClass, ArchiveStatus, Restore }: HeadObjectOutput): boolean {
  const isBack = Restore?.includes('ongoing-request="false"');
  return !isBack && (ArchiveStatus !== undefined || /^(GLACIER|DEEP_ARCHIVE)$/.test(StorageClass ?? ""));
}

function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}
