import { renameDatabases, type Renaming } from "../../postgres/rename_databases.ts";
import { splitBackupAddress } from "../../storage/backups.ts";
import type { Store } from "../../storage/store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { IncidentRecord } from "./incident_record.ts";
import type { RestoreOptions } from "./restore_options.ts";
import { reachTarget } from "./restore_target.ts";
import type { JobOptions } from "../job.ts";
import { runJob } from "../run_job.ts";
import { acquireStore } from "../store/acquire_store.ts";

/** Which swap to undo. */
export interface UndoOptions
  extends JobOptions, Pick<RestoreOptions, "targetUrl" | "env" | "waitMs" | "terminateConnections" | "store"> {
  /** The incident record of the restore, as JSON, in a directory or bucket. */
  undo: string;
}

/** Gives databases the names back that they had before a restore exchanged them. Nothing is dropped. */
export function undoRestore(options: UndoOptions): Promise<Verdict> {
  return runJob("restore", options, async (job) => {
    const { store: place, name } = splitBackupAddress(options.undo);
    const store = await acquireStore(job, place, options.store ?? {});
    const record = await job.phase("fetch", () => readRecord(store, name));
    const { admin, server } = await job.phase("preflight", () => reachTarget(job, options));
    job.record({ postgres: { server: server.version, target: "named" } });
    const renamings: Renaming[] = record.renamed.toReversed().map(({ from, to }) => ({ from: to, to: from }));
    await job.phase("rename", () => renameDatabases(admin, renamings, options.terminateConnections ?? false));
    const undone = { ...record, renamed: [], undone_at: new Date().toISOString() };
    await store.write(name, ReadableStream.from([new TextEncoder().encode(JSON.stringify(undone, null, 2) + "\n")]));
    job.record({ restore_record: options.undo });
    job.say(`${renamings.map(({ from, to }) => `${from} is ${to} again`).join(", ")}`);
    const found = await admin<{ datname: string }[]>`SELECT datname FROM pg_database`;
    const present = new Set(found.map(({ datname }) => datname));
    job.assertEqual("databases_renamed_back", renamings.length, renamings.filter(({ to }) => present.has(to)).length);
  });
}

async function readRecord(store: Store, path: string): Promise<IncidentRecord> {
  let record: IncidentRecord;
  try {
    record = JSON.parse(await new Response(store.read(path)).text());
  } catch (error) {
    throw invalid(path, (error as Error).message);
  }
  if (record?.schema !== "pgrehearse.restore/v1") throw invalid(path, "it is no incident record");
  if (!Array.isArray(record.renamed) || record.renamed.length === 0) {
    throw invalid(path, "that restore exchanged no names");
  }
  return record;
}

function invalid(path: string, why: string): OperatorError {
  return new OperatorError("RECORD_INVALID", `Cannot undo by ${path}: ${why}.`, {
    fix: "Name the JSON record that restore --swap wrote.",
  });
}
