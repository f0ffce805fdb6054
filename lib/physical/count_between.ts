import { withSession } from "../postgres/connection/connect.ts";
import type { RecoveredCluster } from "./recover.ts";
import type { SnapshotText } from "./snapshot_text.ts";

/**
 * Counts the transactions whose commit a recovered cluster has and a snapshot does not show, by their status there. None: it
 * shows no more than the snapshot did.
 */
export async function countBetween(cluster: RecoveredCluster, { xmax, xip }: SnapshotText): Promise<number> {
  return await withSession(await cluster.parameters(cluster.database), {}, async (sql) => {
    const [{ count }] = await sql<{ count: string }[]>`
      WITH recovered AS (
        SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS next
      )
      SELECT pg_catalog.count(*)::text AS count
      FROM recovered, LATERAL (
        SELECT pg_catalog.unnest(${`{${xip.join(",")}}`}::pg_catalog.text::pg_catalog.int8[]) AS xid
        UNION
        SELECT pg_catalog.generate_series(${String(xmax)}::pg_catalog.text::pg_catalog.int8, next - 1)
      ) AS hidden
      WHERE CASE WHEN xid < next THEN pg_catalog.txid_status(xid) END = 'committed'`;
    return Number(count);
  });
}
