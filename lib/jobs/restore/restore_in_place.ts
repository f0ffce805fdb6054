import { restorableOf } from "../../manifest/restorable.ts";
import { isSubset, subsetOf } from "../../manifest/subset.ts";
import { terminateSessions } from "../../postgres/rename_databases.ts";
import { findClientTools } from "../../postgres/tools.ts";
import { restoreDump } from "../restore_dump.ts";
import { canKeepGrants } from "./restore_guard.ts";
import { dumpMajor, prove, type Restore, subsetOptions } from "./restore_under_way.ts";

/** Into the database itself, in one transaction: whole or not at all. */
export async function restoreInPlace({ job, options, stored, manifest, target, record }: Restore): Promise<void> {
  const tools = await findClientTools(Math.max(target.server.major, dumpMajor(manifest)), options.pgBin);
  const ownersAndGrants = await canKeepGrants(job, target, manifest!);
  if (options.terminateConnections) await terminateSessions(target.admin, target.name);
  await job.phase("restore", (measure) =>
    restoreDump(job, stored.dumpPath, { parameters: target.parameters, tools }, {
      jobs: 1,
      measure,
      expected: restorableOf(isSubset(options.subset) ? subsetOf(manifest!, options.subset) : manifest!),
      ownersAndGrants,
      extra: ["--clean", "--if-exists", "--single-transaction", ...subsetOptions(options)],
    }));
  if (!job.isGood()) {
    job.say(`${target.name} is as it was: the restore was rolled back; --swap needs nothing to be dropped first`);
    return;
  }
  record.restored_database = target.name;
  await prove(job, manifest!, target.parameters, options, ownersAndGrants);
}
