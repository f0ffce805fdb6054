import type { CatalogEntry } from "../../storage/backup_catalog.ts";
import { manifestSuffix } from "../../storage/backup_name.ts";
import { readDrillRecord } from "../../storage/drill_record.ts";
import type { Store } from "../../storage/store.ts";
import type { ListedBackup } from "../../verdict/verdict.ts";

/** Describes a backup as verdicts show it: reads the beginning of its manifest, and its last drill's record. */
export async function describeBackup(store: Store, entry: CatalogEntry): Promise<ListedBackup> {
  const [record] = entry.drillRecords;
  const [server, drill] = await Promise.all([
    entry.manifest && readServerVersion(store, entry.name),
    record === undefined ? undefined : readDrillRecord(store, record),
  ]);
  return {
    name: entry.name,
    database: entry.database,
    taken_at: entry.takenAt.toISOString(),
    age_ms: Math.max(0, Date.now() - entry.takenAt.getTime()),
    state: entry.state,
    size_bytes: entry.sizeBytes,
    ...(entry.format && { format: entry.format }),
    encrypted: entry.isEncrypted,
    ...(server !== undefined && { server }),
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

/** It stands near the manifest's beginning, and a manifest may have megabytes. */
async function readServerVersion(store: Store, name: string): Promise<string | undefined> {
  const beginning = await new Response(store.read(name + manifestSuffix, { length: 4096 })).text();
  return /"postgres":\s*\{\s*"server":\s*"([^"\\]*)"/.exec(beginning)?.[1];
}
