import { insertAuditRows } from "../chain/insert_audit_rows.ts";
import { migrate } from "../chain/migrate.ts";
import { embeddedMigrations, readMigrations } from "../chain/migrations.ts";
import { chainFindings, snapshotChain, verifyChain } from "../manifest/chain/chain.ts";
import { withSession } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import type { Job } from "../run/job.ts";
import { runJob } from "../run/run_job.ts";
import { connectToNamed, type NamedDatabaseOptions } from "../targets/named_server.ts";
import type { Verdict } from "../verdict/verdict.ts";

/**
 * Walks the audit chain of a restored database that should have one; it must be whole.
 *
 * @param asReader The function that walks it came with the dump: with this it runs as a role that may only read.
 */
export async function proveChain(
  job: Job,
  parameters: ConnectionParameters,
  asReader: () => Promise<ConnectionParameters> = () => Promise.resolve(parameters),
): Promise<void> {
  // With the database's own search_path: whoever made the chain may rely on it.
  await withSession(await asReader(), { settings: { search_path: null } }, async (sql) => {
    const chain = await verifyChain(sql, "fail");
    job.expect("first_break_id", { expected: "", actual: chain.first_break_id ?? "" }, ...chainFindings(chain));
    job.record({ post: chain });
  });
}

/** Walks the named database's audit chain and says whether it is whole. Writes nothing. */
export function verify(options: NamedDatabaseOptions): Promise<Verdict> {
  return runJob("verify", options, async (job) => {
    const sql = await connectToNamed(job, options);
    const chain = await job.phase("verify", () => verifyChain(sql));
    job.record({ ...chain, proof: "checked" });
    job.expect("first_break_id", { expected: "", actual: chain.first_break_id ?? "" }, ...chainFindings(chain));
    job.expect("verifier_walked", { expected: chain.row_count, actual: chain.verifier_walked });
  });
}

/** What a workload appends, and where. */
interface WorkloadOptions extends NamedDatabaseOptions {
  /** How many audit rows. */
  rows: number;
  /** Your own migrations instead of the embedded ones. */
  migrationsPath?: string;
}

/** Migrates the named database, appends audit rows, and records the chain as it is then. */
export function workload(options: WorkloadOptions): Promise<Verdict> {
  return runJob("workload", options, async (job) => {
    const migrations = options.migrationsPath ? await readMigrations(options.migrationsPath) : embeddedMigrations;
    const sql = await connectToNamed(job, options);
    await job.phase("migrate", () => migrate(sql, migrations));
    const inserted = await job.phase("workload", () => insertAuditRows(sql, options.rows, job.signal));
    job.expect("rows_inserted", { expected: options.rows, actual: inserted });
    job.record(await job.phase("snapshot", () => snapshotChain(sql)));
  });
}
