import type { FileSum } from "../system/checksums.ts";

/** A file in a store. */
export interface StoredFile {
  /** Relative to the store, with `/` between its parts. */
  name: string;
  sizeBytes: number;
  modifiedAt: Date;
  /** 64 lower-case hex digits, where the store knows the hash of the whole file. */
  sha256?: string;
  /**
   * Of S3 only, without its quotes: another one when the bytes are others, and also when the same bytes were written in other
   * parts or encrypted with another key.
   */
  etag?: string;
  /** Of S3 only, from `stat`, where the bucket keeps versions. */
  version?: string;
  /** Of S3 only: it lies in an archive, and cannot be read before it is restored from there. */
  isArchived?: true;
  /** Of S3 only, from `stat`. */
  headers?: ObjectHeaders;
  /** Of directories only: when bytes, mode, owner or name last changed. It cannot be set back. */
  changedAt?: Date;
}

/** What an object is served with. */
export interface ObjectHeaders {
  contentType?: string;
  contentEncoding?: string;
  contentDisposition?: string;
  contentLanguage?: string;
  cacheControl?: string;
  /** `x-amz-meta-…` */
  metadata?: Record<string, string>;
}

/**
 * Where backups live: a directory or an S3 bucket and prefix.
 *
 * What may pass (an overloaded server, a connection cut) is tried again inside; what is thrown is an `OperatorError`
 * and final. Codes: `STORE_UNREADABLE`, `STORE_UNREACHABLE`, `STORE_FORBIDDEN`, `STORE_REFUSED`, `BUCKET_MISSING`,
 * `OBJECT_MISSING`, `OBJECT_LOCKED`, `OBJECT_CHANGED`, `WRONG_REGION`, `CREDENTIALS_MISSING`, `CREDENTIALS_REJECTED`,
 * `CHECKSUM_MISMATCH`, `SSE_NOT_APPLIED`, `DISK_FULL`, `CANNOT_WRITE_FILE`.
 *
 * A job opens one with `job.acquire("the store", () => openStore(…), (store) => store.close())`, so that an upload that
 * was interrupted is gone from the server before the process ends.
 */
export interface Store {
  /** As an operator would write it; for messages. */
  readonly address: string;
  /** Every file whose name begins with `prefix`, in no particular order; what is a link is left out. */
  list(options?: ListingOptions): AsyncIterable<StoredFile>;
  /** `undefined` if there is no such file. */
  stat(name: string): Promise<StoredFile | undefined>;
  /** A file's bytes. Ends only after the last one: a file cut short is an error, never a short stream. */
  read(name: string, options?: ReadOptions): ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Writes a file of mode 0600, hashing on the way, and asks size and checksum back. It is never visible half-written;
   * a file of that name is replaced.
   *
   * @param body If it fails, nothing is written, and its error is thrown on: let the stream of a program's output fail
   *   where the program did.
   */
  write(name: string, body: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<FileSum>;
  /**
   * Writes a small file of a new name, whole at once. Of several that try at the same time one gets it.
   *
   * @returns Whose the name is; `unguarded`: ours, but the server ignored the condition, and two at the same moment may
   *   overwrite each other.
   */
  claim(name: string, content: Uint8Array<ArrayBuffer>): Promise<"claimed" | "taken" | "unguarded">;
  /**
   * Removes a file; one that is already gone is not an error.
   *
   * @returns `hidden` where the bucket keeps versions: the bytes stay until its lifecycle removes them.
   */
  remove(name: string): Promise<"removed" | "hidden">;
  /** Removes a directory and all that is in it, and of a link the link; for directories only. */
  removeFolder?(name: string): Promise<void>;
  /** Of S3 only: whether the server refused checksums, so that what was written was read back instead. */
  refusesChecksums?(): boolean;
  /** Where a local program can read the file as it lies; absent where it must be fetched. */
  localPath?(name: string): string;
  /** Stops what is under way, and waits until the server knows. */
  close(): Promise<void>;
}

export interface ListingOptions {
  prefix?: string;
  /**
   * Look into every directory, and not only into dumps. S3 always does.
   * @default {false}
   */
  deep?: boolean;
}

export interface ReadOptions {
  /**
   * The first byte wanted.
   * @default {0}
   */
  offset?: number;
  /** How many bytes at most. @default {all} */
  length?: number;
}

export interface WriteOptions {
  /** Aborting leaves nothing behind. */
  signal?: AbortSignal;
  /** For S3 only; a directory keeps none. */
  headers?: ObjectHeaders;
}

/** How to reach a store; all of it but `signal` is for S3 only. */
export interface StoreOptions {
  /** @default {AWS_REGION, AWS_DEFAULT_REGION, the profile's} */
  region?: string;
  /** Another S3 server's URL. @default {AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL} */
  endpoint?: string;
  /**
   * Whether the bucket is in the path or in the server's name.
   * @default {"auto", the path of an endpoint's URL}
   */
  addressing?: "auto" | "path" | "virtual";
  /** How long what may pass is tried again, once the server has answered. @default {0: a few times} */
  retryForMs?: number;
  /** How the server encrypts: `AES256`, `aws:kms`. @default {the bucket's own} */
  sse?: string;
  sseKmsKeyId?: string;
  storageClass?: string;
  tags?: Record<string, string>;
  /** Stops whatever is under way. */
  signal?: AbortSignal;
}

/** A text as a store takes it. */
export function bodyOf(text: string): ReadableStream<Uint8Array> {
  return ReadableStream.from([new TextEncoder().encode(text)]);
}
