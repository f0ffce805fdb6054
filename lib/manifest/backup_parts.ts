import { partSuffixes, passwordsSuffix } from "../storage/backup_name.ts";
import type { DumpFile, Manifest } from "./manifest.ts";

/** A file of a backup beside its dump. */
export interface BackupPart {
  file: DumpFile;
  /** What its name ends in, without `.age`; the backup may have been copied under another name. */
  suffix: string;
  /** Whether it is not to lie anywhere in plain form. */
  isSecret: boolean;
}

/** Names the files of a backup that are not its dump's. */
export function partsOf({ globals }: Pick<Manifest, "globals">): BackupPart[] {
  return [globals?.file, globals?.passwords].flatMap((file) => {
    const suffix = partSuffixes.find((suffix) => file?.path.endsWith(suffix));
    return file && suffix ? [{ file, suffix, isSecret: suffix === passwordsSuffix }] : [];
  });
}
