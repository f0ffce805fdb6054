import { type PreparedDump, prepareDump } from "../../dumps/prepare_dump.ts";
import { restoreInto } from "../../dumps/restore_dump.ts";
import { writeDrillRecord } from "../../evidence/drill_record.ts";
import { readSigningKey, type SigningKey } from "../../evidence/signing_key.ts";
import { summarizeBackup, summarizeForeign, warningsOf } from "../../fetch/backup_summary.ts";
import type { WhichBackup } from "../../fetch/choose_backup.ts";
import { damageOf, fetchBackup, type FetchedBackup, sortDamage } from "../../fetch/fetch_backup.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { goneRoles } from "../../manifest/privileges/gone_roles.ts";
import { restorableOf } from "../../manifest/restorable.ts";
import { rolesThatCount } from "../../manifest/roles.ts";
import type { Job } from "../../run/job.ts";
import { openStore } from "../../storage/open_store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { NamedDatabaseOptions } from "../../targets/named_server.ts";
import { requireIsolation } from "../../targets/require_isolation.ts";
import type { RestoreTarget, SharedCluster } from "../../targets/target.ts";
import { type Wanted, wantedOf } from "../../targets/wanted.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { proveRestored } from "../compare/compare_database.ts";
import type { ConfiguredOptions } from "../configured.ts";
import { drillNotRecorded, emptyDatabase } from "./findings.ts";
import { lookForContents } from "./look_for_contents.ts";

/** Which backup to restore, and where. */
export interface DrillOptions extends Omit<NamedDatabaseOptions, "dbUrl">, WhichBackup, ConfiguredOptions {
  /** A server for a scratch database, instead of a throwaway cluster. */
  into?: string;
  /** How many tables and indexes are restored, and tables compared, at the same time. */
  jobs: number;
  /** Every database of a backup set of a whole server. */
  allDatabases?: boolean;
  /** The cluster for several databases; without it, each gets its own. */
  cluster?: SharedCluster;
  pgBin?: string;
  /** Leave the restored database and say how to reach and remove it. */
  keepRunning?: boolean;
  /** Whether a database without any table passes. */
  allowEmpty?: boolean;
  /** Whether the operator vouches for the dump: it may run without isolation, and as a superuser of `into`. */
  trustDump?: boolean;
  /**
   * Whether owners and grants are restored and compared.
   * @default {true}
   */
  privileges?: boolean;
  /** Whether size and hash of the dump's files are compared first. */
  checksum: boolean;
  /** Whether the verdict is kept beside the backup. */
  record: boolean;
  /** The file with the private key that signs that record. */
  signingKey?: string;
  /** When what was lost would have been lost; the start, unless it says otherwise. */
  incidentAt?: Date;
  /** Who has looked at what needs a person's review. */
  reviewedBy?: string;
}

/** A backup that was restored, and the database that came of it. */
interface DrilledBackup {
  fetched: FetchedBackup;
  target: RestoreTarget;
}

/** The same, before anything was compared. */
export interface RestoredBackup extends DrilledBackup {
  /** Whose rights were given for the restore; absent where owners and grants were left out. */
  privileges?: Wanted["privileges"];
  /** Compares it with its manifest, or looks what is in it. */
  prove(): Promise<DrilledBackup>;
}

/** Restores one backup somewhere disposable, and compares what came back with the manifest. */
export async function drillBackup(
  job: Job,
  options: DrillOptions,
  recordJob: Job = job,
): Promise<DrilledBackup | undefined> {
  return await (await restoreBackup(job, options, recordJob))?.prove();
}

/**
 * Restores one backup somewhere disposable.
 *
 * @param recordJob Whose verdict is kept beside the backup.
 * @returns `undefined` if its dump is not what the manifest says: nothing was restored.
 */
