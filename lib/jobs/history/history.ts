import { type LogEntry, readLog } from "../../evidence/evidence_log.ts";
import { readVerificationKey, type VerificationKey } from "../../evidence/signing_key.ts";
import { acquireStore, type Job, type JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Store, StoreOptions } from "../../storage/store.ts";
import { writeText } from "../../system/files.ts";
import { reasonOf } from "../../system/operator_error.ts";
import { readRegularText } from "../../system/regular_file.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { problemOf } from "../evidence/verify_evidence.ts";
import { verifyLog } from "../evidence/verify_log.ts";
import { noEvidence } from "../findings.ts";
import { openJobStore, type StoreJobOptions } from "../store/store_job.ts";
import { endNotChecked, headUnreadable } from "./findings.ts";
import { gatherRuns } from "./gather_runs.ts";
import { findTrends, type TrendOptions, warnAbout } from "./trend.ts";

/** What is remembered, and where. */
export interface RememberedOptions extends StoreJobOptions {
  /** Where evidence is kept, if not beside the backups. */
  evidenceStore?: string;
  /** How to reach it, where that differs. */
  evidenceStoreOptions?: Omit<StoreOptions, "signal">;
  /** Files with public keys whose signatures count. */
  keys: string[];
  /** How many records beside backups are read, newest first. */
  limit: number;
}

interface HistoryOptions extends JobOptions, RememberedOptions, TrendOptions {
  /** Whether the evidence log is checked as a whole. */
  verify: boolean;
  /** The hash of a record that must still be there. */
  head?: string;
  /** A file that remembers that hash from one time to the next. */
  headFile?: string;
}

/** Says what became of every drill and restore that a store remembers, and where recovery time and size are going. */
export function history(options: HistoryOptions): Promise<Verdict> {
  return runJob("history", options, async (job) => {
    const { store, log, place, keys } = await readRemembered(job, options);
    const { runs, findings, notes } = await job.phase(
      "read",
      () => gatherRuns(store, log, { limit: options.limit, keys }),
    );
    job.find(...findings);
    if (notes.length > 0) job.note(...notes);
    const { database } = options;
    const shown = runs.filter((run) =>
      (run.command === "drill" || run.command === "restore") && (database === undefined || run.database === database)
    );
    const trends = findTrends(shown, options);
    job.record({ history: shown.slice(0, options.limit), trends });
    job.find(...warnAbout(trends, options));
    if (shown.length === 0) job.say(`${store.address} has no record of a drill or restore`);
    if (options.verify) await verifyRemembered(job, place, log, options);
    else job.find(...log.flatMap((record) => problemOf(record.name, record) ?? []));
  });
}

/** Opens the store, and reads its evidence log, each record checked with the keys. */
export async function readRemembered(
  job: Job,
  options: RememberedOptions,
): Promise<{ store: Store; log: LogEntry[]; place: string; keys: VerificationKey[] }> {
  const named = await Promise.all(options.keys.map(readVerificationKey));
  const { store, keys: trusted } = await openJobStore(job, options);
  const keys = named.length > 0 ? named : trusted;
  const { evidenceStore: place = store.address, region, endpoint } = options;
  const evidence = place === store.address
    ? store
    : await acquireStore(job, place, options.evidenceStoreOptions ?? { region, endpoint });
  return { store, log: await job.phase("evidence", () => readLog(evidence, keys)), place, keys };
}

/** The head is remembered only of a log that is whole: what was found missing stays missing the next time. */
async function verifyRemembered(
  job: Job,
  place: string,
  log: LogEntry[],
  { head, headFile }: { head?: string; headFile?: string },
): Promise<void> {
  const remembered = headFile === undefined ? undefined : await readHead(headFile);
  verifyWhole(job, place, log, head ?? remembered, headFile);
  const newest = job.soFar().evidence_log;
  if (headFile !== undefined && newest?.is_whole && newest.head) await writeText(headFile, `${newest.head.sha256}\n`);
}

async function readHead(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readRegularText(path)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw headUnreadable.file.error({ path, reason: reasonOf(error) }, { cause: error });
  }
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw headUnreadable.content.error({ path });
}

function verifyWhole(
  job: Job,
  place: string,
  records: LogEntry[],
  head: string | undefined,
  headFile: string | undefined,
): void {
  if (records.length === 0 && head === undefined) throw noEvidence.toRead.error({ place });
  const { log, findings } = verifyLog(place, records, head);
  job.record({ evidence_log: log });
  job.expect("evidence_log_is_whole", { expected: true, actual: log.is_whole }, ...findings);
  if (head !== undefined || !log.head) return;
  job.note(endNotChecked({ headFile, head: log.head.sha256 }));
}
