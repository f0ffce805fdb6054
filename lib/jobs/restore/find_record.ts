import { acquireStore, type Job } from "../../run/job.ts";
import { addressIn, splitBackupAddress } from "../../storage/backup_name.ts";
import type { Store, StoreOptions } from "../../storage/store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { noRecord, recordDoesNotMatch, recordInvalid, severalRecords } from "./findings/records.ts";
import { type IncidentRecord, isRecordName } from "./incident_record.ts";

/** A record of an earlier restore, and where it is kept. */
interface FoundRecord {
  record: IncidentRecord;
  store: Store;
  /** Its file in the store. */
  name: string;
  /** As an operator would name it. */
  path: string;
}

/** Which record is meant. */
interface WhichRecord {
  /** Its JSON file, in a directory or bucket; absent where the one that fits is looked for. */
  record?: string;
  /** Where to look for it. */
  from?: string;
  store?: Omit<StoreOptions, "signal">;
}

/** Larger than any record. */
const largestBytes = 16 * 1024 * 1024;

/**
 * Reads the record that is meant: the one that is named, or the only one in the store that fits.
 *
 * @param misfit Says why a record does not fit what is there now; `undefined` where it does.
 * @throws {OperatorError} `RECORD_INVALID`, `RECORD_DOES_NOT_MATCH`, `NO_RECORD`, `SEVERAL_RECORDS`
 */
export async function findRecord(
  job: Job,
  { record: named, from, store: options = {} }: WhichRecord,
  misfit: (record: IncidentRecord) => Promise<string | undefined>,
): Promise<FoundRecord> {
  if (named !== undefined) {
    const { store: place, name } = splitBackupAddress(named);
    const store = await acquireStore(job, place, options);
    const record = await readRecord(store, name);
    if (typeof record === "string") throw recordInvalid.error({ path: named, reason: record });
    const reason = await misfit(record);
    if (reason === undefined) return { record, store, name, path: named };
    throw recordDoesNotMatch.error({ path: named, reason });
  }
  const store = await acquireStore(job, from!, options);
  const found: FoundRecord[] = [];
  for await (const { name } of store.list()) {
    if (!isRecordName(name)) continue;
    const record = await readRecord(store, name);
    if (typeof record === "string" || await misfit(record) !== undefined) continue;
    found.push({ record, store, name, path: addressIn(from!, name) });
  }
  if (found.length === 1) return found[0];
  if (found.length === 0) throw noRecord.error({ store: from! });
  const records = found.map(({ path, record: { started_at: startedAt, backup, reason } }) => ({
    ...{ path, startedAt, backup: backup.name, reason },
  }));
  throw severalRecords.error({ records });
}

/** @returns Why it is none, otherwise. */
async function readRecord(store: Store, name: string): Promise<IncidentRecord | string> {
  const file = await store.stat(name);
  if (!file) return "it does not exist";
  if (file.sizeBytes > largestBytes) return "it is too large";
  let record: IncidentRecord;
  try {
    record = JSON.parse(await new Response(store.read(name)).text());
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    return "it is not JSON";
  }
  const { schema, renamed, target, backup } = record ?? {};
  if (schema !== "pgrehearse.restore/v1") return "it is not an incident record";
  const isWhole = typeof target?.database === "string" && typeof target.system_identifier === "string" &&
    typeof backup?.name === "string" && typeof record.started_at === "string" && Array.isArray(renamed) &&
    renamed.every((each) =>
      typeof each?.from === "string" && typeof each.to === "string" && Number.isInteger(each.oid)
    );
  return isWhole ? record : "something is missing in it";
}
