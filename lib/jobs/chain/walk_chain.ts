import { chainFindings } from "../../chain/chain_findings.ts";
import { verifyChain } from "../../chain/chain_snapshot.ts";
import { withSession } from "../../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import type { Job } from "../../run/job.ts";

/**
 * Walks the audit chain of a restored database that should have one; it must be whole.
 *
 * @param asReader The function that walks it came with the dump: with this it runs as a role that may only read.
 */
export async function walkChain(
  job: Job,
  parameters: ConnectionParameters,
  asReader: () => Promise<ConnectionParameters> = () => Promise.resolve(parameters),
): Promise<void> {
  // With the database's own search_path: whoever made the chain may rely on it.
  await withSession(await asReader(), { settings: { search_path: null } }, async (sql) => {
    const chain = await verifyChain(sql, "fail");
    job.assertEqual("first_break_id", "", chain.first_break_id ?? "");
    job.find(...chainFindings(chain));
    job.record({ post: chain });
  });
}