export async function restoreBackup(
  job: Job,
  options: DrillOptions,
  recordJob: Job = job,
): Promise<RestoredBackup | undefined> {
  const key = options.signingKey === undefined ? undefined : await readSigningKey(options.signingKey);
  const fetched = await job.phase("fetch", async (measure) => {
    const isInOwnCluster = options.into === undefined && options.cluster === undefined;
    if (isInOwnCluster) await requireIsolation(job, options);
    return await fetchBackup(job, options, measure);
  });
  const { stored, manifest } = fetched;
  if (manifest) {
    if (options.record) recordJob.keepVerdict((verdict) => keepRecord(job, fetched, verdict, { ...options, key }));
    const lies = { ...stored, dumpPath: fetched.shown ?? stored.dumpPath };
    job.record({ backup: summarizeBackup(lies, manifest, fetched.signedBy) });
    job.find(...warningsOf(manifest));
    const found = await job.phase("checksum", (measure) => damageOf(fetched, manifest, options.checksum, measure));
    const { damage, missing } = sortDamage(found);
    job.note(...missing);
    if (options.checksum) {
      job.expect("damaged_dump_files", { expected: 0, actual: damage.length }, ...damage);
      if (damage.length > 0) return undefined;
    }
  }
  if (!manifest) job.record({ backup: await summarizeForeign(stored) });
  // What is not a dump, or would read foreign files, needs no cluster.
  const examine = () => prepareDump(job, stored.dumpPath, fetched.shown);
  const dump = manifest ? await examine() : await job.phase("examine", examine);
  const privileges = manifest && options.privileges !== false ? wantedPrivileges(manifest) : undefined;
  const wanted = {
    privileges,
    ...wantedFor(dump, manifest),
    ...(manifest && options.privileges !== false && { backup: { manifest, stored, archive: dump.contents } }),
  };
  const expected = manifest && restorableOf(manifest);
  const { target, restored } = await restoreInto(job, dump, options, wanted, expected);
  return {
    fetched,
    target,
    privileges,
    async prove() {
      if (!manifest) {
        const parameters = await job.phase("contents", () => lookForContents(job, restored, options));
        return { fetched, target: { ...target, parameters } };
      }
      const { covers } = await proveRestored(job, manifest, target.parameters, {
        jobs: options.jobs,
        ownersAndGrants: target.keepsGrants,
        asReader: target.asReader,
      });
      if (target.covers) job.record({ covers: [...covers, ...target.covers] });
      if (!options.allowEmpty && isEmpty(manifest)) throw emptyDatabase.backedUp.error();
      return { fetched, target };
    },
  };
}

/** Beside the backup, where `list` and `status` find it. A store that cannot be written to is not the backup's fault. */
async function keepRecord(
  job: Job,
  { stored, store }: FetchedBackup,
  verdict: Verdict,
  options: DrillOptions & { key?: SigningKey },
) {
  try {
    const reopened = await openStore(store.address, options.store);
    await writeDrillRecord(reopened, stored.name, verdict, options.key);
    await reopened.close();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    job.find(drillNotRecorded({ backup: stored.name, problem: error }));
  }
}

function wantedFor(dump: PreparedDump, manifest?: Manifest): Wanted {
  if (!manifest) {
    return {
      roles: [],
      compression: dump.compression,
      locale: encodingOf(dump) === "SQL_ASCII" ? bytesOnly : undefined,
    };
  }
  return wantedOf(manifest);
}

/** Absent in manifests of earlier builds. */
function wantedPrivileges(manifest: Manifest): Wanted["privileges"] {
  const { privileges } = manifest;
  if (!privileges) return undefined;
  const { bootstrap_role, database } = privileges;
  const roles = [...new Set([...rolesThatCount(manifest), bootstrap_role, database.owner])];
  // What a role granted that is gone is restored in its name: as one of the owner's, it may.
  const owners = new Set(manifest.definitions.flatMap(({ owner }) => owner ?? []).filter((name) => !/^pg_/.test(name)));
  const memberships = [...owners, "pg_read_all_data"].map((role) => ({ role, inherits: true }));
  const gone = [...goneRoles(privileges)].map((name) => ({ name, member_of: memberships }));
  return { roles, rights: [...privileges.roles, ...gone], databaseOwner: database.owner };
}

/** Whether a backup is of a database that holds nothing but schemas. */
export function isEmpty({ rows, large_objects, definitions }: Manifest): boolean {
  return rows.length === 0 && large_objects.count === 0 && definitions.every(({ kind }) => kind === "schema");
}

/** If the encoding is unknown, a database of any other encoding takes some of them for what they are not. */
const bytesOnly = { encoding: "SQL_ASCII", collation: "C", ctype: "C", locale_provider: "libc", locale: null };

function encodingOf({ survey, contents }: PreparedDump): string | undefined {
  const statement = contents?.entries.find(({ kind }) => kind === "ENCODING")?.definition;
  return survey?.encoding ?? /client_encoding = '([\w-]+)'/.exec(statement ?? "")?.[1];
}
