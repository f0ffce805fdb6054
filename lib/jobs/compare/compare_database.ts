import { captureDatabase, type CapturedDatabase } from "../../manifest/capture_database.ts";
import { asRecovered } from "../../manifest/compare/as_recovered.ts";
import { compareManifest } from "../../manifest/compare/compare.ts";
import type { Differences } from "../../manifest/compare/differences.ts";
import type { InScratchTransaction } from "../../manifest/judge/judge.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { inTransactionRolledBack } from "../../postgres/transactions.ts";
import { acquireSnapshot, type Job } from "../../run/job.ts";
import { proveChain } from "../chain.ts";

/** How a database is compared. */
interface CompareDatabaseOptions {
  /** How many sessions read at the same time. */
  jobs: number;
  /** Whether the restore kept owners and grants, so that they must match. */
  ownersAndGrants?: boolean;
  /** Whether its files were recovered: it is read-only, and Postgres did not parse its definitions anew. */
  isRecovered?: boolean;
}

/** What a transaction of the source had locked stays locked in what was recovered: we do not wait for it for ever. */
const recoveredLockTimeoutMs = 10_000;

/** Captures a restored database and compares it with the manifest of what it should be; all that differs is recorded. */
export async function compareDatabase(
  job: Job,
  manifest: Manifest,
  parameters: ConnectionParameters,
  { jobs, ownersAndGrants, isRecovered = false }: CompareDatabaseOptions,
): Promise<Differences> {
  const lockTimeoutMs = isRecovered ? recoveredLockTimeoutMs : 0;
  const snapshot = await acquireSnapshot(job, parameters, { sessions: jobs, lockTimeoutMs });
  const captured: CapturedDatabase = await job.phase("capture", (measure) =>
    captureDatabase(snapshot, {
      compareWith: manifest,
      // Grants of earlier builds' manifests are compared as definitions have them.
      privileges: manifest.privileges !== undefined,
      measure,
      distribution: manifest.distribution.map(({ table, column, is_hashed }) => ({
        target: `${quoteName(table.schema)}.${quoteName(table.name)}:${quoteName(column)}`,
        hashValues: is_hashed,
      })),
    }));
  await snapshot.release(); // with its locks: migrations may alter tables now
  const inScratchTransaction: InScratchTransaction = (work) => inTransactionRolledBack(parameters, job.signal, work);
  const differences = await job.phase(
    "compare",
    () => {
      if (!isRecovered) return compareManifest(manifest, captured, { ownersAndGrants, inScratchTransaction });
      const { manifest: expected, recovered } = asRecovered(manifest, captured);
      return compareManifest(expected, recovered, { ownersAndGrants });
    },
  );
  const { covers, differing } = differences;
  for (const [part, count] of Object.entries(differing)) {
    const isPrivilege = part === "privileges" || part === "rights";
    if (!isPrivilege || covers.includes("grants") || count > 0) {
      job.expect(`${part}_differing`, { expected: 0, actual: count });
    }
  }
  job.find(...differences.findings);
  job.note(...differences.notes);
  job.record({ compared: differences.compared, proof: "exact", covers });
  return differences;
}

/**
 * Compares what came back with the manifest of what should have, and walks the audit chain that it should have.
 *
 * @param asReader Gives the parameters of a role that may only read, for what came with the dump.
 */
export async function proveRestored(
  job: Job,
  manifest: Manifest,
  parameters: ConnectionParameters,
  { asReader, ...options }: CompareDatabaseOptions & { asReader?: () => Promise<ConnectionParameters> },
): Promise<Differences> {
  const differences = await compareDatabase(job, manifest, parameters, options);
  if (manifest.chain) await job.phase("chain", () => proveChain(job, parameters, asReader));
  return differences;
}

function quoteName(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
