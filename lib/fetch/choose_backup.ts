import { lastConclusive } from "../evidence/drill_record.ts";
import { readVerificationKey } from "../evidence/signing_key.ts";
import type { Job } from "../run/job.ts";
import { type CatalogEntry, isOf, readBackups } from "../storage/backup_catalog.ts";
import type { Store, StoreOptions } from "../storage/store.ts";
import type { OperatorError } from "../system/operator_error.ts";
import { databaseByTarget, noBackup, severalDatabases, severalServers } from "./findings.ts";

/** Which backup is meant. */
export interface WhichBackup {
  /** A dump, its manifest, or the name of a backup in `from`; without it, the newest one in `from`. */
  path?: string;
  /** A directory or `s3://bucket/prefix` of backups. */
  from?: string;
  /** Only backups of this database: its own name, or the configuration's for it. */
  database?: string;
  /** Only backups of this cluster. */
  systemIdentifier?: string;
  /** Only backups whose snapshot was taken before. */
  before?: Date;
  /** The time of the incident: a newer backup is used only if it was named. */
  incidentAt?: Date;
  /** Only backups that passed a drill. */
  drilled?: boolean;
  /** What the database is called that it is to become: where several are there and none is named, that says which. */
  targetName?: string;
  /** Files with public keys: one of them must have signed the manifest for it to be trusted, and drills' records to count. */
  trustedKeys?: string[];
  /** How to reach the bucket. */
  store?: Omit<StoreOptions, "signal">;
  /** The file that holds the identity, for an encrypted backup. */
  identity?: string;
}

/**
 * Chooses the newest backup of a store that is meant. A dump without a manifest is unfinished and never it; one of what a
 * restore replaced is never it, either. One whose dump is gone is: better that its drill says so than that an older one
 * passes in its place.
 *
 * @returns Its name.
 * @throws {OperatorError} `NO_BACKUP`, `SEVERAL_DATABASES`, `SEVERAL_SERVERS`, and the store's own.
 */
export async function chooseBackup(job: Job, store: Store, which: WhichBackup): Promise<string> {
  const { database, before = which.incidentAt, drilled, trustedKeys = [] } = which;
  const all = (await readBackups(store)).filter(({ manifest, identity }) => manifest && !identity?.isSafety);
  const meant = ofOneDatabase(job, store, all, which);
  const early = before ? meant.filter(({ takenAt }) => takenAt < before) : meant;
  const what = `${drilled ? "backup that passed a drill" : "finished backup"}${database ? ` of ${database}` : ""}`;
  if (early.length === 0) {
    const oldest = meant.at(-1)?.takenAt.toISOString();
    throw nothingChosen(
      store,
      `${what}${oldest ? ` from before ${before!.toISOString()}: the oldest is from ${oldest}` : ""}`,
      meant.length > 0,
    );
  }
  if (!drilled) return early[0].name;
  const keys = await Promise.all(trustedKeys.map(readVerificationKey));
  for (const entry of early) {
    if ((await lastConclusive(store, [entry], keys))?.verdict === "pass") return entry.name;
  }
  throw nothingChosen(store, `${what}${before ? ` from before ${before.toISOString()}` : ""}`, true);
}

/** Backups of the one database that is named, or that is alone there, or that the target is called after. */
function ofOneDatabase(job: Job, store: Store, all: CatalogEntry[], which: WhichBackup): CatalogEntry[] {
  const { database, systemIdentifier, targetName } = which;
  const meant = all.filter((entry) => isOf(entry, { database, systemIdentifier }));
  const names = namesOf(meant);
  if (database === undefined && names.length > 1) {
    const ofTarget = targetName === undefined ? [] : meant.filter((entry) => isOf(entry, { database: targetName }));
    const facts = { store: store.address, databases: names };
    if (ofTarget.length === 0) throw severalDatabases.error({ ...facts, target: targetName });
    job.note(databaseByTarget({ ...facts, chosen: targetName! }));
    return ofOneServer(store, ofTarget, targetName!);
  }
  return ofOneServer(store, meant, database ?? names[0]);
}

function ofOneServer(store: Store, entries: CatalogEntry[], database: string): CatalogEntry[] {
  const servers = new Set(entries.flatMap(({ identity }) => identity?.systemIdentifier ?? []));
  if (servers.size < 2) return entries;
  const newest = [...servers].map((server) => {
    const { takenAt } = entries.find(({ identity }) => identity?.systemIdentifier === server)!;
    return { id: server, newest: takenAt.toISOString() };
  });
  throw severalServers.ofDatabase.error({ store: store.address, database, servers: newest });
}

function namesOf(entries: CatalogEntry[]): string[] {
  return [...new Set(entries.filter(({ identity }) => identity).map(({ database }) => database))].sort();
}

function nothingChosen(store: Store, what: string, areThereOthers: boolean): OperatorError {
  return noBackup.chosen.error({ store: store.address, what, hasOthers: areThereOthers });
}
