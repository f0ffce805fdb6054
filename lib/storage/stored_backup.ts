import { basename, dirname, join, resolve } from "node:path";
import { reasonOf } from "../system/operator_error.ts";
import { dumpSuffix, manifestSuffix } from "./backup_name.ts";
import { backupMissing } from "./findings/stores.ts";

/** Where a backup lies: a dump, and its manifest beside it if it has one. */
export interface StoredBackup {
  name: string;
  /** What pg_restore reads: a file, or a directory. */
  dumpPath: string;
  /** Absent for a dump without a manifest. */
  manifestPath?: string;
}

/**
 * Finds the backup that a path means: the dump, its manifest, or what both names begin with.
 *
 * @throws {OperatorError} `BACKUP_MISSING`
 */
export async function backupAt(path: string): Promise<StoredBackup> {
  const absolute = resolve(path);
  const name = basename(absolute).replace(/(\.dump(\.age)?|\.manifest\.json)$/, "");
  const stored = storedAs(dirname(absolute), name);
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  const isBareName = !await isThere(absolute) && await isThere(absolute + manifestSuffix);
  const dumpPath = absolute.endsWith(manifestSuffix) || isBareName ? stored.dumpPath : absolute;
  try {
    await Deno.stat(dumpPath);
  } catch (error) {
    if (await Deno.stat(`${dumpPath}.age`).then(() => true, () => false)) {
      return { name, dumpPath, manifestPath: stored.manifestPath }; // encrypted: only its manifest says how
    }
    const target = await Deno.readLink(dumpPath).catch(() => undefined);
    throw target === undefined
      ? backupMissing.atPath.error({ path: dumpPath, reason: reasonOf(error) }, { cause: error })
      : backupMissing.behindLink.error({ path: dumpPath, target }, { cause: error });
  }
  const hasManifest = await Deno.stat(stored.manifestPath).then(() => true, () => false);
  return { name, dumpPath, ...(hasManifest && { manifestPath: stored.manifestPath }) };
}

/** Where a backup of that name lies in a directory. */
export function storedAs(directory: string, name: string): Required<StoredBackup> {
  return {
    name,
    dumpPath: resolve(join(directory, name + dumpSuffix)),
    manifestPath: resolve(join(directory, name + manifestSuffix)),
  };
}
