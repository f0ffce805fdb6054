import { makeSchemas } from "../../postgres/make_schemas.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { restorableOf } from "../../manifest/restorable.ts";
import { isSubset, type Subset, subsetOf } from "../../manifest/subset.ts";
import { withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { copyDatabaseProperties } from "../../postgres/database_properties.ts";
import { makeDatabaseLike } from "../../postgres/like_database.ts";
import { renameDatabases, type Renaming } from "../../postgres/rename_databases.ts";
import { makeScratchDatabase } from "../../postgres/scratch_database.ts";
import { findClientTools } from "../../postgres/tools.ts";
import { momentName } from "../../storage/backup_name.ts";
import { restoreDump } from "../restore_dump.ts";
import type { Job } from "../job.ts";
import type { IncidentRecord } from "./incident_record.ts";
import { canKeepGrants } from "./restore_guard.ts";
import type { RestoreOptions } from "./restore_options.ts";
import type { TargetServer } from "./restore_target.ts";
import { dumpMajor, prove, type Restore, subsetOptions } from "./restore_under_way.ts";

/** Into a new database, under a name that a later run would clean up, until it is whole. */
export async function restoreBeside({ job, options, stored, manifest, target, record }: Restore): Promise<void> {
  const tools = await findClientTools(Math.max(target.server.major, dumpMajor(manifest)), options.pgBin);
  const ownersAndGrants = manifest !== undefined && await canKeepGrants(job, target, manifest);
  let kept: string | undefined;
  const scratch = await job.phase("database", () =>
    job.acquire(
      "the new database",
      () =>
        makeScratchDatabase(
          target.admin,
          (name) => job.say(`dropped ${name}, left behind by a run that died`),
          manifest && ((name) => makeDatabaseLike(target.admin, name, manifest.database)),
        ),
      async (made) => {
        if (kept === undefined) await made.drop();
      },
    ));
  const parameters = withDatabase(target.parameters, scratch.name);
  if (isSubset(options.subset)) await makeSchemas(parameters, schemasOf(options.subset, manifest));
  await job.phase("restore", (measure) =>
    restoreDump(job, stored.dumpPath, { parameters, tools }, {
      jobs: options.jobs,
      measure,
      expected: manifest && restorableOf(isSubset(options.subset) ? subsetOf(manifest, options.subset) : manifest),
      ownersAndGrants,
      extra: subsetOptions(options),
    }));
  if (manifest) await prove(job, manifest, parameters, options, ownersAndGrants);
  else job.record({ proof: "restored" });

  await job.phase("rename", async () => {
    const name = await freeName(target, `_restored_${momentName(new Date(record.started_at))}`);
    const renamings: Renaming[] = [{ from: scratch.name, to: name }];
    await renameDatabases(target.admin, renamings, true);
    kept = name;
    record.restored_database = name;
    if (options.mode === "new") job.say(`restored as ${name}; to put it in place: restore with --swap`);
    else if (job.isGood()) await swap(job, options, target, record, name);
    else job.say(`not swapped: ${name} is not what was backed up`);
  });
}

async function swap(
  job: Job,
  options: RestoreOptions,
  target: TargetServer,
  record: IncidentRecord,
  restored: string,
): Promise<void> {
  const renamings: Renaming[] = [{ from: restored, to: target.name }];
  if (target.present) {
    await copyDatabaseProperties(target.admin, target.name, restored);
    const before = await freeName(target, `_before_${momentName(new Date(record.started_at))}`);
    renamings.unshift({ from: target.name, to: before });
    record.before!.kept_as = before;
  }
  await renameDatabases(target.admin, renamings, options.terminateConnections ?? false);
  record.renamed.push(...renamings);
  record.restored_database = target.name;
  job.say(
    `${target.name} is the restored one now${target.present ? `; the old one is ${record.before!.kept_as}` : ""}`,
  );
}

/** pg_restore brings what a chosen schema holds, but not the schema. */
function schemasOf(subset: Subset, manifest?: Manifest): string[] {
  return manifest ? subsetOf(manifest, subset).rows.map(({ schema }) => schema) : subset.schemas;
}

/** A name that no database has: of two restores in one second, the later one's gets `_2`. */
async function freeName({ admin, name }: TargetServer, suffix: string): Promise<string> {
  for (let place = 1;; place++) {
    const wanted = derivedName(name, place === 1 ? suffix : `${suffix}_${place}`);
    const [{ isTaken }] = await admin<{ isTaken: boolean }[]>`
      SELECT EXISTS (SELECT FROM pg_database WHERE datname = ${wanted}) AS "isTaken"`;
    if (!isTaken) return wanted;
  }
}

/** Postgres would cut a name after 63 bytes, and with it what tells it from the other. */
function derivedName(name: string, suffix: string): string {
  const bytes = new TextEncoder().encode(name).subarray(0, 63 - suffix.length);
  return new TextDecoder().decode(bytes).replace(/\uFFFD+$/, "") + suffix;
}
