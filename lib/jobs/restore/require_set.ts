import type { WhichBackup } from "../../fetch/choose_backup.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import { dumpAltered } from "../../storage/findings/dump_files.ts";
import { isS3Address } from "../../storage/open_store.ts";
import { requireRoomForDump } from "../backup/local_sink.ts";
import { isIntact } from "../store/weigh_backups.ts";
import { sameTarget } from "./findings/targets.ts";
import { guardTarget, holdsSomething, requireReplaceable, requireRoomOnServer } from "./restore_guard.ts";
import { reachTarget, type RestoreOptions, type TargetServer } from "./restore_target.ts";

/** A database of a set that is to be brought back. */
interface SetMember {
  name: string;
  which: WhichBackup;
  targetUrl: string;
}

/**
 * Finds whatever can be known to refuse one database of several, before the first of them is touched: a set that was
 * brought back by half is worse than one that was not.
 */
export async function requireSet(job: Job, members: readonly SetMember[], given: RestoreOptions): Promise<void> {
  const seen = new Map<string, string>();
  const neededBytes = new Map<string, { target: TargetServer; bytes: number }>();
  const replacedBytes = new Map<string, number>();
  const held = new Set<TargetServer>();
  for (const { name, which, targetUrl } of members) {
    const options = { ...given, targetUrl };
    const { store: where, name: backup } = splitBackupAddress(which.path!);
    const store = await acquireStore(job, where, options.store ?? {});
    const manifest = await readStoredManifest(store, backup);
    if (options.mode !== "new" && manifest?.dump && !await isIntact(store, backup)) {
      throw dumpAltered.ofSet.error({ backup, store: store.address });
    }
    const target = await reachTarget(job, options);
    const place = JSON.stringify([target.systemIdentifier, target.name]);
    if (seen.has(place)) throw sameTarget.twice.error({ one: seen.get(place)!, other: name });
    seen.set(place, name);
    await guardTarget(target, manifest, options);
    const needed = neededBytes.get(target.systemIdentifier)?.bytes ?? 0;
    const { target: first = target } = neededBytes.get(target.systemIdentifier) ?? {};
    neededBytes.set(target.systemIdentifier, { target: first, bytes: needed + (manifest?.database.size_bytes ?? 0) });
    // One session for each server will do: it may have more databases than it takes sessions.
    held.add(target);
    if (options.mode === "new" || !holdsSomething(target)) {
      if (neededBytes.get(target.systemIdentifier)!.target !== target) await target.admin.end({ timeout: 0 });
      continue;
    }
    await requireReplaceable(job, options, { target, manifest, beside: store.address });
    const safetyStore = options.safetyStore ?? store.address;
    replacedBytes.set(safetyStore, (replacedBytes.get(safetyStore) ?? 0) + target.present!.sizeBytes);
  }
  for (const { target, bytes } of neededBytes.values()) await requireRoomOnServer(target, bytes);
  for (const [store, bytes] of replacedBytes) {
    if (given.safetyBackup && !isS3Address(store)) await requireRoomForDump(store, bytes);
  }
  for (const { admin } of held) await admin.end({ timeout: 0 });
}
