import { fenceDatabase } from "../../postgres/fence_database.ts";
import { renameDatabases, type Renaming } from "../../postgres/rename_databases.ts";
import { momentName } from "../../storage/backup_name.ts";
import { freeName } from "./free_name.ts";
import type { Restore } from "./restore_under_way.ts";

/** The target, under another name for as long as nobody else may be in it. */
export interface HiddenDatabase {
  name: string;
  /** Gives it its name back. */
  giveBack(): Promise<void>;
  /** It stays under this name: another database has the target's now. */
  leave(): void;
}

/**
 * Takes the target away from everybody else, until it is given back, or the job ends. The record says so first, so that
 * `restore --undo` can give it back after a run that was killed.
 */
export async function keepOthersOut(
  { job, options, target, record, saveRecord }: Restore,
  suffix: "_before_" | "_in_place_",
): Promise<HiddenDatabase> {
  const { admin, name: own } = target;
  const name = await freeName(target, suffix + momentName(new Date(record.started_at)));
  const renaming: Renaming = { from: own, to: name };
  let isHidden = false;
  const giveBack = async () => {
    if (!isHidden) return;
    await renameDatabases(admin, [{ from: name, to: own }], true);
    isHidden = false;
    record.renamed = record.renamed.filter((each) => each !== renaming);
    await saveRecord();
  };
  record.renamed.push(renaming);
  await saveRecord();
  await job.phase("keep_others_out", () =>
    job.acquire("the database's name", async () => {
      try {
        await fenceDatabase(admin, own, name, options.terminateConnections ?? false);
      } catch (error) {
        record.renamed = record.renamed.filter((each) => each !== renaming);
        throw error;
      }
      isHidden = true;
    }, giveBack));
  return { name, giveBack, leave: () => void (isHidden = false) };
}
