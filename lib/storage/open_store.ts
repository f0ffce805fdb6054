import { OperatorError } from "../system/operator_error.ts";
import type { Store, StoreOptions } from "./store.ts";

/** Whether an address means an S3 bucket. */
export function isS3Address(address: string): boolean {
  return /^s3:\/\//i.test(address);
}

/** What people write in front of addresses of stores that there are elsewhere. */
const otherSchemes =
  /^(?:[a-z][a-z0-9+.-]*:\/|(?:s3|gs|gcs|az|azure|azblob|abfss?|b2|swift|rclone|rest|file|https?|s?ftp|ssh|scp|rsync|nfs|smb):)/i;

/**
 * Makes sure that an address is a path, or of a scheme that there is: `gs://bucket` is no directory called `gs:`.
 *
 * @throws {OperatorError} `BAD_STORE_ADDRESS`
 */
export function requireStoreAddress(address: string): void {
  const isPath = !otherSchemes.test(address) && address !== "";
  if (isPath || isS3Address(address)) return;
  throw new OperatorError(
    "BAD_STORE_ADDRESS",
    address === ""
      ? "The address of the store is empty."
      : `${address} is not an address of a store: the one known scheme is s3://, and everything else is a path.`,
    { fix: "Name a directory, or s3://bucket/prefix. For a directory of such a name, write ./ in front." },
  );
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
    throw new OperatorError("USAGE", `${address} is a directory; ${meant} is for s3:// addresses.`, {
      fix: "Leave it out, or name s3://bucket/prefix. To encrypt in a directory, use --encrypt.",
    });
  }
  const { openDirectory } = await import("./directory.ts");
  return openDirectory(address, options);
}
