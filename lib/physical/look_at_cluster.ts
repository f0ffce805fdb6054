import { withSession } from "../postgres/connection/connect.ts";
import type { Finding } from "../verdict/verdict.ts";
import { indexOrderSuspect, unloggedTables } from "./findings/recovery.ts";
import type { RecoveredCluster } from "./recover.ts";

/** What a recovered cluster holds. */
interface ClusterContents {
  /** Those that can be connected to, by name. */
  databases: string[];
  roles: string[];
  /** Databases that have the extension amcheck. */
  withAmcheck: string[];
  isAmcheckAvailable: boolean;
  findings: Finding[];
}

/** Looks what is in a recovered cluster, read-only, and what would be a surprise after a real recovery. */
export async function lookAtCluster(cluster: RecoveredCluster, major: number): Promise<ClusterContents> {
  const contents: ClusterContents = {
    databases: [],
    roles: [],
    withAmcheck: [],
    isAmcheckAvailable: false,
    findings: [],
  };
  await withSession(await cluster.parameters(cluster.database), quiet, async (sql) => {
    const databases = await sql<{ name: string; recorded: string | null; actual: string | null }[]>`
      SELECT datname AS name, ${
      major >= 15
        ? sql`datcollversion AS recorded, pg_catalog.pg_database_collation_actual_version(oid) AS actual`
        : sql`NULL AS recorded, NULL AS actual`
    }
      FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname`;
    contents.databases = databases.map(({ name }) => name);
    contents.findings.push(...databases.flatMap((each) => differing(`database ${each.name}`, each)));
    const roles = await sql<{ name: string }[]>`
      SELECT rolname AS name FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname`;
    contents.roles = roles.map(({ name }) => name);
    const [available] = await sql`SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'amcheck'`;
    contents.isAmcheckAvailable = available !== undefined;
  });
  for (const database of contents.databases) await lookAtDatabase(cluster, database, contents);
  return contents;
}

/** What a transaction of the source has locked stays locked: we do not wait for it. */
const quiet = { settings: { lock_timeout: "10s" } };

async function lookAtDatabase(cluster: RecoveredCluster, database: string, contents: ClusterContents): Promise<void> {
  await withSession(await cluster.parameters(database), quiet, async (sql) => {
    const [extension] = await sql`SELECT FROM pg_catalog.pg_extension WHERE extname = 'amcheck'`;
    if (extension) contents.withAmcheck.push(database);
    const collations = await sql<{ name: string; recorded: string | null; actual: string | null }[]>`
      SELECT collname AS name, collversion AS recorded, pg_catalog.pg_collation_actual_version(oid) AS actual
      FROM pg_catalog.pg_collation
      WHERE collversion IS NOT NULL AND EXISTS (
        SELECT FROM pg_catalog.pg_attribute WHERE attcollation = pg_collation.oid AND attrelid >= 16384
      )`;
    contents.findings.push(
      ...collations.flatMap((each) => differing(`collation ${each.name} in ${database}`, each)),
    );
    const unlogged = await sql<{ name: string }[]>`
      SELECT oid::regclass::text AS name FROM pg_catalog.pg_class
      WHERE relpersistence = 'u' AND relkind IN ('r', 'm') ORDER BY 1`;
    if (unlogged.length > 0) {
      contents.findings.push(unloggedTables({ database, count: unlogged.length, first: unlogged[0].name }));
    }
  });
}

function differing(object: string, { recorded, actual }: { recorded: string | null; actual: string | null }) {
  if (recorded === null || recorded === actual) return [];
  return [indexOrderSuspect({ object, recorded, actual: actual ?? "none" })];
}
