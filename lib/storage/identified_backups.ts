import { inParallel } from "../system/in_parallel.ts";
import { type CatalogEntry, newestFirst, readCatalog } from "./backup_catalog.ts";
import { readIdentity } from "./backup_identity.ts";
import { safeDatabaseName } from "./backup_name.ts";
import type { Store } from "./store.ts";

/** Which database's backups are meant. */
interface WantedDatabase {
  /** Its own name, or the configuration's for it. */
  database?: string;
  /** Of its cluster, where several have one of that name. */
  systemIdentifier?: string;
}

/**
 * Whether a backup is of the database that is meant. One without a manifest that says so (an unfinished one, a damaged
 * one) may be, if it is named as such a backup would be.
 */
export function isOf(entry: CatalogEntry, { database, systemIdentifier }: WantedDatabase): boolean {
  const { identity, label } = entry;
  if (!identity) return database === undefined || label === safeDatabaseName(database);
  if (systemIdentifier !== undefined && identity.systemIdentifier !== systemIdentifier) return false;
  if (database === undefined || identity.database === database) return true;
  if (identity.configuredAs !== undefined) return identity.configuredAs === database;
  // Older manifests do not hold the configuration's name; the file's name then is that, and not the database's.
  return label === database && label !== safeDatabaseName(identity.database);
}

/** Gathers the backups of each database, in their order. Those that do not say whose they are go with all they may belong to. */
export function groupByDatabase(entries: readonly CatalogEntry[]): CatalogEntry[][] {
  const keyOf = ({ identity, label }: CatalogEntry) =>
    identity ? JSON.stringify([identity.systemIdentifier, identity.database, label]) : label;
  const groups = Map.groupBy(entries.filter(({ identity }) => identity), keyOf);
  const nameless = entries.filter(({ identity }) => !identity);
  for (const [label, ofLabel] of Map.groupBy(nameless, keyOf)) {
    const alike = [...groups].filter(([, [{ identity, label: other }]]) => identity && other === label);
    if (alike.length === 0) groups.set(label, ofLabel);
    for (const [key, group] of alike) {
      const both = new Set([...group, ...ofLabel]);
      groups.set(key, entries.filter((entry) => both.has(entry)));
    }
  }
  return [...groups.values()];
}

/**
 * Lists the backups of a store, newest first, and reads from the beginning of each manifest what it is of.
 *
 * @param wanted Only backups of this database.
 */
export async function readBackups(store: Store, wanted: WantedDatabase = {}): Promise<CatalogEntry[]> {
  const entries = await readCatalog(store);
  await inParallel(entries, 16, (entry) => identify(store, entry));
  return entries.filter((entry) => isOf(entry, wanted)).sort(newestFirst);
}

/** Reads what a backup is of. */
export async function identify(store: Store, entry: CatalogEntry): Promise<void> {
  const identity = await readIdentity(store, entry);
  if (identity) Object.assign(entry, { identity, database: identity.database, takenAt: identity.takenAt });
}
