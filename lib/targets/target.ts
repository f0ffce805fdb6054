import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import type { ThrowawayCluster } from "../postgres/throwaway_cluster.ts";
import type { ClientTools } from "../postgres/tools.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** Where a disposable target is made, and what becomes of it. */
export interface DisposableOptions {
  /** A server for a scratch database, instead of a throwaway cluster. */
  into?: string;
  /** The cluster for several databases; without it, each gets its own. */
  cluster?: SharedCluster;
  /** How many indexes are built at the same time. */
  jobs: number;
  /** Where the connection's other parameters come from. */
  env: Record<string, string>;
  /** How long to wait for the server to accept connections. */
  waitMs: number;
  pgBin?: string;
  /** Leave the restored database and say how to reach and remove it. */
  keepRunning?: boolean;
  /** Whether the operator vouches for the dump: it may run without isolation, and as a superuser of `into`. */
  trustDump?: boolean;
}

/** Where a dump is restored into. */
export interface RestoreTarget {
  /** An empty database, unless `extra` says to clean it. */
  parameters: ConnectionParameters;
  tools: ClientTools;
  /** Makes roles, unless they are there; absent where none may be made. */
  makeRoles?: (roles: string[]) => Promise<void>;
  /**
   * Lets those who own something in an archive be there, so that what is theirs runs with their rights and not with a
   * superuser's; absent where no role may be made.
   *
   * @returns Whether it can be.
   */
  keepOwners?: (archive: string) => Promise<boolean>;
  /** How a role connects that may read everything and do nothing else; absent where no role may be made. */
  asReader?: () => Promise<ConnectionParameters>;
  /** Its server, all of which is the dump's, and with it its log; absent where it is somebody's. */
  cluster?: ThrowawayCluster;
  /** Makes the database empty again; absent where it is not ours. */
  renew?: () => Promise<void>;
  /** What was compared there before the restore: `globals`, `database_properties`. */
  covers?: readonly string[];
  /** Whether owners and grants can be restored there, and are to be. */
  keepsGrants?: boolean;
  /** To be called after the restore: ends what roles were given for it. */
  settleGrants?: () => Promise<void>;
}

/** A throwaway cluster that one database is restored into, or each of a server's. */
export interface SharedCluster {
  cluster: ThrowawayCluster;
  tools: ClientTools;
  /** Does what changes roles, one after the other: the server refuses two changes of a role at the same time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** The backup whose roles were compared here, before any was made; every database of a server was dumped with them. */
  roles?: { of: Manifest; compared: Promise<boolean> };
}
