import { type CatalogEntry, readCatalog } from "../../storage/backup_catalog.ts";
import { safeDatabaseName } from "../../storage/backup_name.ts";
import { type DrillRecord, readDrillRecord } from "../../storage/drill_record.ts";
import type { Store } from "../../storage/store.ts";
import type { Finding, Verdict } from "../../verdict/verdict.ts";
import { describeBackup } from "./describe_backup.ts";
import { readStoredManifest } from "../fetch/fetch_stored_backup.ts";
import type { JobOptions } from "../job.ts";
import { runJob } from "../run_job.ts";
import { openJobStore, type StoreJobOptions } from "./store_job.ts";

export interface StatusOptions extends JobOptions, StoreJobOptions {
  /** How old the newest backup of each database may be. */
  maxAgeMs: number;
  /** How long ago the last drill that passed may be. */
  maxDrillAgeMs: number;
}

/** Clocks differ a little. */
const toleratedSkewMs = 5 * 60_000;

/** Says whether every database in a store has a fresh backup that was drilled lately. */
export function status(given: StatusOptions): Promise<Verdict> {
  return runJob("status", given, async (job) => {
    const { store, options } = await openJobStore(job, given, ({ status: { max_age, max_drill_age }, policy }) => ({
      maxAgeMs: max_age ?? policy.max_backup_age,
      maxDrillAgeMs: max_drill_age,
    }));
    const database = options.database === undefined ? undefined : safeDatabaseName(options.database);
    const catalog = await job.phase("list", () => readCatalog(store, { database }));
    const finished = catalog.filter(({ manifest }) => manifest !== undefined);
    if (finished.length === 0) {
      job.find({
        code: "NO_BACKUP",
        message: `There is no finished backup ${database === undefined ? "" : `of ${database} `}in ${store.address}.`,
        fix: "Make one with pgrehearse backup, and see why the last one did not end.",
      });
    }
    const newest: CatalogEntry[] = [];
    await job.phase("read", async () => {
      for (const ofOneDatabase of Map.groupBy(finished, ({ database }) => database).values()) {
        newest.push(ofOneDatabase[0]);
        job.find(
          ...checkAge(ofOneDatabase[0], options.maxAgeMs),
          ...await checkWhole(store, ofOneDatabase[0]),
          ...await checkDrills(store, ofOneDatabase, options.maxDrillAgeMs),
        );
      }
      job.record({ backups: await Promise.all(newest.map((entry) => describeBackup(store, entry))) });
    });
    job.record({ backup_count: finished.length });
  });
}

function checkAge({ name, database, takenAt }: CatalogEntry, maxAgeMs: number): Finding[] {
  const ageMs = Date.now() - takenAt.getTime();
  if (ageMs < -toleratedSkewMs) {
    return [{
      code: "BACKUP_FROM_FUTURE",
      message: `The newest backup of ${database}, ${name}, is from the future by this host's clock.`,
      fix: "Set the clocks (NTP); until then nobody can tell how old it is.",
      object: name,
    }];
  }
  if (ageMs <= maxAgeMs) return [];
  return [{
    code: "BACKUP_TOO_OLD",
    message: `The newest backup of ${database}, ${name}, is ${hours(ageMs)} old; ${hours(maxAgeMs)} are allowed.`,
    fix: "See why no backup ended since: the timer, its log, the last verdict.",
    object: name,
    expected: maxAgeMs,
    actual: ageMs,
  }];
}

/** Whether everything that the manifest names lies there, by its size. */
async function checkWhole(store: Store, { name, dumpFiles }: CatalogEntry): Promise<Finding[]> {
  const files = (await readStoredManifest(store, name))?.dump?.files ?? [];
  const expected = files.reduce((sum, file) => sum + (file.encrypted ?? file).size_bytes, 0);
  const actual = dumpFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (files.length === dumpFiles.length && expected === actual) return [];
  return [{
    code: "BACKUP_INCOMPLETE",
    message: `${name} holds ${actual} bytes in ${dumpFiles.length} files; its manifest says ${expected} in ` +
      `${files.length}.`,
    fix: "Make a new backup; keep this one for the inquiry.",
    object: name,
    expected,
    actual,
  }];
}

async function checkDrills(store: Store, newestFirst: CatalogEntry[], maxDrillAgeMs: number): Promise<Finding[]> {
  const { database } = newestFirst[0];
  const last = await lastConclusiveDrill(store, newestFirst);
  if (!last) {
    return [{
      code: "NEVER_DRILLED",
      message: `No backup of ${database} was ever drilled to an end.`,
      fix: "Run pgrehearse drill --latest.",
    }];
  }
  if (last.verdict === "fail") {
    return [{
      code: "LAST_DRILL_FAILED",
      message: `The last drill of ${database} failed: ${last.name}.`,
      fix: "See the findings in that record, then make a new backup and drill it.",
      object: last.name,
    }];
  }
  const ageMs = Date.now() - last.at.getTime();
  if (ageMs <= maxDrillAgeMs) return [];
  return [{
    code: "DRILL_TOO_OLD",
    message: `${database} was last drilled ${hours(ageMs)} ago; ${hours(maxDrillAgeMs)} are allowed.`,
    fix: "Run pgrehearse drill --latest.",
    object: last.name,
    expected: maxDrillAgeMs,
    actual: ageMs,
  }];
}

/** A drill that could not verify says nothing, for better or worse: the one before it counts. */
async function lastConclusiveDrill(store: Store, backups: CatalogEntry[]): Promise<DrillRecord | undefined> {
  const momentOf = (record: string) => record.slice(-"YYYYMMDDTHHMMSSZ.json".length);
  const newestFirst = backups.flatMap(({ drillRecords }) => drillRecords)
    .sort((a, b) => momentOf(a) < momentOf(b) ? 1 : -1);
  for (const name of newestFirst) {
    const record = await readDrillRecord(store, name);
    if (record.verdict !== "unknown") return record;
  }
  return undefined;
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
