import { readDrillRecords } from "../../evidence/drill_record.ts";
import type { VerificationKey } from "../../evidence/signing_key.ts";
import { type CatalogEntry, identify } from "../../storage/backup_catalog.ts";
import type { Store } from "../../storage/store.ts";
import type { ListedBackup } from "../../verdict/verdict.ts";

/** Describes a backup as verdicts show it: reads the beginning of its manifest, and its last drill's record. */
export async function describeBackup(
  store: Store,
  entry: CatalogEntry,
  keys: readonly VerificationKey[],
): Promise<ListedBackup> {
  const [, drill] = await Promise.all([
    entry.identity ?? identify(store, entry),
    readDrillRecords(store, [entry], keys).next().then(({ value }) => value),
  ]);
  const { identity } = entry;
  return {
    name: entry.name,
    database: entry.database,
    ...(identity && { system_identifier: identity.systemIdentifier }),
    ...(identity?.isSafety && { purpose: "safety" as const }),
    taken_at: entry.takenAt.toISOString(),
    age_ms: Math.max(0, Date.now() - entry.takenAt.getTime()),
    state: entry.state,
    size_bytes: entry.sizeBytes,
    ...(entry.format && { format: entry.format }),
    encrypted: entry.isEncrypted,
    ...(identity && { server: identity.server }),
    ...(drill && {
      drill: {
        at: drill.at.toISOString(),
        verdict: drill.verdict,
        ...(drill.proof && { proof: drill.proof }),
        record: drill.name,
      },
    }),
  };
}
