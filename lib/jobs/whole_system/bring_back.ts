import type { Config } from "../../config/read_config.ts";
import { chooseBackup, type WhichBackup } from "../../fetch/choose_backup.ts";
import { backupPath } from "../../fetch/fetch_backup.ts";
import { readStoredManifest, requireSignature } from "../../fetch/fetch_stored_backup.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { acquireStore, type Job, type JobOptions } from "../../run/job.ts";
import { addressIn, manifestSuffix, splitBackupAddress } from "../../storage/backup_name.ts";
import { makeSandbox } from "../../system/isolation/make_sandbox.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { requireBackups } from "../configured.ts";
import { type CheckedDatabase, checkedSystem } from "./check_context.ts";
import { concludeSystem, restoredOf } from "./conclude_system.ts";
import { lastGoodDrill } from "./earlier_drills.ts";
import { notASet } from "./findings/steps.ts";
import { followConfig } from "./follow_config.ts";
import { partsOfJob } from "./part_of_job.ts";
import { requireBeforehand } from "./policy.ts";
import { runSteps } from "./run_steps.ts";

/** How a command brings a system back. */
interface BringBack {
  command: "drill" | "restore";
  options: WhichBackup & JobOptions & { incidentAt?: Date };
  startedAt: Date;
  /** Whether size and hash of the dump's files are compared. */
  isChecksummed: boolean;
  /** Whether it is restored on a named server, and not in a throwaway cluster. */
  intoServer: boolean;
  /** Whether checks look at the copies of buckets. */
  copies: boolean;
  /** What the last run of this command said. */
  previous?: () => Promise<Verdict["verdict"] | undefined>;
  /** Looks at the backups before anything is restored. */
  beforehand?: (set: Map<string, WhichBackup>) => Promise<void>;
  /** Restores one database; `undefined` if there is nothing to look at. */
  restoreDatabase(name: string, which: WhichBackup, job: Job): Promise<CheckedDatabase | undefined>;
  /** Brings buckets back. */
  bringObjects(buckets: string[]): Promise<void>;
}

/** Restores every database of a configuration, follows its steps, and holds it all against its policy. */
export async function bringBack(job: Job, config: Config, back: BringBack): Promise<void> {
  const { command, options, startedAt, isChecksummed, intoServer, copies, bringObjects } = back;
  requireBackups(config, options);
  const names = Object.keys(config.databases);
  await followConfig(job, config, options, back.previous);
  const set = await job.phase("find", () => findBackupSet(job, options, names));
  const isKeptAsEvidence = (options.evidence ?? config.evidence) !== undefined;
  await requireOfBackups(job, config, set.values(), { which: options, isChecksummed, isKeptAsEvidence, intoServer });
  await back.beforehand?.(set);
  const parts = partsOfJob(job, names);
  const manifests = new Map<string, Manifest | undefined>();
  const system = checkedSystem(config, {
    startedAt,
    copies,
    lastGoodDrill: () => lastGoodDrill(job, options, names[0]),
  });

  const restoreDatabase = async (name: string) => {
    const restored = await back.restoreDatabase(name, set.get(name)!, parts.get(name)!.job);
    job.record({ restored: restoredOf(parts) });
    if (!restored) return undefined;
    manifests.set(name, restored.manifest);
    for (const { check, value } of restored.manifest?.recorded ?? []) system.recorded.set(check, value);
    return restored;
  };
  let lastRequired: Date | undefined;
  let brokeOff = true;
  try {
    lastRequired = await runSteps({ job, config, system, restoreDatabase, bringObjects });
    brokeOff = false;
  } finally {
    concludeSystem(job, config, {
      command,
      startedAt,
      brokeOff,
      lastRequired,
      parts,
      manifests,
      incidentAt: options.incidentAt,
      isChecksummed,
      isKeptAsEvidence,
    });
  }
}

/**
 * Finds the backups of several databases that belong together: those that were made together, else the newest of each.
 *
 * @param which The set's lead; without `path`, the newest.
 * @param databases By the configuration's names, the lead first.
 * @returns Which backup to fetch, for each of them.
 */
async function findBackupSet(
  job: Job,
  which: WhichBackup,
  databases: readonly string[],
): Promise<Map<string, WhichBackup>> {
  const [lead, ...others] = databases;
  const path = which.path === undefined ? undefined : await backupPath(job, which);
  const split = path === undefined ? undefined : splitBackupAddress(path);
  const address = split?.store ?? which.from!;
  const store = await acquireStore(job, address, which.store ?? {});
  const newestOf = (database: string) => chooseBackup(job, store, { ...which, path: undefined, database });
  const name = split?.name ?? await newestOf(lead);
  const at = (backup: string): WhichBackup => ({
    path: addressIn(address, backup + manifestSuffix),
    from: undefined,
  });
  const set = new Map([[lead, path === undefined ? at(name) : { path, from: undefined }]]);
  if (others.length === 0) return set;
  const members = (await readStoredManifest(store, name))?.set?.members;
  for (const other of others) {
    set.set(other, at(members?.[other] ?? await newestOf(other)));
    if (!members?.[other]) {
      job.note(notASet({ backup: name, database: other }));
    }
  }
  return set;
}

/** What is restored, and how. */
interface PlannedRestore {
  which: WhichBackup;
  isChecksummed: boolean;
  isKeptAsEvidence: boolean;
  /** Whether it is restored on a named server, and not in a throwaway cluster. */
  intoServer: boolean;
}

/**
 * Holds backups, as far as their manifests and signatures tell, and this host against the policy before anything is fetched
 * or restored.
 *
 * @param set Each with the path of its manifest or dump.
 * @throws {OperatorError} `NOT_ENCRYPTED`, `NOT_SIGNED` and their like, and what is wrong with a signature.
 */
async function requireOfBackups(
  job: Job,
  { policy, checks }: Config,
  set: Iterable<WhichBackup>,
  { which, intoServer, ...run }: PlannedRestore,
): Promise<void> {
  const isolation = intoServer ? "server" : policy.require_isolation && (await makeSandbox()).isolation.level;
  requireBeforehand(policy, { ...run, ...(isolation && { isolation }) });
  const isAsked = policy.require_encryption || policy.require_signature || (which.trustedKeys?.length ?? 0) > 0 ||
    policy.require_proof;
  if (!isAsked) return;
  // Without a manifest, what is known beyond the restore itself is what checks see.
  const proofOfForeign = checks.length > 0 ? "checked" : "restored";
  for (const { path } of set) {
    const { store: where, name } = splitBackupAddress(path!);
    const store = await acquireStore(job, where, which.store ?? {});
    const manifest = await readStoredManifest(store, name);
    const signedBy = await requireSignature(store, { name, manifest }, which);
    requireBeforehand(policy, {
      ...(manifest && { isEncrypted: manifest.dump?.encryption !== undefined }),
      isSigned: signedBy !== undefined,
      mostProof: manifest ? "exact" : proofOfForeign,
    });
  }
}
