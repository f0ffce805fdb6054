import type { FileSum } from "../system/checksums.ts";
import { OperatorError } from "../system/operator_error.ts";

/** A file in a store. */
export interface StoredFile {
  /** Relative to the store, with `/` between its parts. */
  name: string;
  sizeBytes: number;
  modifiedAt: Date;
  /** 64 lower-case hex digits, where the store knows the hash of the whole file. */
  sha256?: string;
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
  /** Every file whose name begins with `prefix`, in no particular order. */
  list(options?: { prefix?: string }): AsyncIterable<StoredFile>;
  /** `undefined` if there is no such file. */
  stat(name: string): Promise<StoredFile | undefined>;
  /** A file's bytes. Ends only after the last one: a file cut short is an error, never a short stream. */
  read(name: string, options?: ReadOptions): ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Writes a file of mode 0600, hashing on the way, and asks size and checksum back. Nobody ever sees it half-written;
   * a file of that name is replaced.
   *
   * @param body If it fails, nothing is written, and its error is thrown on: let the stream of a program's output fail
   *   where the program did.
   */
  write(name: string, body: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<FileSum>;
  /**
   * Removes a file; one that is gone already is no error.
   *
   * @returns `hidden` where the bucket keeps versions: the bytes stay until its lifecycle removes them.
   */
  remove(name: string): Promise<"removed" | "hidden">;
  /** Where a local program can read the file as it lies; absent where it must be fetched. */
  localPath?(name: string): string;
  /** Stops what is under way, and waits until the server knows. */
  close(): Promise<void>;
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
}

/** How to reach a store; all of it but `signal` is for S3 only. */
export interface StoreOptions {
  /** @default {AWS_REGION, AWS_DEFAULT_REGION, the profile's} */
  region?: string;
  /** Another S3 server's URL; addressed by path. */
  endpoint?: string;
  /** How the server encrypts: `AES256`, `aws:kms`. @default {the bucket's own} */
  sse?: string;
  sseKmsKeyId?: string;
  storageClass?: string;
  tags?: Record<string, string>;
  /** Stops whatever is under way. */
  signal?: AbortSignal;
}

/** Whether an address means an S3 bucket. */
export function isS3Address(address: string): boolean {
  return /^s3:\/\//i.test(address);
}

/**
 * Opens a store. Nothing is asked of it yet.
 *
 * @param address A directory (there or not), or `s3://bucket/prefix`.
 * @throws {OperatorError} `BAD_STORE_ADDRESS`, `REGION_MISSING`, `CREDENTIALS_MISSING`, `USAGE`.
 */
export async function openStore(address: string, options: StoreOptions = {}): Promise<Store> {
  if (isS3Address(address)) {
    const { openS3Store } = await import("./s3/s3_store.ts"); // the SDK takes 0.3 s to load
    return await openS3Store(address, options);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) {
    throw new OperatorError("BAD_STORE_ADDRESS", `There is no store of the kind ${address.split("://")[0]}://.`, {
      fix: "Name a directory, or s3://bucket/prefix.",
    });
  }
  const { signal: _, ...s3Only } = options;
  const meant = Object.entries(s3Only).find(([, value]) => value !== undefined)?.[0];
  if (meant === "sse" || meant === "sseKmsKeyId" || meant === "storageClass" || meant === "tags") {
    throw new OperatorError("USAGE", `${address} is a directory; ${meant} is for s3:// addresses.`, {
      fix: "Leave it out, or name s3://bucket/prefix. To encrypt in a directory, use --encrypt.",
    });
  }
  const { openDirectory } = await import("./directory.ts");
  return openDirectory(address, options);
}
