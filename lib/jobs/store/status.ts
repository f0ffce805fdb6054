import { lastConclusive } from "../../evidence/drill_record.ts";
import type { VerificationKey } from "../../evidence/signing_key.ts";
import { readStoredManifest, requireSignature } from "../../fetch/fetch_stored_backup.ts";
import { noBackup, signatureMissing, signatureNotTrusted, signatureWrong } from "../../fetch/findings.ts";
import { partsOf } from "../../manifest/backup_parts.ts";
import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { type CatalogEntry, groupByDatabase, isOf, newestFirst, readBackups } from "../../storage/backup_catalog.ts";
import { partMissing } from "../../storage/findings/dump_files.ts";
import type { Store } from "../../storage/store.ts";
import { asFinding, is } from "../../system/define_finding.ts";
import type { Finding, Note, Verdict } from "../../verdict/verdict.ts";
import { followConfig } from "../whole_system/follow_config.ts";
import { describeBackup } from "./describe_backup.ts";
import {
  backupFromFuture,
  backupIncomplete,
  backupTooOld,
  databasesNotBackedUp,
  drillTooOld,
  lastDrillFailed,
  neverDrilled,
} from "./findings.ts";
import { openJobStore, type StoreJobOptions } from "./store_job.ts";
import { sizesOf } from "./weigh_backups.ts";

interface StatusOptions extends JobOptions, StoreJobOptions {
  /** How old the newest backup of each database may be. */
  maxAgeMs: number;
  /** How long ago the last drill that passed may be. */
  maxDrillAgeMs: number;
}

/** Clocks differ a little. */
const toleratedSkewMs = 5 * 60_000;

/**
 * Says whether every database in a store has a fresh backup that was drilled lately; with a configuration, also whether
 * every database of that has one. A safety backup does not count as a backup here.
 */
export function status(options: StatusOptions): Promise<Verdict> {
  return runJob("status", options, async (job) => {
    const { config } = options;
    const { store, keys } = await openJobStore(job, options);
    // Its evidence is kept where it is asked for: a status every few minutes would bury the drills.
    if (config) await followConfig(job, { ...config, evidence: undefined }, options);
    const { database } = options;
    const all = await job.phase("list", () => readBackups(store, options));
    const finished = all.filter(({ manifest, identity }) => manifest !== undefined && !identity?.isSafety);
    const wanted = database !== undefined ? [database] : Object.keys(config?.databases ?? {});
    const missing = wanted.filter((name) => !finished.some((entry) => isOf(entry, { database: name })));
    if (finished.length === 0 && missing.length === 0) {
      job.find(noBackup.watched({ store: store.address, database: undefined }));
    }
    job.find(...missing.map((database) => noBackup.watched({ store: store.address, database })));
    const newest = new Set<CatalogEntry>();
    await job.phase("read", async () => {
      for (const ofOneDatabase of groupByDatabase(finished)) {
        newest.add(ofOneDatabase[0]);
        job.find(
          ...checkAge(ofOneDatabase[0], options.maxAgeMs, hasTwin(ofOneDatabase[0], finished)),
          ...await checkWhole(store, ofOneDatabase[0]),
          ...await checkSigned(store, ofOneDatabase[0], options),
          ...await checkDrills(store, ofOneDatabase, { maxDrillAgeMs: options.maxDrillAgeMs, keys }),
        );
      }
      if (database === undefined) job.note(...await databasesWithout(store, all));
      job.record({ backups: await Promise.all([...newest].map((entry) => describeBackup(store, entry, keys))) });
    });
    job.record({ backup_count: finished.length });
  });
}

/**
 * Which databases a server had when roles and databases were last recorded, and that no backup in the store is of. What a
 * backup of all of them left out was left out on purpose: it is looked for in every one that is kept.
 */
async function databasesWithout(store: Store, all: readonly CatalogEntry[]): Promise<Note[]> {
  const notes: Note[] = [];
  for (const [server, entries] of Map.groupBy(all, ({ identity }) => identity?.systemIdentifier)) {
    if (server === undefined) continue;
    const known = new Set([...entries.map(({ database }) => database), "postgres", "template0", "template1"]);
    let found: { backup: string; databases: string[] } | undefined;
    for (const { name } of entries.toSorted(newestFirst)) {
      const manifest = await readStoredManifest(store, name);
      for (const { database } of manifest?.set?.left_out ?? []) known.add(database);
      if (manifest?.globals) found ??= { backup: name, databases: manifest.globals.databases.map(({ name }) => name) };
      if (found?.databases.every((database) => known.has(database))) break; // older ones need not be read
    }
    const databases = found?.databases.filter((name) => !known.has(name)) ?? [];
    if (databases.length > 0) notes.push(databasesNotBackedUp({ databases, backup: found!.backup }));
  }
  return notes;
}

/** Whether another server's database of the same name is there. */
function hasTwin({ identity }: CatalogEntry, all: readonly CatalogEntry[]): boolean {
  return all.some(({ identity: other }) =>
    identity && other && other.database === identity.database && other.systemIdentifier !== identity.systemIdentifier
  );
}

function checkAge({ name, database, identity, takenAt }: CatalogEntry, maxAgeMs: number, isTwin: boolean): Finding[] {
  const ageMs = Date.now() - takenAt.getTime();
  if (ageMs < -toleratedSkewMs) return [backupFromFuture({ backup: name, database })];
  if (ageMs <= maxAgeMs) return [];
  const otherServer = isTwin ? identity!.systemIdentifier : undefined;
  return [backupTooOld({ backup: name, database, ageMs, maxAgeMs, otherServer })];
}

/** Whether everything that the manifest names lies there, by its size. */
async function checkWhole(store: Store, entry: CatalogEntry): Promise<Finding[]> {
  const { name } = entry;
  const manifest = await readStoredManifest(store, name);
  const { expected, actual } = sizesOf(manifest, entry);
  const isThere = (suffix: string) => entry.parts.some((part) => part.name.replace(/\.age$/, "").endsWith(suffix));
  const missing = manifest ? partsOf(manifest).filter(({ suffix }) => !isThere(suffix)) : [];
  if (missing.length > 0) return missing.map(({ suffix }) => partMissing({ path: name + suffix }));
  if (actual.files === expected.files && actual.bytes === expected.bytes) return [];
  return [backupIncomplete({ backup: name, expected, actual })];
}

/** Where keys are trusted, what none of them signed could not be restored. */
async function checkSigned(store: Store, { name }: CatalogEntry, options: StatusOptions): Promise<Finding[]> {
  try {
    await requireSignature(store, { name, manifest: await readStoredManifest(store, name) }, options);
    return [];
  } catch (error) {
    if (!is(error, signatureMissing, signatureNotTrusted, signatureWrong)) throw error;
    return [asFinding(error, name)];
  }
}

async function checkDrills(
  store: Store,
  entries: CatalogEntry[],
  { maxDrillAgeMs, keys }: { maxDrillAgeMs: number; keys: readonly VerificationKey[] },
): Promise<Finding[]> {
  const { database } = entries[0];
  const last = await lastConclusive(store, entries, keys);
  if (!last) return [neverDrilled({ store: store.address, database })];
  if (last.verdict === "fail") return [lastDrillFailed({ database, record: last.name })];
  const ageMs = Date.now() - last.at.getTime();
  if (ageMs <= maxDrillAgeMs) return [];
  return [drillTooOld({ store: store.address, database, record: last.name, ageMs, maxAgeMs: maxDrillAgeMs })];
}
