import { chainFindings } from "../../chain/chain_findings.ts";
import { verifyChain } from "../../chain/chain_snapshot.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { connectToNamed, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import { runJob } from "../../run/run_job.ts";

/** Walks the named database's audit chain and says whether it is whole. Writes nothing. */
export function verify(options: NamedDatabaseOptions): Promise<Verdict> {
  return runJob("verify", options, async (job) => {
    const sql = await connectToNamed(job, options);
    const chain = await job.phase("verify", () => verifyChain(sql));
    job.record({ ...chain, proof: "checked" });
    job.find(...chainFindings(chain));
    job.assertEqual("first_break_id", "", chain.first_break_id ?? "");
    job.assertEqual("verifier_walked", chain.row_count, chain.verifier_walked);
  });
}
