import type { StoreOptions } from "../../storage/store.ts";

/** Which backup is meant. */
export interface WhichBackup {
  /** A dump or its manifest; without it, the newest one in `from`. */
  path?: string;
  /** A directory or `s3://bucket/prefix` of backups. */
  from?: string;
  /** Only backups of this database. */
  database?: string;
  /** How to reach the bucket. */
  store?: Omit<StoreOptions, "signal">;
  /** The file that holds the identity, for an encrypted backup. */
  identity?: string;
}
