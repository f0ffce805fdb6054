import type { _Object, HeadObjectOutput } from "@aws-sdk/client-s3";
import type { ObjectHeaders, StoredFile } from "../store.ts";

// What S3 says about an object, in a store's words.

/** From an answer to HEAD. */
export function describeHead(name: string, head: HeadObjectOutput): StoredFile {
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
export function describeListed(name: string, { Size, LastModified, ETag }: _Object): StoredFile {
  return { name, sizeBytes: Size!, modifiedAt: LastModified!, ...(ETag && { etag: unquoted(ETag) }) };
}

/** As requests that make an object want them. */
export function headerParameters(headers: ObjectHeaders = {}) {
  return {
    ContentType: headers.contentType,
    ContentEncoding: headers.contentEncoding,
    ContentDisposition: headers.contentDisposition,
    ContentLanguage: headers.contentLanguage,
    CacheControl: headers.cacheControl,
    Metadata: headers.metadata,
  };
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
