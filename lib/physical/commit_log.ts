import { join } from "node:path";
import type { ControlData } from "./control_data.ts";
import { physicalBackupIncomplete } from "./findings/sources.ts";

/** So many transactions' ends a file of `pg_xact` holds, in 32 pages of 8 kB. */
const perFile = 32 * 8_192 * 4;
const fileBytes = 32 * 8_192;
/** Transactions are counted round. */
const files = 2 ** 32 / perFile;

/**
 * Looks whether a restored cluster has the record of which transactions were committed. A server that replays takes a missing
 * file for one full of zeros, and rows are gone then that no check of pages and indexes misses.
 *
 * Files at the end may be missing: they came while the backup was taken, and the WAL brings them.
 *
 * @throws {OperatorError} `PHYSICAL_BACKUP_INCOMPLETE`
 */
export async function requireCommitLog(data: string, backup: string, control: ControlData): Promise<void> {
  const sizes = new Map<number, number>();
  for await (const { name } of Deno.readDir(join(data, "pg_xact"))) {
    if (!/^[0-9A-F]{4}$/.test(name)) continue;
    sizes.set(parseInt(name, 16), (await Deno.lstat(join(data, "pg_xact", name))).size);
  }
  const fail = (file: number) => {
    const name = `pg_xact/${file.toString(16).toUpperCase().padStart(4, "0")}`;
    return physicalBackupIncomplete.commitLog.error({ backup, file: name });
  };
  const [oldest, newest] = [control.oldestXid, control.nextXid].map((xid) => Math.floor(xid / perFile));
  if (sizes.size === 0) throw fail(oldest);
  const wanted = Array.from({ length: (newest - oldest + files) % files + 1 }, (_, index) => (oldest + index) % files);
  const last = wanted.findLastIndex((file) => sizes.has(file));
  const damaged = wanted.slice(0, Math.max(0, last)).find((file) => sizes.get(file) !== fileBytes);
  if (damaged !== undefined) throw fail(damaged);
}
