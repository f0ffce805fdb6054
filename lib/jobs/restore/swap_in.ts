import { copyDatabaseProperties } from "../../postgres/database_properties.ts";
import { renameDatabases } from "../../postgres/rename_databases.ts";
import { oidOf } from "./incident_record.ts";
import { keepOthersOut } from "./keep_others_out.ts";
import { makeSafetyBackup } from "./safety_backup.ts";
import type { Restore } from "./restore_under_way.ts";
import { sayHowToUndo } from "./what_next.ts";

/** Gives a restored database the target's name; what has it is kept under another, and nobody is in it meanwhile. */
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
