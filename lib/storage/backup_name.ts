import { unsafeName } from "./findings/stores.ts";

/** When a backup was made, as its name says it: `20260102T030405Z`. */
const timestamp = /-(\d{8}T\d{6}Z)(?:-\d+)?$/;

/**
 * Names a backup after its database and the moment: `shop-20260102T030405Z`.
 *
 * What a file name cannot safely hold becomes `_`; the manifest holds the database's real name.
 */
export function backupName(database: string, at: Date): string {
  return `${safeDatabaseName(database)}-${momentName(at)}`;
}

/** A database's name as backups' names hold it. */
export function safeDatabaseName(database: string): string {
  return database.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[.-]/, "_").slice(0, 100);
}

/** A moment as names hold it: `20260102T030405Z`. */
export function momentName(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, "");
}

/** The sortable moment in a backup's name; empty where it has none. */
export function momentOf(name: string): string {
  return timestamp.exec(name)?.[1] ?? "";
}

/** Reads a moment as names hold it; `undefined` where there is no such moment. */
export function parseMoment(text: string): Date | undefined {
  const at = new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  return !Number.isNaN(at.getTime()) && momentName(at) === text ? at : undefined;
}

/** The part of a backup's name that stands for its database. */
export function databaseOf(name: string): string {
  return name.replace(timestamp, "");
}

/**
 * Refuses a name that leads out of its store: manifests come from outside.
 *
 * @throws {OperatorError} `UNSAFE_NAME`
 */
export function requireSafeName(name: string): string {
  const isSafe = name.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !name.includes("\0");
  if (isSafe) return name;
  throw unsafeName.error({ name });
}

export const manifestSuffix = ".manifest.json";
export const dumpSuffix = ".dump";
/** What belongs to the cluster, as SQL, beside a dump. */
export const globalsSuffix = ".globals.sql";
/** Roles' passwords, as SQL; always encrypted. */
export const passwordsSuffix = ".passwords.sql";
/** Parts of a backup that are one file each. */
export const partSuffixes = [globalsSuffix, passwordsSuffix];
/** What an encrypted dump's files end in, after their own name. */
export const encryptedSuffix = ".age";

/** The file of a record that lies beside a backup. */
export interface RecordName {
  name: string;
  backup: string;
  /** A drill's verdict, or the incident record of a restore. */
  kind: "drill" | "restore";
  at: Date;
  /** Counts those that ended in the same second. */
  place: number;
}

/** Reads the name of a record; `undefined` if it is another file's name. */
export function parseRecordName(name: string): RecordName | undefined {
  const [, backup, kind, moment, place = "1"] = /^(.+)\.(drill|restore)-(\d{8}T\d{6}Z)(?:-(\d+))?\.json$/.exec(name) ??
    [];
  const at = moment === undefined ? undefined : parseMoment(moment);
  return at && { name, backup, kind: kind as RecordName["kind"], at, place: Number(place) };
}

/** Of two records. */
export function newestRecordFirst(a: RecordName, b: RecordName): number {
  return b.at.getTime() - a.at.getTime() || b.place - a.place;
}

/**
 * Takes apart what an operator names a backup by: its dump, its manifest, or its bare name, in a directory or bucket.
 *
 * @returns The store's address, and the name that `fetchBackup` takes: `NAME` for our backups, the whole file name for
 *   a dump that pgrehearse did not make.
 */
export function splitBackupAddress(address: string): { store: string; name: string } {
  const trimmed = address.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  const store = slash < 0 ? "." : trimmed.slice(0, slash) || "/";
  const file = requireSafeName(trimmed.slice(slash + 1));
  for (const suffix of [manifestSuffix, dumpSuffix + encryptedSuffix, dumpSuffix]) {
    if (file.endsWith(suffix)) return { store, name: file.slice(0, -suffix.length) };
  }
  return { store, name: file };
}

/** The address of a file in a store. */
export function addressIn(store: string, file: string): string {
  return `${store.replace(/\/+$/, "")}/${file}`;
}
