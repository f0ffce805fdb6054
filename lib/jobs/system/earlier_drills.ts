import { readCatalog } from "../../storage/backup_catalog.ts";
import { safeDatabaseName } from "../../storage/backup_name.ts";
import { readDrillVerdict } from "../../storage/drill_record.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { WhichBackup } from "../fetch/which_backup.ts";
import type { Job } from "../job.ts";
import { acquireStore } from "../store/acquire_store.ts";

/** The newest drill of a database that passed, as it stands beside its backup. */
export async function lastGoodDrill(job: Job, which: WhichBackup, database: string): Promise<Verdict | undefined> {
  for await (const verdict of earlierDrills(job, which, database)) if (verdict.verdict === "pass") return verdict;
  return undefined;
}

/** What the newest drill of a database said. */
export async function lastVerdict(
  job: Job,
  which: WhichBackup,
  database: string,
): Promise<Verdict["verdict"] | undefined> {
  for await (const { verdict } of earlierDrills(job, which, database)) return verdict;
  return undefined;
}

/** The newest first. */
async function* earlierDrills(
  job: Job,
  { from, store: options }: WhichBackup,
  database: string,
): AsyncGenerator<Verdict> {
  if (from === undefined) return;
  const store = await acquireStore(job, from, options ?? {});
  const catalog = await readCatalog(store, { database: safeDatabaseName(database) });
  const records = catalog.flatMap(({ drillRecords }) => drillRecords);
  for (const record of records.sort((a, b) => moment(a) < moment(b) ? 1 : -1)) {
    const verdict = await readDrillVerdict(store, record);
    if (verdict) yield verdict;
  }
}

/** Sorts as time does. */
function moment(record: string): string {
  return record.slice(record.lastIndexOf(".drill-"));
}
