import { type CatalogEntry, readCatalog } from "../../storage/backup_catalog.ts";
import { dumpSuffix, manifestSuffix, safeDatabaseName } from "../../storage/backup_name.ts";
import { readDrillRecord } from "../../storage/drill_record.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { defaultPolicy, planRetention, type RetainedBackup, type RetentionPolicy } from "../../storage/retention.ts";
import type { Store } from "../../storage/store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { readManifestText } from "../fetch/fetch_stored_backup.ts";
import type { Job, JobOptions } from "../job.ts";
import { runJob } from "../run_job.ts";
import { openJobStore, type StoreJobOptions } from "./store_job.ts";

export interface PruneOptions extends JobOptions, StoreJobOptions, RetentionPolicy {
  /** Whether to remove, or only to say what would be. */
  yes?: boolean;
}

type Candidate = RetainedBackup & { entry: CatalogEntry };

/** Removes the backups that the policy does not keep; without `yes`, it only says which. */
export function prune(given: PruneOptions): Promise<Verdict> {
  return runJob("prune", given, async (job) => {
    const { store, options } = await openJobStore(job, given, ({ prune: kept }) => ({
      keepLast: kept.keep_last,
      keepDaily: kept.keep_daily,
      keepWeekly: kept.keep_weekly,
      keepMonthly: kept.keep_monthly,
    }));
    const policy = policyOf(options);
    const database = options.database === undefined ? undefined : safeDatabaseName(options.database);
    const catalog = await job.phase("list", () => readCatalog(store, { database }));
    const decisions = await job.phase("read", async () => {
      const candidates = await weigh(job, store, catalog);
      const planned = planRetention(candidates, policy);
      const kept = new Set(planned.filter(({ reasons }) => reasons.length > 0).map(({ backup }) => backup.name));
      return await inParallel(planned, 8, async (decision) => {
        const { backup, reasons } = decision;
        if (reasons.length > 0) return decision;
        const manifest = await readIfPossible(job, store, backup.name);
        if (!manifest) return { backup, reasons: ["unreadable"] };
        // A set that lacks one is none any more. What was made of it before a run died may count as one's newest.
        const isOfKeptSet = Object.values(manifest.set?.members ?? {}).some((member) => kept.has(member));
        return isOfKeptSet ? { backup, reasons: ["made_with_a_kept_one"] } : decision;
      });
    });
    const going = decisions.filter(({ reasons }) => reasons.length === 0).map(({ backup: { entry } }) => ({
      entry,
      line: { name: entry.name, size_bytes: entry.sizeBytes, removed: false },
    }));
    const { keepLast, keepDaily, keepWeekly, keepMonthly } = policy;
    job.record({
      backup_count: catalog.length,
      retention: {
        policy: { keep_last: keepLast, keep_daily: keepDaily, keep_weekly: keepWeekly, keep_monthly: keepMonthly },
        keep: decisions.filter(({ reasons }) => reasons.length > 0)
          .map(({ backup: { name }, reasons }) => ({ name, reasons })),
        remove: going.map(({ line }) => line), // each says `removed` once it is
      },
    });
    if (!options.yes) {
      if (going.length > 0) job.say("nothing was removed; --yes removes");
      return;
    }
    await job.phase("remove", () =>
      inParallel(going, 4, async ({ entry, line }) => {
        job.signal.throwIfAborted();
        line.removed = await removeBackup(job, store, entry);
      }));
  });
}

function policyOf({ keepLast, keepDaily, keepWeekly, keepMonthly }: RetentionPolicy): RetentionPolicy {
  const said = { keepLast, keepDaily, keepWeekly, keepMonthly };
  return Object.values(said).every((count) => count === undefined) ? defaultPolicy : said;
}

/**
 * Finds out what retention must know of each database: which backup is the newest that can be read, and which is the
 * newest whose last drill passed.
 */
async function weigh(job: Job, store: Store, catalog: CatalogEntry[]): Promise<Candidate[]> {
  const candidates = catalog.map((entry) => ({
    entry,
    name: entry.name,
    database: entry.database,
    takenAt: entry.takenAt,
    isFinished: entry.state === "finished",
    hasPassedDrill: false,
  }));
  for (const newestFirst of Map.groupBy(candidates, ({ database }) => database).values()) {
    for (const candidate of newestFirst.filter(({ isFinished }) => isFinished)) {
      if (await readIfPossible(job, store, candidate.name)) break;
      candidate.isFinished = false;
    }
    for (const candidate of newestFirst.filter(({ isFinished }) => isFinished)) {
      candidate.hasPassedDrill = await hasPassedDrill(store, candidate.entry);
      if (candidate.hasPassedDrill) break;
    }
  }
  return candidates;
}

async function hasPassedDrill(store: Store, { drillRecords }: CatalogEntry): Promise<boolean> {
  for (const name of drillRecords) {
    const { verdict } = await readDrillRecord(store, name);
    if (verdict !== "unknown") return verdict === "pass";
  }
  return false;
}

/** What cannot be read may be a newer pgrehearse's, or evidence. */
async function readIfPossible(job: Job, store: Store, name: string): Promise<Manifest | undefined> {
  try {
    return (await readManifestText(store, name))?.manifest;
  } catch (error) {
    if (!(error instanceof OperatorError && error.code.startsWith("MANIFEST_"))) throw error;
    job.note({ code: "KEPT_UNREADABLE", message: `${error.message} It is kept.`, object: name });
    return undefined;
  }
}

/**
 * The manifest goes first: what is left if we are interrupted is no backup any more. It comes back if the dump turns out
 * to be locked.
 */
async function removeBackup(
  job: Job,
  store: Store,
  { name, format, dumpFiles, drillRecords }: CatalogEntry,
): Promise<boolean> {
  const manifest = (await readManifestText(store, name))?.text;
  const [first, ...rest] = dumpFiles.map((file) => file.name);
  let isManifestGone = false;
  try {
    const how = await store.remove(name + manifestSuffix);
    isManifestGone = true;
    if (format === "directory" && store.removeFolder) {
      await store.removeFolder(name + dumpSuffix);
    } else {
      await store.remove(first);
      isManifestGone = false; // from here on it would name what is no longer there
      await inParallel(rest, 8, (file) => store.remove(file));
    }
    isManifestGone = false;
    await inParallel(drillRecords, 8, (file) => store.remove(file));
    if (how === "hidden") {
      job.note({
        code: "VERSIONS_REMAIN",
        message: `The bucket keeps versions: ${name} is hidden, and its bytes stay until a lifecycle rule ends them.`,
        object: name,
      });
    }
    return true;
  } catch (error) {
    if (!(error instanceof OperatorError && error.code === "OBJECT_LOCKED")) throw error;
    if (isManifestGone && manifest) {
      await store.write(name + manifestSuffix, ReadableStream.from([new TextEncoder().encode(manifest)]));
    }
    job.note({ code: "OBJECT_LOCKED", message: `${name} stays: ${error.message}`, object: name });
    return false;
  }
}
