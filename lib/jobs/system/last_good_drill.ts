import { readCatalog } from "../../storage/backup_catalog.ts";
import { safeDatabaseName } from "../../storage/backup_name.ts";
import { readDrillVerdict } from "../../storage/drill_record.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { WhichBackup } from "../fetch_backup.ts";
import type { Job } from "../run_job.ts";
import { acquireStore } from "../store_job.ts";

/** The newest drill of a database that passed, as it stands beside its backup. */
export async function lastGoodDrill(
  job: Job,
  { from, store: options }: WhichBackup,
  database: string,
): Promise<Verdict | undefined> {
  if (from === undefined) return undefined;
  const store = await acquireStore(job, from, options ?? {});
  const catalog = await readCatalog(store, { database: safeDatabaseName(database) });
  const newestFirst = catalog.flatMap(({ drillRecords }) => drillRecords).sort((a, b) =>
    moment(a) < moment(b) ? 1 : -1
  );
  for (const record of newestFirst) {
    const verdict = await readDrillVerdict(store, record);
    if (verdict?.verdict === "pass") return verdict;
  }
  return undefined;
}

/** Sorts as time does. */
function moment(record: string): string {
  return record.slice(record.lastIndexOf(".drill-"));
}
