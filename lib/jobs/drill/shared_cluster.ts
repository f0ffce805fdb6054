import type { ThrowawayCluster } from "../../postgres/throwaway_cluster.ts";
import type { ClientTools } from "../../postgres/tools.ts";

/** A throwaway cluster that one database is restored into, or each of a server's. */
export interface DrillCluster {
  cluster: ThrowawayCluster;
  tools: ClientTools;
  /** Does what changes roles, one after the other: the server refuses two changes of a role at the same time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}
