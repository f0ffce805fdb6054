import { readDrillRecords } from "../../evidence/drill_record.ts";
import { readVerificationKey } from "../../evidence/signing_key.ts";
import type { WhichBackup } from "../../fetch/choose_backup.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { readBackups } from "../../storage/backup_catalog.ts";
import type { Verdict } from "../../verdict/verdict.ts";

/** The newest drill of a database that passed, as recorded beside its backup. */
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
  { from, store: options, trustedKeys = [] }: WhichBackup,
  database: string,
): AsyncGenerator<Verdict> {
  if (from === undefined) return;
  const store = await acquireStore(job, from, options ?? {});
  const keys = await Promise.all(trustedKeys.map(readVerificationKey));
  const backups = await readBackups(store, { database });
  for await (const { document } of readDrillRecords(store, backups, keys)) yield document;
}
