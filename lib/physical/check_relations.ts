import { withSession } from "../postgres/connection/connect.ts";
import type { Finding } from "../verdict/verdict.ts";
import { preparedTransactions, relationCorrupt, relationsNotChecked } from "./findings/recovery.ts";
import type { RecoveredCluster } from "./recover.ts";
import { type RestoredFiles, runTool } from "./verify_files.ts";

/** How tables and indexes are checked. */
interface CheckRelationsOptions {
  databases: readonly string[];
  /** Whether every row of a table must be in each of its indexes. */
  heapAllIndexed: boolean;
  jobs: number;
}

/** Checks the structure of every table and index by amcheck, which each of the databases has. */
export async function checkRelations(
  cluster: RecoveredCluster,
  files: RestoredFiles,
  { databases, heapAllIndexed, jobs }: CheckRelationsOptions,
): Promise<Finding[]> {
  const { status, stdout, stderr } = await runTool(
    "pg_amcheck",
    [
      `--host=${files.space.cluster}`,
      "--port=5432",
      `--username=${cluster.superuser}`,
      "--no-password",
      `--maintenance-db=${cluster.database}`,
      `--jobs=${jobs}`,
      ...heapAllIndexed ? ["--heapallindexed"] : [],
      ...databases.map((name) => `--database=${exactPattern(name)}`),
    ],
    files,
    // What a transaction of the source has locked stays locked.
    { env: { PGOPTIONS: "-c lock_timeout=10s" } },
  );
  if (status === 0) return [];
  const reports = stdout.split(/^(?=\S)/m).map((text) => text.trim()).filter((text) => text !== "");
  const corrupt = reports.filter((text) => !notLookedAt.test(text));
  const lines = (text: string) => text.split("\n").slice(0, 20).join("\n");
  if (corrupt.length === 0) return [relationsNotChecked.otherwise({ said: lines(`${stdout}${stderr}`.trim()) })];
  const objects = [...new Set(corrupt.map((text) => text.split(/,? block|:?\n/, 1)[0]))];
  return [relationCorrupt({ count: objects.length, first: objects[0], said: lines(corrupt.join("\n")) })];
}

/** A lock of the source's, or an extension that this host has not installed: neither says anything of the files. */
const notLookedAt = /lock timeout|could not (?:access file|load library|find function .* in file)/;

/**
 * Ends recovery: the server may then be written to. Production never hears of it.
 *
 * @returns What shows only then: prepared transactions.
 */
export async function promote(cluster: RecoveredCluster): Promise<Finding[]> {
  return await withSession(await cluster.parameters(cluster.database), {}, async (sql) => {
    await sql`SELECT pg_catalog.pg_promote(true, 2147483)`;
    // While it recovers, a server does not show them.
    const prepared = await sql<{ gid: string }[]>`SELECT gid FROM pg_catalog.pg_prepared_xacts ORDER BY prepared, gid`;
    return prepared.length === 0 ? [] : [preparedTransactions({ count: prepared.length, first: prepared[0].gid })];
  });
}

/** Gives databases the extension amcheck. */
export async function installAmcheck(cluster: RecoveredCluster, databases: readonly string[]): Promise<void> {
  for (const database of databases) {
    // No event trigger of theirs has a say in it.
    const settings = { session_replication_role: "replica", lock_timeout: "10s" };
    await withSession(await cluster.parameters(database), { settings }, async (sql) => {
      await sql`CREATE EXTENSION amcheck SCHEMA pg_catalog`;
    });
  }
}

/** A pattern, as psql has them, that matches this name alone. */
function exactPattern(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
