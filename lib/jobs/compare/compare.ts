import { warningsOf } from "../../fetch/backup_summary.ts";
import { rowCountDiffers, rowsDiffer } from "../../manifest/compare/findings.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { readManifest } from "../../manifest/read_manifest.ts";
import { differingKeys } from "../../manifest/rows/differing_keys.ts";
import { listTables } from "../../manifest/rows/rows.ts";
import { tableName } from "../../manifest/table_name.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { acquireSnapshot, type Job } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { isOneOf } from "../../system/define_finding.ts";
import { connectToServer, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { Finding, Verdict } from "../../verdict/verdict.ts";
import { compareDatabase } from "./compare_database.ts";

/** What to compare with what. */
interface CompareOptions extends NamedDatabaseOptions {
  /** The manifest's file. */
  manifest: string;
  /** The database that was dumped, to name the rows that differ. */
  sourceUrl?: string;
  /** How many sessions read at the same time. */
  jobs: number;
  /**
   * Whether owners and grants are compared.
   * @default {false}
   */
  privileges?: boolean;
}

/** Compares a database, restored by whomever, with a manifest. */
export function compare(options: CompareOptions): Promise<Verdict> {
  return runJob("compare", options, async (job) => {
    const manifest = await job.phase("fetch", () => readManifest(options.manifest));
    job.find(...warningsOf(manifest));
    const { parameters } = await job.phase("connect", async () => {
      const reached = await connectToServer(job, options);
      job.record({ postgres: { server: reached.server.version, target: "named" } });
      return reached;
    });
    const { jobs, privileges } = options;
    const { findings } = await compareDatabase(job, manifest, parameters, { jobs, ownersAndGrants: privileges });
    if (options.sourceUrl !== undefined) {
      await job.phase("name_rows", () => nameRows(job, findings, parameters, manifest, options));
    }
  });
}

/** Adds to each finding about rows which keys they are, of up to 20 rows. */
async function nameRows(
  job: Job,
  findings: Finding[],
  restoredParameters: ConnectionParameters,
  manifest: Manifest,
  options: CompareOptions,
): Promise<void> {
  const inRows = findings.filter((finding) => isOneOf(finding, rowsDiffer, rowCountDiffers));
  if (inRows.length === 0) return;
  const { parameters: sourceParameters } = await connectToServer(job, { ...options, dbUrl: options.sourceUrl });
  const [source, restored] = await Promise.all([sourceParameters, restoredParameters].map(async (parameters) => {
    const snapshot = await acquireSnapshot(job, parameters);
    const { sessions: [sql] } = snapshot;
    return { sql, tables: new Map((await listTables(sql)).map((table) => [tableName(table), table])) };
  }));
  for (const finding of inRows) {
    const [expected, actual] = [source, restored].map(({ tables }) => tables.get(finding.object!));
    const key = manifest.rows.find((table) => tableName(table) === finding.object)?.key;
    if (!expected || !actual || !key) continue;
    const keys = await differingKeys(
      { sql: source.sql, table: { ...expected, key } },
      { sql: restored.sql, table: { ...actual, key } },
    );
    finding.detail = keys.map(({ kind, key }) => `${kind}: ${JSON.stringify(key)}`).join("\n") ||
      "The source has changed since: now its rows equal those of the restored database.";
  }
}
