import { join } from "node:path";
import { insertAuditRows } from "../../chain/insert_audit_rows.ts";
import { migrate } from "../../chain/migrate.ts";
import { embeddedMigrations, readMigrations } from "../../chain/migrations.ts";
import { chainFindings, snapshotChain, verifyChain } from "../../manifest/chain/chain.ts";
import { chainDiffers } from "../../manifest/compare/findings.ts";
import { connect, type Sql } from "../../postgres/connection/connect.ts";
import { dumpDatabase } from "../../postgres/pg_dump.ts";
import { listDump, restoreOrFail } from "../../postgres/pg_restore.ts";
import { makePublicSchema, readPublicSchema, wipePublicSchema } from "../../postgres/public_schema.ts";
import { acquireConnection, acquireWorkspace, type Job, type JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { ensureDirectory, renameWhole, writeJson } from "../../system/files.ts";
import { lendFile } from "../../targets/lend_file.ts";
import type { ChainSnapshot, Verdict } from "../../verdict/verdict.ts";
import { wipeIncomplete } from "./findings.ts";
import { openSmokeTarget, type SmokeTarget, type SmokeTargetOptions } from "./smoke_target.ts";

/** What a smoke run does, and where. */
interface SmokeOptions extends JobOptions, SmokeTargetOptions {
  /** How many audit rows. */
  rows: number;
  /** Keep dump, snapshots and verdict in this directory. */
  keep?: string;
  /** Your own migrations instead of the embedded ones. */
  migrationsPath?: string;
}

/**
 * The main job: makes an audit chain, dumps it, wipes it, restores it, and proves that what came back is what was there.
 */
export function smoke(options: SmokeOptions): Promise<Verdict> {
  return runJob("smoke", options, async (job) => {
    const migrations = options.migrationsPath ? await readMigrations(options.migrationsPath) : embeddedMigrations;
    if (options.keep) {
      await ensureDirectory(options.keep);
      const verdictPath = join(options.keep, "verdict.json");
      job.keepVerdict((verdict) => writeJson(verdictPath, verdict));
    }
    const workspace = await acquireWorkspace(job, options.keep);
    const target = await openSmokeTarget(job, options);
    const sql = await job.phase("connect", () => openDatabase(job, target));

    await job.phase("migrate", () => migrate(sql, migrations));
    const pre = await job.phase("workload", async () => {
      await insertAuditRows(sql, options.rows, job.signal);
      return await snapshotChain(sql);
    });
    job.record({ pre });

    const dump = join(workspace.path, "smoke.dump");
    await job.phase("dump", () => dumpDatabase(target.parameters, dump, { tools: target.tools, signal: job.signal }));
    const keptDump = options.keep ? join(options.keep, "smoke.dump") : dump;
    if (options.keep) await renameWhole(dump, keptDump);

    const lent = await lendFile(job, keptDump, target.tools.sandbox);
    await job.phase("wipe", () => wipe(job, sql, lent, target));
    await job.phase(
      "restore",
      () => restoreOrFail(target.parameters, lent, { tools: target.tools, signal: job.signal }),
    );
    const post = await job.phase("verify", () => verifyChain(sql, "fail"));
    job.record({ post, proof: "exact" });
    if (options.keep) await keepSnapshots(options.keep, pre, post);

    compare(job, pre, post);
  });
}

/** With the database's own search_path: migrations of others, and the functions they make, may rely on it. */
function openDatabase(job: Job, { parameters }: SmokeTarget): Promise<Sql> {
  return acquireConnection(job, () => connect(parameters, { signal: job.signal, settings: { search_path: null } }));
}

async function wipe(job: Job, sql: Sql, dump: string, { tools }: SmokeTarget): Promise<void> {
  const publicSchema = await readPublicSchema(sql);
  const tablesLeft = await wipePublicSchema(sql);
  job.expect("tables_after_wipe", { expected: 0, actual: tablesLeft });
  if (tablesLeft > 0) throw wipeIncomplete.error({ tables: tablesLeft });
  // pg_dump leaves out a public schema that is as initdb makes it, and then pg_restore expects to find one.
  const contents = await listDump(dump, { tools, signal: job.signal });
  const dumpMakesPublic = contents.some(({ text }) => text.startsWith("SCHEMA - public "));
  if (publicSchema && !dumpMakesPublic) await makePublicSchema(sql, publicSchema);
}

function compare(job: Job, pre: ChainSnapshot, post: ChainSnapshot): void {
  const { row_count: rowsBefore, chain_head_hash: headBefore } = pre;
  const { row_count: rows, chain_head_hash: head } = post;
  const differs = chainDiffers.ofSmoke({
    expected: { row_count: rowsBefore, chain_head_hash: headBefore },
    actual: { row_count: rows, chain_head_hash: head },
  });
  job.expect("row_count", { expected: rowsBefore, actual: rows }, differs);
  job.expect("chain_head_hash", { expected: headBefore, actual: head }, ...rows === rowsBefore ? [differs] : []);
  job.expect("first_break_id", { expected: "", actual: post.first_break_id ?? "" }, ...chainFindings(post));
  job.expect("verifier_walked", { expected: pre.row_count, actual: post.verifier_walked });
}

async function keepSnapshots(directory: string, pre: ChainSnapshot, post: ChainSnapshot): Promise<void> {
  await writeJson(join(directory, "pre.json"), pre);
  await writeJson(join(directory, "post.json"), post);
}
