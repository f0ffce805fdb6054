import { inParallel } from "../system/in_parallel.ts";
import { type BackupIdentity, readIdentity } from "./backup_identity.ts";
import {
  databaseOf,
  encryptedSuffix,
  manifestSuffix,
  momentOf,
  newestRecordFirst,
  parseMoment,
  parseRecordName,
  partSuffixes,
  type RecordName,
  safeDatabaseName,
} from "./backup_name.ts";
import type { Store, StoredFile } from "./store.ts";

/** A backup, as far as the names and sizes in its store tell; and what its manifest says it is of, once that was read. */
export interface CatalogEntry {
  name: string;
  /** The part of the name that stands for the database; two databases may have the same. */
  label: string;
  /** The database's name; the label where no manifest says it. */
  database: string;
  /** When its snapshot was taken; when it was begun, by its name, where no manifest says it. */
  takenAt: Date;
  identity?: BackupIdentity;
  /** `unfinished` lacks its manifest, `dump_missing` its dump: neither is a backup. */
  state: "finished" | "unfinished" | "dump_missing";
  /** Of the dump, as it lies there. */
  sizeBytes: number;
  format?: "custom" | "directory";
  isEncrypted: boolean;
  dumpFiles: StoredFile[];
  /** Files beside the dump that belong to the backup: roles, passwords. */
  parts: StoredFile[];
  manifest?: StoredFile;
  /** Names, newest first. */
  drillRecords: RecordName[];
}

/**
 * Lists the backups of a store, newest first, from its listing alone: no file is read. What is not named as a backup is
 * left out.
 */
export async function readCatalog(store: Store): Promise<CatalogEntry[]> {
  const entries = new Map<string, CatalogEntry>();
  const entryOf = (name: string): CatalogEntry | undefined => {
    const known = entries.get(name);
    if (known) return known;
    const takenAt = name.includes("/") ? undefined : parseMoment(momentOf(name));
    if (!takenAt) return undefined;
    const entry: CatalogEntry = {
      name,
      label: databaseOf(name),
      database: databaseOf(name),
      takenAt,
      state: "unfinished",
      sizeBytes: 0,
      isEncrypted: false,
      dumpFiles: [],
      parts: [],
      drillRecords: [],
    };
    entries.set(name, entry);
    return entry;
  };
  for await (const file of store.list()) addFile(file, entryOf);
  const backups = [...entries.values()].filter(({ manifest, dumpFiles, parts }) =>
    manifest || dumpFiles.length > 0 || parts.length > 0
  );
  for (const entry of backups) {
    if (entry.manifest) entry.state = entry.dumpFiles.length > 0 ? "finished" : "dump_missing";
    entry.drillRecords.sort(newestRecordFirst);
  }
  return backups.sort(newestFirst);
}

/** Backups of one second are told apart by their whole names. */
export function newestFirst(a: CatalogEntry, b: CatalogEntry): number {
  return b.takenAt.getTime() - a.takenAt.getTime() || (a.name < b.name ? 1 : -1);
}

function addFile(file: StoredFile, entryOf: (name: string) => CatalogEntry | undefined): void {
  const { name } = file;
  if (name.endsWith(manifestSuffix)) {
    const entry = entryOf(name.slice(0, -manifestSuffix.length));
    if (entry) entry.manifest = file;
    return;
  }
  const record = parseRecordName(name);
  if (record?.kind === "drill") return void entryOf(record.backup)?.drillRecords.push(record);
  for (const suffix of partSuffixes) {
    const plain = name.endsWith(encryptedSuffix) ? name.slice(0, -encryptedSuffix.length) : name;
    if (plain.endsWith(suffix)) return void entryOf(plain.slice(0, -suffix.length))?.parts.push(file);
  }
  const [, backup, below] = /^([^/]+)\.dump(?:\.age$|$|(\/.+))/.exec(name) ?? [];
  const entry = backup === undefined ? undefined : entryOf(backup);
  if (!entry) return;
  entry.dumpFiles.push(file);
  entry.sizeBytes += file.sizeBytes;
  entry.format = below === undefined ? "custom" : "directory";
  entry.isEncrypted ||= name.endsWith(encryptedSuffix);
}

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
