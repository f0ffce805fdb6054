import { summarizeBackup, summarizeForeign, warningsOf } from "../../fetch/backup_summary.ts";
import { fetchBackup, requireUndamaged } from "../../fetch/fetch_backup.ts";
import { chooseArchivePart, describeEntry } from "../../manifest/archive_part.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { type ArchivePart, isSubset, subsetOf } from "../../manifest/subset.ts";
import { type ArchiveEntry, readArchiveContents } from "../../postgres/archive_contents.ts";
import {
  type ConnectionParameters,
  resolveConnectionParameters,
  withDatabase,
} from "../../postgres/connection/connection_parameters.ts";
import { detectDumpFormat } from "../../postgres/dump_format.ts";
import type { Job } from "../../run/job.ts";
import type { StoredBackup } from "../../storage/stored_backup.ts";
import { askForName } from "./ask_for_name.ts";
import { foreignKeysLeftOut, selectionNeedsArchive, selectionSwapped } from "./findings/selection.ts";
import { keepRecord } from "./incident_record.ts";
import { mapRoles } from "./map_roles.ts";
import { provideRoles } from "./provide_roles.ts";
import { beginRecord, finishRecord } from "./record_restore.ts";
import { restoreBeside } from "./restore_beside.ts";
import { guardTarget, holdsSomething, requireReplaceable, warnOfHidden } from "./restore_guard.ts";
import { restoreInPlace } from "./restore_in_place.ts";
import { reachTarget, type RestoreOptions } from "./restore_target.ts";
import type { Restore } from "./restore_under_way.ts";

/** A database that was brought back. */
export interface RestoredDatabase {
  parameters: ConnectionParameters;
  manifest?: Manifest;
  stored: StoredBackup;
  /** Ends what was held for it; it ends with the job, too. */
  close(): Promise<void>;
}

/**
 * Brings one database back: beside what is there, in its place, or into it; compared, and on record.
 *
 * @param recordJob Whose verdict the incident record tells.
 */
export async function restoreDatabase(
  job: Job,
  options: RestoreOptions,
  recordJob: Job = job,
): Promise<RestoredDatabase> {
  const { database: targetName } = await resolveConnectionParameters(options.targetUrl, options.env);
  const fetched = await job.phase("fetch", (measure) => fetchBackup(job, { ...options, targetName }, measure));
  const { manifest: original } = fetched;
  const backup = original
    ? summarizeBackup(fetched.stored, original, fetched.signedBy)
    : await summarizeForeign(fetched.stored);
  job.record({ backup });
  if (original) {
    job.find(...warningsOf(original));
    job.note(...await job.phase("checksum", (measure) => requireUndamaged(fetched, original, measure)));
  }
  const target = await job.phase("preflight", () => reachTarget(job, options));
  const { mapping } = options;
  const { stored, manifest } = await mapRoles(job, { stored: fetched.stored, manifest: original }, mapping, target);
  const { archive, part } = await choosePart(job, stored.dumpPath, options);
  const expected = manifest && part ? subsetOf(manifest, options.subset, part) : manifest;

  job.record({ postgres: { server: target.server.version, target: "named" } });
  await guardTarget(target, manifest, options);
  await warnOfHidden(job, target);
  if (manifest) {
    await job.phase("roles", () => provideRoles(job, target, { manifest, stored: fetched.stored }, options));
  }
  const record = await beginRecord(options, target, backup);
  const places = [fetched.store.address, ...(options.record ? [options.record] : [])];
  const keeper = await keepRecord(places, record, options.store);
  recordJob.record({ restore_record: keeper.path });
  recordJob.keepVerdict((verdict) => finishRecord(job, record, keeper, verdict));

  const { store } = fetched;
  const saveRecord = () => keeper.write(record);
  const run: Restore = {
    ...{ job, options, stored, store, manifest, expected, archive, part, target, record, saveRecord },
    recordPath: keeper.path,
  };
  const replacesSomething = options.mode !== "new" && holdsSomething(target);
  if (replacesSomething) await requireReplaceable(job, options, { target, manifest, beside: store.address });
  if (options.mode === "in_place" && target.present) await restoreInPlace(run, replacesSomething);
  else {
    if (replacesSomething) await askForName(run);
    await restoreBeside(run, replacesSomething);
  }
  return {
    parameters: withDatabase(target.parameters, record.restored_database ?? target.name),
    manifest,
    stored,
    close: () => target.admin.end({ timeout: 0 }),
  };
}

/** What a dump holds, and what of it was asked for. */
interface ChosenPart {
  archive?: ArchiveEntry[];
  part?: ArchivePart;
}

/**
 * Reads a dump's table of contents, and chooses what the options ask for.
 *
 * @throws {OperatorError} `NOTHING_SELECTED`, `SELECTION_INCOMPLETE`, `SELECTION_NEEDS_ARCHIVE`, `SELECTION_SWAPPED`,
 * before anything is touched.
 */
async function choosePart(job: Job, path: string, { subset, mode }: RestoreOptions): Promise<ChosenPart> {
  if (isSubset(subset) && mode === "swap") {
    throw selectionSwapped.error();
  }
  const isArchive = ["custom", "directory", "tar"].includes(await detectDumpFormat(path));
  const archive = isArchive ? await readArchiveContents(path) : undefined;
  if (!isSubset(subset)) return { archive };
  if (!archive) throw selectionNeedsArchive.error({ path });
  const part = chooseArchivePart(archive, subset, { isInPlace: mode === "in_place" });
  if (part.foreignKeysLeftOut.length > 0) {
    job.find(foreignKeysLeftOut({ keys: part.foreignKeysLeftOut.map(describeEntry) }));
  }
  return { archive, part };
}
