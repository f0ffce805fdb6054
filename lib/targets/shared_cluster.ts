import type { Manifest } from "../manifest/manifest.ts";
import type { ThrowawayCluster } from "../postgres/throwaway_cluster.ts";
import type { ClientTools } from "../postgres/tools.ts";

/** A throwaway cluster that one database is restored into, or each of a server's. */
export interface SharedCluster {
  cluster: ThrowawayCluster;
  tools: ClientTools;
  /** Does what changes roles, one after the other: the server refuses two changes of a role at the same time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** The backup whose roles were compared here, before any was made; every database of a server was dumped with them. */
  roles?: { of: Manifest; compared: Promise<boolean> };
}
