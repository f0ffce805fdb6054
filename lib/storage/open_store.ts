import { usage } from "../options/findings.ts";
import { badStoreAddress } from "./findings/stores.ts";
import type { Store, StoreOptions } from "./store.ts";

/** Whether an address means an S3 bucket. */
export function isS3Address(address: string): boolean {
  return /^s3:\/\//i.test(address);
}

/** What people write in front of addresses of stores that there are elsewhere. */
const otherSchemes =
  /^(?:[a-z][a-z0-9+.-]*:\/|(?:s3|gs|gcs|az|azure|azblob|abfss?|b2|swift|rclone|rest|file|https?|s?ftp|ssh|scp|rsync|nfs|smb):)/i;

/**
 * Makes sure that an address is a path, or of a scheme that there is: `gs://bucket` is not a directory called `gs:`.
 *
 * @throws {OperatorError} `BAD_STORE_ADDRESS`
 */
export function requireStoreAddress(address: string): void {
  const isPath = !otherSchemes.test(address) && address !== "";
  if (isPath || isS3Address(address)) return;
  throw address === "" ? badStoreAddress.empty.error() : badStoreAddress.scheme.error({ address });
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
  requireStoreAddress(address);
  const { signal: _, ...s3Only } = options;
  const meant = Object.entries(s3Only).find(([, value]) => value !== undefined)?.[0];
  if (meant === "sse" || meant === "sseKmsKeyId" || meant === "storageClass" || meant === "tags") {
    throw usage.onlyForBuckets.error({ address, option: meant });
  }
  const { openDirectory } = await import("./directory_store.ts");
  return openDirectory(address, options);
}
