import { withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { keepName } from "../../postgres/keep_name.ts";
import { renameDatabases, type Renaming } from "../../postgres/rename_databases.ts";
import { findClientTools } from "../../postgres/tools.ts";
import { momentName } from "../../storage/backup_name.ts";
import { freeName } from "./free_name.ts";
import { oidOf } from "./incident_record.ts";
import type { Restore } from "./restore_under_way.ts";

/** The target, under another name for as long as no other session may be in it. */
interface HiddenDatabase {
  name: string;
  /** Gives it its name back. */
  giveBack(): Promise<void>;
  /** It stays under this name: another database has the target's now. */
  leave(): Promise<void>;
}

/**
 * Takes the target away from everybody else, until it is given back, or the job ends: a database that takes no connections
 * takes none of ours, either, so it gets another name. Killed, the run leaves a guard that gives the name back; the record
 * says what was renamed, so that `restore --undo` can do it where the guard died as well.
 *
 * @throws {OperatorError} `CONNECTIONS_OPEN`
 */
export async function keepOthersOut(
  { job, options, target, record, saveRecord }: Restore,
  suffix: "_before_" | "_in_place_",
): Promise<HiddenDatabase> {
  const { admin, name: own } = target;
  const name = await freeName(target, suffix + momentName(new Date(record.started_at)));
  const renaming: Renaming & { oid: number } = { from: own, to: name, oid: await oidOf(admin, own) };
  let isHidden = false;
  const forget = async () => {
    record.renamed = record.renamed.filter((each) => each !== renaming);
    await saveRecord();
  };
  record.renamed.push(renaming);
  await saveRecord();
  const [{ database }] = await admin<{ database: string }[]>`SELECT current_database() AS database`;
  const tools = await findClientTools(target.server.major, options.pgBin);
  const keeper = await keepName(withDatabase(target.parameters, database), tools, { own, other: name });
  const hide = async () => {
    try {
      await renameDatabases(admin, [renaming], options.terminateConnections ?? false);
    } catch (error) {
      await keeper.dismiss();
      await forget();
      throw error;
    }
    isHidden = true;
  };
  const giveBack = async () => {
    if (!isHidden) return;
    await renameDatabases(admin, [{ from: name, to: own }], true);
    isHidden = false;
    await keeper.dismiss();
    await forget();
  };
  await job.phase("keep_others_out", () => job.acquire("the database's name", hide, giveBack));
  const leave = async () => {
    isHidden = false;
    await keeper.dismiss();
  };
  return { name, giveBack, leave };
}
