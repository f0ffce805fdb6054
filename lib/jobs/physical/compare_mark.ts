import { countBetween } from "../../physical/count_between.ts";
import { markNotSeparable } from "../../physical/findings/marks.ts";
import type { RecoveredCluster } from "../../physical/recover.ts";
import type { Job } from "../../run/job.ts";
import { compareDatabase } from "../compare/compare_database.ts";
import type { FoundMark } from "./find_mark.ts";

/**
 * Proves that a recovered cluster shows what a mark's snapshot showed, and compares everything with its manifest.
 *
 * @returns What was compared; `undefined` if transactions lie between: then nothing was.
 */
export async function compareMark(
  job: Job,
  { name, manifest, place }: FoundMark,
  { cluster, jobs }: { cluster: RecoveredCluster; jobs: number },
): Promise<string[] | undefined> {
  const count = await job.phase("separate", () => countBetween(cluster, place.snapshot));
  job.record({
    recovery: {
      ...job.soFar().recovery,
      mark: { name, database: manifest.database.name, at: manifest.snapshot.taken_at, transactions_between: count },
    },
  });
  if (count > 0) {
    job.leaveOpen(markNotSeparable({ mark: name, count }));
    return undefined;
  }
  const { covers } = await compareDatabase(job, manifest, await cluster.parameters(manifest.database.name), {
    jobs,
    ownersAndGrants: true,
    isRecovered: true,
  });
  return covers.map((part) => part === "sequences" ? "sequence_limits" : part);
}
