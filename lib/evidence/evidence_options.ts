import type { StoreOptions } from "../storage/store.ts";

/** Where a verdict is kept as evidence, and who signs it. */
export interface EvidenceOptions {
  /** A directory or `s3://bucket/prefix`. */
  to: string;
  /** The file with the private key. */
  signingKey: string;
  /** How to reach the bucket. */
  store?: Omit<StoreOptions, "signal">;
}
