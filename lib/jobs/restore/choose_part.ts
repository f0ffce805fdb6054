import { chooseArchivePart, describeEntry } from "../../manifest/archive_part.ts";
import type { ArchivePart } from "../../manifest/subset.ts";
import { isSubset } from "../../manifest/subset.ts";
import { type ArchiveEntry, readArchiveContents } from "../../postgres/archive_contents.ts";
import { detectDumpFormat } from "../../postgres/dump_format.ts";
import type { Job } from "../../run/job.ts";
import { foreignKeysLeftOut, selectionNeedsArchive, selectionSwapped } from "./findings/selection.ts";
import type { RestoreOptions } from "./restore_target.ts";

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
export async function choosePart(job: Job, path: string, { subset, mode }: RestoreOptions): Promise<ChosenPart> {
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
