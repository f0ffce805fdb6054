import type { ConfiguredOptions } from "../configured.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import type { NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { SharedCluster } from "../../targets/target.ts";

/** Which backup to restore, and where. */
export interface DrillOptions extends Omit<NamedDatabaseOptions, "dbUrl">, WhichBackup, ConfiguredOptions {
  /** A server for a scratch database, instead of a throwaway cluster. */
  into?: string;
  /** How many tables and indexes are restored, and tables compared, at the same time. */
  jobs: number;
  /** Every database of a backup set of a whole server. */
  allDatabases?: boolean;
  /** The cluster for several databases; each gets one of its own without. */
  cluster?: SharedCluster;
  pgBin?: string;
  /** Leave the restored database and say how to reach and remove it. */
  keepRunning?: boolean;
  /** Whether a database without any table passes. */
  allowEmpty?: boolean;
  /** Whether the operator vouches for the dump: it may run without isolation, and as a superuser of `into`. */
  trustDump?: boolean;
  /**
   * Whether owners and grants are restored and compared.
   * @default {true}
   */
  privileges?: boolean;
  /** Whether size and hash of the dump's files are compared first. */
  checksum: boolean;
  /** Whether the verdict is kept beside the backup. */
  record: boolean;
  /** The file with the private key that signs that record. */
  signingKey?: string;
  /** When what was lost would have been lost; the start, unless it says otherwise. */
  incidentAt?: Date;
  /** Who has looked at what needs a person's review. */
  reviewedBy?: string;
}
