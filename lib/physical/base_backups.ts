import { basename, join, resolve } from "node:path";
import { reasonOf } from "../system/operator_error.ts";
import { commandForDirectory, listArchive } from "./archive_directory.ts";
import { type BaseBackup, describeBaseBackup, findLayout } from "./base_backup.ts";
import { controlFileUnreadable } from "./findings/recovery.ts";
import { physicalBackupIncomplete, physicalSourceUnusable } from "./findings/sources.ts";
import { lsnText, parseLsn } from "./lsn.ts";
import { combineBackups, restoreFiles, restoreTar } from "./restore_base_backup.ts";
import type { PhysicalSource, SourceOptions } from "./source.ts";

/** Opens a directory that pg_basebackup filled, or one with several such in it. */
export function openBaseBackups(path: string, { walArchive, restoreCommand, pgBin }: SourceOptions): PhysicalSource {
  const directory = resolve(path);
  const archive = walArchive === undefined ? undefined : resolve(walArchive);
  let found: Promise<BaseBackup[]> | undefined;
  const catalogue = () => found ??= findBackups(directory);
  return {
    name: path,
    list: catalogue,
    async restore(backup, place) {
      const all = await catalogue();
      const { layout, incrementalFrom, parents, name } = all.find((each) => each.name === backup.name)!;
      if (incrementalFrom !== undefined) {
        const root = all.find((each) => each.name === parents[0]) ?? backup as BaseBackup;
        if (root.incrementalFrom !== undefined) {
          throw physicalBackupIncomplete.parent.error({ backup: root.name, lsn: lsnText(root.incrementalFrom) });
        }
        const chain = [...parents, name].map((each) => all.find((backup) => backup.name === each)!.layout);
        return await combineBackups(name, chain, place, pgBin);
      }
      await requireByteOrder(name, layout);
      if (layout.kind === "files") return await restoreFiles(name, layout, place);
      await restoreTar(name, layout, place);
    },
    restoreCommand: restoreCommand ?? (archive === undefined ? undefined : commandForDirectory(archive)),
    listWal: archive === undefined ? undefined : () => listArchive(archive),
  };
}

async function findBackups(directory: string): Promise<BaseBackup[]> {
  try {
    const own = await findLayout(directory);
    if (own) return withParents([await describeBaseBackup(basename(directory), own)]);
    const backups: BaseBackup[] = [];
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      const layout = isDirectory ? await findLayout(join(directory, name)) : undefined;
      if (layout) backups.push(await describeBaseBackup(name, layout));
    }
    if (backups.length > 0) return withParents(backups.sort(byStart));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) throw error;
    throw physicalSourceUnusable.unreadable.error({ path: directory, reason: reasonOf(error) }, { cause: error });
  }
  throw physicalSourceUnusable.empty.error({ path: directory });
}

/** An increment says no more of its parent than where that began. */
function withParents(backups: BaseBackup[]): BaseBackup[] {
  const startOf = ({ startLsn = "" }: BaseBackup) => parseLsn(startLsn) ?? 0n;
  const parentsOf = (backup: BaseBackup): string[] => {
    const { incrementalFrom } = backup;
    if (incrementalFrom === undefined || incrementalFrom >= startOf(backup)) return [];
    const parent = backups.find((each) => startOf(each) === incrementalFrom);
    return parent ? [...parentsOf(parent), parent.name] : [];
  };
  return backups.map((backup) => ({ ...backup, parents: parentsOf(backup) }));
}

function byStart(a: BaseBackup, b: BaseBackup): number {
  const [left, right] = [a, b].map(({ startLsn }) => parseLsn(startLsn ?? "") ?? 0n);
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Postgres tells a `pg_control` of the other byte order in the same way: the version in it would be far too large.
 *
 * @throws {OperatorError} `CONTROL_FILE_UNREADABLE`
 */
async function requireByteOrder(backup: string, { kind, directory }: BaseBackup["layout"]): Promise<void> {
  if (kind !== "files") return;
  const bytes = await Deno.readFile(join(directory, "global", "pg_control")).catch(() => undefined);
  if (!bytes || bytes.length < 12) return; // it is damaged, and that is found later
  const version = new DataView(bytes.buffer).getUint32(8, true);
  if (version % 65_536 === 0 && version > 0) throw controlFileUnreadable.byteOrder.error({ backup });
}
