import type { StoreOptions } from "../storage/store.ts";

/** Which backup is meant. */
export interface WhichBackup {
  /** A dump, its manifest, or the name of a backup in `from`; without it, the newest one in `from`. */
  path?: string;
  /** A directory or `s3://bucket/prefix` of backups. */
  from?: string;
  /** Only backups of this database: its own name, or the configuration's for it. */
  database?: string;
  /** Only backups of this cluster. */
  systemIdentifier?: string;
  /** Only backups whose snapshot was taken before. */
  before?: Date;
  /** The time of the incident: a newer backup is used only if it was named. */
  incidentAt?: Date;
  /** Only backups that passed a drill. */
  drilled?: boolean;
  /** What the database is called that it is to become: where several are there and none is named, that says which. */
  targetName?: string;
  /** Files with public keys: one of them must have signed the manifest for it to be trusted, and drills' records to count. */
  trustedKeys?: string[];
  /** How to reach the bucket. */
  store?: Omit<StoreOptions, "signal">;
  /** The file that holds the identity, for an encrypted backup. */
  identity?: string;
}
