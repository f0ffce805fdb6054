import { snapshotChain } from "../../chain/chain_snapshot.ts";
import { insertAuditRows } from "../../chain/insert_audit_rows.ts";
import { migrate } from "../../chain/migrate.ts";
import { embeddedMigrations, readMigrations } from "../../chain/migrations.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { connectToNamed, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import { runJob } from "../../run/run_job.ts";

/** What a workload appends, and where. */
export interface WorkloadOptions extends NamedDatabaseOptions {
  /** How many audit rows. */
  rows: number;
  /** Somebody else's migrations instead of the embedded ones. */
  migrationsPath?: string;
}

/** Migrates the named database, appends audit rows, and records the chain as it is then. */
export function workload(options: WorkloadOptions): Promise<Verdict> {
  return runJob("workload", options, async (job) => {
    const migrations = options.migrationsPath ? await readMigrations(options.migrationsPath) : embeddedMigrations;
    const sql = await connectToNamed(job, options);
    await job.phase("migrate", () => migrate(sql, migrations));
    const inserted = await job.phase("workload", () => insertAuditRows(sql, options.rows, job.signal));
    job.assertEqual("rows_inserted", options.rows, inserted);
    job.record(await job.phase("snapshot", () => snapshotChain(sql)));
  });
}
