import type { Manifest } from "../../manifest/manifest.ts";
import { proveRestored } from "../compare/compare_database.ts";
import { restorableOf } from "../../manifest/restorable.ts";
import { withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { makeDatabaseLike, makeDatabaseOfBytes } from "../../postgres/like_database.ts";
import { renameDatabases } from "../../postgres/rename_databases.ts";
import { momentName } from "../../storage/backup_name.ts";
import { collationUnavailable } from "../../targets/findings.ts";
import { acquireScratch } from "../../run/acquire.ts";
import type { Job } from "../../run/job.ts";
import { restoreDump } from "../../dumps/restore_dump.ts";
import { freeName } from "./free_name.ts";
import { oidOf } from "./incident_record.ts";
import { canKeepGrants } from "./restore_guard.ts";
import { findToolsFor, type Restore } from "./restore_under_way.ts";
import type { TargetServer } from "./restore_target.ts";
import { sayHowToPromote, sayHowToUndo } from "./what_next.ts";
import { copyDatabaseProperties } from "../../postgres/database_properties.ts";
import { keepOthersOut } from "./keep_others_out.ts";
import { makeSafetyBackup } from "./safety_backup.ts";

/** Into a new database, under a name that a later run would clean up, until it is whole. */
export async function restoreBeside(restore: Restore, replacesSomething: boolean): Promise<void> {
  const { job, options, stored, manifest, expected, part, target, record } = restore;
  const tools = await findToolsFor(restore);
  const ownersAndGrants = expected !== undefined && await canKeepGrants(job, target, expected, options);
  let kept: string | undefined;
  const scratch = await job.phase("database", () =>
    acquireScratch(job, target.admin, {
      what: "the new database",
      make: manifest && ((name) => makeAsNearAsItCan(job, target, name, manifest)),
      release: async (made) => {
        if (kept === undefined) await made.drop();
      },
    }));
  const parameters = withDatabase(target.parameters, scratch.name);
  await job.phase(
    "restore",
    (measure) =>
      restoreDump(job, stored.dumpPath, { parameters, tools, renew: scratch.remake }, {
        jobs: options.jobs,
        measure,
        expected: expected && restorableOf(expected),
        ownersAndGrants,
        entryIds: part?.entries.map(({ id }) => id),
      }),
  );
  if (expected) await proveRestored(job, expected, parameters, { jobs: options.jobs, ownersAndGrants });
  else job.record({ proof: "restored" });

  const name = await freeName(target, `_restored_${momentName(new Date(record.started_at))}`);
  await job.phase("rename", async () => {
    await renameDatabases(target.admin, [{ from: scratch.name, to: name }], true);
    kept = name;
    record.restored_database = name;
    record.restored_oid = await oidOf(target.admin, name);
    await restore.saveRecord();
  });
  if (options.mode === "new") sayHowToPromote(restore, name);
  else if (!job.isGood()) {
    job.say(`not swapped: ${name} differs from the backup`);
    sayHowToPromote(restore, name);
  } else {
    await swapIn(restore, name, replacesSomething).catch((error) => {
      sayHowToPromote(restore, name); // it is whole, and took its time
      throw error;
    });
  }
}

/** In an incident a database that sorts otherwise is better than none. */
async function makeAsNearAsItCan(job: Job, { admin }: TargetServer, name: string, { database }: Manifest) {
  if (await makeDatabaseLike(admin, name, database)) return;
  await makeDatabaseOfBytes(admin, name, database.encoding);
  job.find(collationUnavailable.beside({ collation: database.locale ?? database.collation }));
}

/** Gives a restored database the target's name; the one that has it is kept under another, without sessions meanwhile. */
export async function swapIn(restore: Restore, restored: string, replacesSomething: boolean): Promise<void> {
  const { job, options, target, record, saveRecord } = restore;
  const renaming = { from: restored, to: target.name, oid: await oidOf(target.admin, restored) };
  if (!target.present) {
    await job.phase("swap", () => renameDatabases(target.admin, [renaming], options.terminateConnections ?? false));
    record.renamed.push(renaming);
  } else {
    const before = await keepOthersOut(restore, "_before_");
    if (replacesSomething) await makeSafetyBackup(restore, before.name);
    await job.phase("swap", async () => {
      await copyDatabaseProperties(target.admin, before.name, restored);
      await renameDatabases(target.admin, [renaming], true);
      await before.leave();
      record.renamed.push(renaming);
      record.before!.kept_as = before.name;
    });
  }
  record.restored_database = target.name;
  await saveRecord();
  sayHowToUndo(restore);
}
