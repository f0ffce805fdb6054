import { lastConclusive } from "../evidence/drill_record.ts";
import { readVerificationKey } from "../evidence/signing_key.ts";
import type { BackupSet, Manifest } from "../manifest/manifest.ts";
import { acquireStore, type Job } from "../run/job.ts";
import { readBackups } from "../storage/backup_catalog.ts";
import { addressIn, manifestSuffix, splitBackupAddress } from "../storage/backup_name.ts";
import type { Store } from "../storage/store.ts";
import { inParallel } from "../system/in_parallel.ts";
import type { WhichBackup } from "./choose_backup.ts";
import { backupPath } from "./fetch_backup.ts";
import { readStoredManifest, requireSignature } from "./fetch_stored_backup.ts";
import { noServerSet, severalServers } from "./findings.ts";

/** Backups of every database of a server that were made together. */
export interface ServerSet {
  lead: string;
  members: {
    /** The database's own name. */
    database: string;
    /** Where its backup lies, as a path that `fetchBackup` takes. */
    path: string;
    manifest: Manifest;
  }[];
  leftOut: NonNullable<BackupSet["left_out"]>;
}

/**
 * Chooses the newest finished set of a whole server that is meant. One whose lead has no manifest is unfinished.
 *
 * @param which A backup of the set, or the store.
 * @param isAsked Whether a set was asked for: else only the newest backup of the store is looked at, and the answer is
 *   `undefined` where that is none of a set.
 * @throws {OperatorError} `NO_SERVER_SET`, `SEVERAL_SERVERS`, `SIGNATURE_…`, and the store's own.
 */
export async function chooseServerSet(
  job: Job,
  which: WhichBackup,
  { isAsked }: { isAsked: boolean },
): Promise<ServerSet | undefined> {
  const path = which.path === undefined ? undefined : await backupPath(job, which);
  const split = path === undefined ? undefined : splitBackupAddress(path);
  const address = split?.store ?? which.from!;
  const store = await acquireStore(job, address, which.store ?? {});
  const set = split ? (await readStoredManifest(store, split.name))?.set : await findNewest(store, which, isAsked);
  if (set?.scope !== "server") {
    if (!isAsked) return undefined;
    throw noServerSet.error({ where: path ?? store.address });
  }
  const members = await inParallel(Object.entries(set.members), 8, async ([database, name]) => {
    const manifest = await readStoredManifest(store, name);
    if (!manifest) throw noServerSet.error({ where: `${address}: it has no manifest of ${name}` });
    await requireSignature(store, { name, manifest }, which);
    return { database, path: addressIn(address, name + manifestSuffix), manifest };
  });
  return { lead: set.lead, members, leftOut: set.left_out ?? [] };
}

async function findNewest(store: Store, which: WhichBackup, isAsked: boolean): Promise<BackupSet | undefined> {
  const { before = which.incidentAt, systemIdentifier, drilled, trustedKeys = [] } = which;
  const all = (await readBackups(store, { systemIdentifier }))
    .filter(({ manifest, identity, takenAt }) => manifest && !identity?.isSafety && (!before || takenAt < before));
  const finished = new Set(all.map(({ name }) => name));
  const keys = await Promise.all(trustedKeys.map(readVerificationKey));
  const seen = new Set<string>();
  let found: { set: BackupSet; server?: string } | undefined;
  for (const entry of all) {
    if (seen.has(entry.name)) continue;
    const set = (await readStoredManifest(store, entry.name))?.set;
    if (set?.scope !== "server") {
      if (!isAsked && !found) return undefined;
      continue;
    }
    for (const name of Object.values(set.members)) seen.add(name);
    if (!finished.has(set.lead)) continue;
    const lead = all.find(({ name }) => name === set.lead)!;
    if (drilled && (await lastConclusive(store, [lead], keys))?.verdict !== "pass") continue;
    const server = entry.identity?.systemIdentifier;
    if (found && found.server !== server) throw severalServers.whole.error({ store: store.address });
    found ??= { set, server };
  }
  return found?.set;
}
