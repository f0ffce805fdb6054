import { type ArchivePart, chooseArchivePart, describeEntry } from "../../manifest/archive_part.ts";
import { isSubset } from "../../manifest/subset.ts";
import { type ArchiveEntry, readArchiveContents } from "../../postgres/archive_contents.ts";
import { detectDumpFormat } from "../../postgres/dump_format.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Job } from "../../run/job.ts";
import type { RestoreOptions } from "./restore_options.ts";

/** What a dump holds, and what of it was asked for. */
export interface ChosenPart {
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
    throw new OperatorError("SELECTION_SWAPPED", "A part of a backup cannot take the place of a whole database.", {
      fix: "Leave out --swap: the part is restored beside, and you copy from there what you need; " +
        "or overwrite these tables with --in-place. Nothing was touched.",
    });
  }
  const isArchive = ["custom", "directory", "tar"].includes(await detectDumpFormat(path));
  const archive = isArchive ? await readArchiveContents(path) : undefined;
  if (!isSubset(subset)) return { archive };
  if (!archive) {
    throw new OperatorError("SELECTION_NEEDS_ARCHIVE", `${path} has no table of contents to choose from.`, {
      fix: "Restore all of it, without --schema and --table, and copy what you need. Nothing was touched.",
    });
  }
  const part = chooseArchivePart(archive, subset, { isInPlace: mode === "in_place" });
  if (part.foreignKeysLeftOut.length > 0) {
    job.find({
      code: "FOREIGN_KEYS_LEFT_OUT",
      severity: "warning",
      message: `${part.foreignKeysLeftOut.length} foreign keys refer to tables that were not selected: ${
        part.foreignKeysLeftOut.slice(0, 5).map(describeEntry).join(", ")
      }${part.foreignKeysLeftOut.length > 5 ? ", …" : ""}.`,
      fix: "They were not restored. Select these tables as well if you need them.",
    });
  }
  return { archive, part };
}
