import { restoreDump } from "../../dumps/restore_dump.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { restorableOf } from "../../manifest/restorable.ts";
import { withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { copyDatabaseProperties } from "../../postgres/database_properties.ts";
import { makeDatabaseLike, makeDatabaseOfBytes } from "../../postgres/like_database.ts";
import { renameDatabases } from "../../postgres/rename_databases.ts";
import { acquireScratch, type Job } from "../../run/job.ts";
import { momentName } from "../../storage/backup_name.ts";
import { shellWord } from "../../system/shell_word.ts";
import { collationUnavailable } from "../../targets/findings.ts";
import { proveRestored } from "../compare/compare_database.ts";
import { restoredBeside, swapped } from "./findings/outcome.ts";
import { freeName } from "./free_name.ts";
import { oidOf } from "./incident_record.ts";
import { keepOthersOut } from "./keep_others_out.ts";
import { canKeepGrants } from "./restore_guard.ts";
import type { TargetServer } from "./restore_target.ts";
import { findToolsFor, type Restore } from "./restore_under_way.ts";
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

/** What a restore in the target's place leaves, and how to undo it. */
function sayHowToUndo({ job, options, target, record, recordPath }: Restore): void {
  const undo = `pgrehearse restore --undo ${shellWord(recordPath)} --target-url ${
    shellWord(withoutPassword(options.targetUrl))
  }${reachingStore(options)}${againOnTheWordOf(options, target.name)}`;
  job.note(swapped({ database: target.name, keptAs: record.before?.kept_as, undo }));
}

function reachingStore({ store: { endpoint, region } = {} }: Restore["options"]): string {
  return Object.entries({ endpoint, region })
    .map(([option, value]) => value === undefined ? "" : ` --${option} ${shellWord(value)}`).join("");
}

/** So that the command can be run unchanged: who answered for the swap answers for taking it back. */
function againOnTheWordOf({ operator, approvedBy, reason }: Restore["options"], name: string): string {
  if (!operator || !approvedBy || !reason) return "";
  const words = { operator, "approved-by": approvedBy, reason: `undo: ${reason}`, confirm: name };
  return Object.entries(words).map(([option, word]) => ` --${option} ${shellWord(word)}`).join("");
}

/** What a restore beside leaves, and how to put it in place. */
function sayHowToPromote({ job, options, target, recordPath, part, manifest }: Restore, name: string): void {
  const canPromote = part === undefined && manifest !== undefined && job.isGood();
  const promote = canPromote
    ? `pgrehearse restore --promote ${shellWord(recordPath)}${reachingStore(options)} --target-url URL`
    : undefined;
  job.note(restoredBeside({ database: name, server: target.address, promote }));
}

/** A URL without its password, which is better in PGPASSWORD or ~/.pgpass. */
function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/?]*):[^@/]*@/, "$1@")
    .replace(/\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]*)&?/g, "")
    .replace(/[?&]$/, "").trim();
}
