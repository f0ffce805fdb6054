import { join } from "node:path";
import { verifyChain } from "../chain/chain_snapshot.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { readManifest } from "../manifest/read_manifest.ts";
import { connect } from "../postgres/connection/connect.ts";
import { decompressDump, detectDumpFormat, type DumpFormat } from "../postgres/dump_format.ts";
import { listDump, type RestoreResult, runPgRestore } from "../postgres/pg_restore.ts";
import { runSqlDump } from "../postgres/psql.ts";
import { backupAt, latestBackup, type StoredBackup } from "../storage/directory_store.ts";
import { OperatorError } from "../system/operator_error.ts";
import { makeWorkspace } from "../system/workspace.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { rowSecurityNote, summarizeBackup } from "./backup_summary.ts";
import { checkDumpFiles } from "./check_dump_files.ts";
import { compareDatabase } from "./compare_database.ts";
import type { DrillOptions } from "./drill_options.ts";
import { type DrillTarget, openDrillTarget, type Wanted } from "./drill_target.ts";
import { requireAvailable } from "./require_available.ts";
import { type Job, runJob } from "./run_job.ts";

/** Restores a backup somewhere disposable, and compares what came back with the manifest. */
export function drill(options: DrillOptions): Promise<Verdict> {
  return runJob("drill", options, async (job) => {
    const { stored, manifest } = await job.phase("fetch", () => fetchBackup(options));
    if (manifest) {
      job.record({ backup: summarizeBackup(stored, manifest) });
      if (manifest.row_security_enabled) job.note(rowSecurityNote);
      const damage = await job.phase("checksum", () => checkDumpFiles(stored, manifest, options.checksum));
      if (options.checksum) {
        job.assertEqual("damaged_dump_files", 0, damage.length);
        job.find(...damage);
        if (damage.length > 0) return;
      }
    }
    const format = await detectDumpFormat(stored.dumpPath);
    const target = await openDrillTarget(job, options, wantedOf(manifest));
    const restored = await job.phase("restore", () => restore(job, stored.dumpPath, format, target, options));
    reportRestore(job, restored);
    if (manifest) await prove(job, manifest, target, options);
    else await lookForContents(job, target, options);
  });
}

async function fetchBackup(options: DrillOptions): Promise<{ stored: StoredBackup; manifest?: Manifest }> {
  const stored = options.path === undefined
    ? await latestBackup(options.from!, options.database)
    : await backupAt(options.path);
  return { stored, ...(stored.manifestPath && { manifest: await readManifest(stored.manifestPath) }) };
}

function wantedOf(manifest?: Manifest): Wanted {
  if (!manifest) return { roles: [] };
  return {
    serverMajor: Math.floor(manifest.postgres.server_version_num / 10_000),
    dumpMajor: Number.parseInt(manifest.postgres.pg_dump ?? "0"),
    locale: manifest.database,
    roles: manifest.roles,
  };
}

async function restore(
  job: Job,
  path: string,
  format: DumpFormat,
  { parameters, tools }: DrillTarget,
  options: DrillOptions,
): Promise<RestoreResult> {
  const run = { tools, signal: job.signal };
  if (format === "gzip" || format === "zstd") {
    const workspace = await job.acquire("the workspace", () => makeWorkspace(), (made) => made.close());
    const plain = join(workspace.path, "dump");
    await decompressDump(path, format, plain);
    return await restore(job, plain, await detectDumpFormat(plain), { parameters, tools }, options);
  }
  if (format === "plain") return await runSqlDump(parameters, path, run);
  await requireAvailable(parameters, await listDump(path, run));
  const jobs = format === "tar" ? 1 : options.jobs;
  return await runPgRestore(parameters, path, { ...run, jobs, extra: ["--no-tablespaces"] });
}

function reportRestore(job: Job, { status, stderr }: RestoreResult): void {
  job.assertEqual("restore_status", 0, status);
  const said = stderr.trim();
  if (status !== 0) {
    job.find({
      code: "RESTORE_FAILED",
      message: "The dump does not restore without errors.",
      fix: "See the detail for what was said; make a new backup, and keep this one for the inquiry.",
      detail: said,
    });
  } else if (said) job.note({ code: "RESTORE_SAID", message: said });
}

async function prove(job: Job, manifest: Manifest, target: DrillTarget, options: DrillOptions): Promise<void> {
  await compareDatabase(job, manifest, target.parameters, options);
  if (manifest.chain) {
    const chain = await job.phase("chain", () => walkChain(target));
    job.assertEqual("first_break_id", "", chain.first_break_id ?? "");
    job.record({ post: chain });
  }
  if (
    !options.allowEmpty && manifest.rows.length === 0 && manifest.definitions.every(({ kind }) => kind === "schema")
  ) {
    throw emptyDatabase("The backup is of an empty database.");
  }
}

async function walkChain({ parameters }: DrillTarget) {
  const sql = await connect(parameters, { settings: { search_path: null } });
  try {
    return await verifyChain(sql, "fail");
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** Nothing says what should be there: all that is known is that it restored. */
async function lookForContents(job: Job, { parameters }: DrillTarget, { allowEmpty }: DrillOptions): Promise<void> {
  const sql = await connect(parameters);
  try {
    const [{ tables }] = await sql<{ tables: number }[]>`
      SELECT count(*)::integer AS tables FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`;
    if (tables === 0 && !allowEmpty) throw emptyDatabase("What was restored is an empty database.");
    job.assertEqual("holds_tables", true, tables > 0 || allowEmpty === true);
    job.record({ proof: "restored" });
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function emptyDatabase(message: string): OperatorError {
  return new OperatorError("EMPTY_DATABASE", message, {
    fix: "Check that the right database was dumped; if it is meant to be empty, say --allow-empty.",
    consequence: "fail",
  });
}
