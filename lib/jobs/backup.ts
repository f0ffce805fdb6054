import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { makeManifest } from "../manifest/make_manifest.ts";
import type { Dump, DumpFile, Manifest } from "../manifest/manifest.ts";
import { readArchiveHeader } from "../postgres/archive_header.ts";
import { requireReadable } from "../postgres/readability.ts";
import { findClientTools } from "../postgres/tools.ts";
import { backupName } from "../storage/backup_name.ts";
import { storedAs, type StoredBackup } from "../storage/directory_store.ts";
import { filesAt, sumFile } from "../system/checksums.ts";
import { ensureDirectory, renameWhole, writeJson } from "../system/files.ts";
import { OperatorError } from "../system/operator_error.ts";
import { makeWorkspaceAt } from "../system/workspace.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { rowSecurityWarning, summarizeBackup } from "./backup_summary.ts";
import { dumpAndCapture } from "./dump_and_capture.ts";
import { connectToServer, type NamedDatabaseOptions } from "./named_database.ts";
import { type Job, runJob } from "./run_job.ts";

/** What to back up, and where to. */
export interface BackupOptions extends NamedDatabaseOptions {
  /** The directory that the backup is written to. */
  to: string;
  format: "custom" | "directory";
  /** How many sessions read at the same time, and pg_dump's jobs in directory format. */
  jobs: number;
  /** pg_dump's own options that choose what to dump. */
  selection: string[];
  /** Columns whose rows are counted for each value. */
  distribution: { target: string; hashValues: boolean }[];
  /** Accept that row security filters what this role sees. */
  enableRowSecurity?: boolean;
  /** How long to wait for a locked table; 0 waits for ever. */
  lockTimeoutMs: number;
  pgBin?: string;
}

// pg_dump compresses, and indexes are not in a dump.
const dumpPerDatabaseByte = 0.25;

/** Dumps a database and captures its manifest, both of the same instant. */
export function backup(options: BackupOptions): Promise<Verdict> {
  return runJob("backup", options, async (job) => {
    const { tools, parameters, database } = await job.phase("preflight", () => preflight(job, options));
    const { stored, unfinished } = await claimName(job, options.to, backupName(database, new Date()));
    const partial = join(unfinished, "dump");
    const source = { parameters, tools, path: partial };
    const { snapshot, captured, tablesRead, entries } = await dumpAndCapture(job, source, options);

    // A dump that lacks a table's data is not finished, whatever pg_dump's status says.
    const withData = entries.filter(({ text }) => text.startsWith("TABLE DATA ")).length;
    job.assertEqual("tables_with_data_in_dump", tablesRead, withData);
    if (withData !== tablesRead) throw incomplete(tablesRead, withData);

    const dump = await job.phase("checksum", () => describeDump(partial, stored, options));
    const manifest = makeManifest(captured, snapshot, {
      dump,
      pgDump: tools.version,
      enableRowSecurity: options.enableRowSecurity,
    });
    await job.phase("write", () => writeBackup(partial, stored, manifest));
    job.record({ backup: summarizeBackup(stored, manifest) });
    if (manifest.row_security_enabled) job.find(rowSecurityWarning);
  });
}

async function preflight(job: Job, options: BackupOptions) {
  await ensureDirectory(options.to);
  const { sql, parameters, server } = await connectToServer(job, options);
  const tools = await findClientTools(server.major, options.pgBin);
  job.record({ postgres: { server: server.version, pg_dump: tools.version, target: "named" } });
  await requireReadable(sql, options.enableRowSecurity ?? false);
  // Of a part nobody can say beforehand how large it is. And no size of a table: asking waits where it is locked.
  if (options.selection.length === 0) {
    const [{ bytes }] = await sql<{ bytes: string }[]>`SELECT pg_database_size(current_database()) AS bytes`;
    await requireRoom(options.to, Math.ceil(Number(bytes) * dumpPerDatabaseByte));
  }
  return { tools, parameters, database: parameters.database };
}

async function requireRoom(directory: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = Number(bavail) * Number(bsize);
  if (freeBytes >= neededBytes) return;
  throw new OperatorError(
    "DISK_FULL",
    `${directory} has ${freeBytes} bytes free, and the dump may need ${neededBytes} (a quarter of the database).`,
    { fix: "Make room, or name another directory; nothing was written." },
  );
}

/**
 * Claims a name that no other backup has: of two that begin in the same second, one gets `-2`. Making the directory is the
 * claim. pg_dump writes into it, and not beside it: should we be killed, and the directory removed, then a pg_dump that
 * lives a moment longer has no place to write to.
 */
async function claimName(
  job: Job,
  to: string,
  name: string,
): Promise<{ stored: Required<StoredBackup>; unfinished: string }> {
  const isThere = (path: string) => Deno.lstat(path).then(() => true, () => false);
  for (let place = 1;; place++) {
    const stored = storedAs(to, place === 1 ? name : `${name}-${place}`);
    const unfinished = `${stored.dumpPath}.partial`;
    if (await isThere(stored.dumpPath) || await isThere(unfinished)) continue;
    try {
      await job.acquire("the unfinished dump", () => makeWorkspaceAt(unfinished), (made) => made.close());
      return { stored, unfinished };
    } catch (error) {
      if (job.signal.aborted || !await isThere(unfinished)) throw error;
    }
  }
}

async function describeDump(partial: string, stored: StoredBackup, options: BackupOptions): Promise<Dump> {
  const name = `${stored.name}.dump`;
  const files: DumpFile[] = [];
  for (const below of await filesAt(partial)) {
    const { sizeBytes, sha256 } = await sumFile(join(partial, below));
    files.push({ path: below === "" ? name : join(name, below), size_bytes: sizeBytes, sha256 });
  }
  const header = await readArchiveHeader(partial);
  return { format: options.format, path: name, files, ...(header && { header }), selection: options.selection };
}

/** The manifest last, and nothing at all if it cannot be written: a dump without it is unfinished. */
async function writeBackup(partial: string, { dumpPath, manifestPath }: Required<StoredBackup>, manifest: Manifest) {
  await renameWhole(partial, dumpPath);
  try {
    await writeJson(manifestPath, manifest);
  } catch (error) {
    await Deno.remove(dumpPath, { recursive: true });
    throw error;
  }
}

function incomplete(expected: number, actual: number): OperatorError {
  return new OperatorError(
    "DUMP_INCOMPLETE",
    `The dump holds the rows of ${actual} tables, the database ${expected}.`,
    {
      fix: "See what pg_dump said; nothing of this backup is kept.",
      consequence: "fail",
    },
  );
}
