import { OperatorError } from "../system/operator_error.ts";
import type { Store, StoreOptions } from "./store.ts";

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
