import { join } from "node:path";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { decompressDump, detectDumpFormat } from "../postgres/dump_format.ts";
import type { RestoreResult } from "../postgres/pg_restore.ts";
import { measuringRestore } from "../postgres/progress/restore_progress.ts";
import { runSqlDump } from "../postgres/psql.ts";
import { rolesOfSqlDump } from "../postgres/sql_dump_roles.ts";
import { errorsInLog, errorsPassedOn } from "../postgres/server_errors.ts";
import type { ThrowawayCluster } from "../postgres/throwaway_cluster.ts";
import type { ClientTools } from "../postgres/tools.ts";
import { makeWorkspace } from "../system/workspace.ts";
import type { Measure } from "../values/amount.ts";
import type { Job } from "./job.ts";
import { restoreArchive } from "./restore_archive.ts";
import { reportRestore } from "./restore_errors/report_restore.ts";

/** Where a dump is restored into. */
export interface RestoreTarget {
  /** An empty database, unless `extra` says to clean it. */
  parameters: ConnectionParameters;
  tools: ClientTools;
  /** Makes roles, unless they are there; absent where none may be made. */
  makeRoles?: (roles: string[]) => Promise<void>;
  /** How a role connects that may read everything and do nothing else; absent where no role may be made. */
  asReader?: () => Promise<ConnectionParameters>;
  /** Its server, and with it its log; absent where it is somebody's. */
  cluster?: ThrowawayCluster;
}

/** How a dump is restored. */
export interface RestoreDumpOptions {
  /** How many tables and indexes at a time. */
  jobs: number;
  ownersAndGrants?: boolean;
  /** How many rows and indexes it should bring. */
  expected?: { rows: number; indexes: number };
  measure?: Measure;
  /** Further options of pg_restore; they do not reach a plain SQL dump. */
  extra?: string[];
  /**
   * Ids of an archive's entries, in the order in which they are restored; those that are not among them are left out.
   * @default {all of them, as they stand}
   */
  entryIds?: number[];
}

/** Restores a dump of whatever format, and records what was said of it, as {@linkcode reportRestore} does. */
export async function restoreDump(
  job: Job,
  path: string,
  target: RestoreTarget,
  options: RestoreDumpOptions,
): Promise<void> {
  const { measure, expected, extra = [] } = options;
  const logStart = await target.cluster?.endOfLog() ?? 0;
  const restore = () => runRestore(job, path, target, options);
  const inOneTransaction = extra.includes("--single-transaction");
  const result = measure
    ? await measuringRestore(target.parameters, { expected, inOneTransaction, measure }, restore)
    : await restore();
  const log = await target.cluster?.readLog(logStart);
  const errors = result.errors ?? (log === undefined ? errorsPassedOn(result.stderr) : errorsInLog(log));
  reportRestore(job, { ...result, errors, log });
}

async function runRestore(
  job: Job,
  path: string,
  target: RestoreTarget,
  options: RestoreDumpOptions,
): Promise<RestoreResult> {
  const { parameters, tools } = target;
  const run = { tools, signal: job.signal };
  const format = await detectDumpFormat(path);
  if (format === "gzip" || format === "zstd") {
    const workspace = await job.acquire("the workspace", () => makeWorkspace(), (made) => made.close());
    const plain = join(workspace.path, "dump");
    await decompressDump(path, format, plain);
    return await runRestore(job, plain, target, options);
  }
  if (format === "plain") {
    // It cannot be told to leave out owners and grants.
    await target.makeRoles?.(await rolesOfSqlDump(path));
    return await runSqlDump(parameters, path, run);
  }
  return await restoreArchive(job, path, target, { ...options, jobs: format === "tar" ? 1 : options.jobs });
}
