import type { ArchivePart } from "../../manifest/subset.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { ArchiveEntry } from "../../postgres/archive_contents.ts";
import { requireReadableCompression } from "../../postgres/compression.ts";
import { type ClientTools, findClientTools } from "../../postgres/tools.ts";
import type { StoredBackup } from "../../storage/stored_backup.ts";
import type { Store } from "../../storage/store.ts";
import type { Job } from "../../run/job.ts";
import type { IncidentRecord } from "./incident_record.ts";
import type { RestoreOptions, TargetServer } from "./restore_target.ts";

/** A restore under way: what its steps share. */
export interface Restore {
  job: Job;
  options: RestoreOptions;
  stored: StoredBackup;
  /** Where the backup came from. */
  store: Store;
  /** Of the whole backup. */
  manifest?: Manifest;
  /** What should come back: the manifest, or the part of it that was asked for. */
  expected?: Manifest;
  /** The dump's table of contents, where it has one. */
  archive?: ArchiveEntry[];
  /** What of it was asked for, where that is not all. */
  part?: ArchivePart;
  target: TargetServer;
  record: IncidentRecord;
  /** Where the record is kept. */
  recordPath: string;
  /** Writes the record as it is now. */
  saveRecord: () => Promise<void>;
}

/**
 * Finds programs that can read the backup, before anything is touched.
 *
 * @throws {OperatorError} `COMPRESSION_UNSUPPORTED`, and what `findClientTools` throws.
 */
export async function findToolsFor({ options, manifest, target }: Restore): Promise<ClientTools> {
  const dumpMajor = Number.parseInt(manifest?.postgres.pg_dump ?? "0");
  const tools = await findClientTools(Math.max(target.server.major, dumpMajor), options.pgBin);
  await requireReadableCompression(tools, manifest?.dump?.compression?.method);
  return tools;
}
