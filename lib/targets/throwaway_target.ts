import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { makeThrowawayCluster } from "../postgres/throwaway_cluster.ts";
import { type ClientTools, findClientTools, findServerTools } from "../postgres/tools.ts";
import type { Job } from "../run/job.ts";

/** A throwaway cluster's database `postgres`, and the tools for its server. */
export interface ThrowawayTarget {
  parameters: ConnectionParameters;
  tools: ClientTools;
}

/** Makes a throwaway cluster that goes with the job, from the newest programs of this host. */
export async function makeThrowawayTarget(job: Job, { pgBin }: { pgBin?: string }): Promise<ThrowawayTarget> {
  const [serverTools, tools] = await job.phase("preflight", async () => {
    const serverTools = await findServerTools(pgBin);
    return [serverTools, await findClientTools(serverTools.major, pgBin)] as const;
  });
  job.record({
    postgres: { server: serverTools.version, pg_dump: tools.version, pg_restore: tools.version, target: "throwaway" },
  });
  const { parameters, sandbox } = await job.phase(
    "cluster",
    () => job.acquire("the throwaway cluster", () => makeThrowawayCluster(serverTools), (cluster) => cluster.close()),
  );
  job.record({ isolation: sandbox.isolation });
  return { parameters, tools: { ...tools, sandbox } };
}
