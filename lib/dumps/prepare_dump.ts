import { join } from "node:path";
import { type ArchiveContents, readArchive } from "../postgres/archive_contents.ts";
import { requireOwnFiles } from "../postgres/archive_files.ts";
import { type CompressionMethod, readCompressionMethod } from "../postgres/compression.ts";
import { detectDumpFormat, type DumpFormat } from "../postgres/dump_format.ts";
import { dumpPacked } from "../postgres/findings/dumps.ts";
import { readDumpText } from "../postgres/plain/dump_text.ts";
import { type SqlDumpSurvey, surveySqlDump } from "../postgres/plain/survey_sql_dump.ts";
import { acquireWorkspace, type Job } from "../run/job.ts";
import { filesAt } from "../system/checksums.ts";
import { run } from "../system/child_process.ts";
import { diskFull, dumpUnreadable } from "../system/findings.ts";
import { reasonForDistrust } from "../system/trusted_path.ts";
import { unpackDump, untarDump } from "./unpack_dump.ts";

/** A dump that was looked at, and not run. */
export interface PreparedDump {
  /** As the operator named it. */
  shown: string;
  /** Where it can be read: unpacked, if it was packed. */
  path: string;
  format: DumpFormat;
  /** Of a plain dump. */
  survey?: SqlDumpSurvey;
  /** How an archive's rows are compressed. */
  compression?: CompressionMethod;
  /** Of an archive, unless it is damaged. */
  contents?: ArchiveContents;
}

/** Packed in how much: `x.tar.gz` is twice. */
const mostLayers = 4;

/**
 * Unpacks a dump if need be, tells its format, and reads what it is and needs, for as long as the job lasts. Nothing of it
 * is run, and nothing outside of it is read.
 *
 * @throws {OperatorError} What `detectDumpFormat`, `unpackDump`, `surveySqlDump` and `requireOwnFiles` throw.
 */
export async function prepareDump(job: Job, path: string, shown = path, layer = 0): Promise<PreparedDump> {
  const format = await detectDumpFormat(path, shown);
  const unpacking = { job, shown };
  switch (format) {
    case "plain":
      return { shown, path, format, survey: await surveySqlDump({ path: shown, read: () => readDumpText(path) }) };
    case "directory": {
      const own = await keepToOurselves(job, path, shown);
      const contents = await requireOwnFiles(own);
      return { shown, path: own, format, contents, compression: await readCompressionMethod(own) };
    }
    case "custom":
      return { shown, path, format, contents: await readArchive(path), compression: await readCompressionMethod(path) };
    case "tar": {
      const unpacked = await untarDump(path, await makeRoom(job), unpacking);
      if (unpacked === undefined) {
        return { shown, path, format, contents: await readArchive(path) };
      }
      return await prepareDump(job, unpacked, shown, nextLayer(layer, shown));
    }
    default:
      return await prepareDump(
        job,
        await unpackDump(path, format, await makeRoom(job), unpacking),
        shown,
        nextLayer(layer, shown),
      );
  }
}

/**
 * A directory as it is when it is looked at: pg_restore opens its files by name, and another account could put a link there
 * meanwhile.
 */
async function keepToOurselves(job: Job, path: string, shown: string): Promise<string> {
  if (await isOursAlone(path)) return path;
  await requireOwnFiles(path); // a pipe is not copied, and its name said
  const room = await makeRoom(job);
  await copyDirectory(path, room, shown, job.signal);
  return room;
}

async function makeRoom(job: Job): Promise<string> {
  const { path } = await acquireWorkspace(job);
  const room = join(path, "unpacked");
  await Deno.mkdir(room, { mode: 0o700 });
  return room;
}

function nextLayer(layer: number, shown: string): number {
  if (layer < mostLayers) return layer + 1;
  throw dumpPacked.tooOften.error({ path: shown, layers: mostLayers });
}

/** Whether only this account and root can exchange a file, or one in a directory, after it was looked at. */
async function isOursAlone(path: string): Promise<boolean> {
  for (const below of await filesAt(path)) {
    if (await reasonForDistrust(join(path, below)) !== undefined) return false;
  }
  return true;
}

/**
 * Copies a directory that another account may change meanwhile into an empty one of ours. Links and pipes are copied as what
 * they are: look at the copy before you read it.
 *
 * @throws {OperatorError} `DISK_FULL`, `DUMP_UNREADABLE`
 */
async function copyDirectory(from: string, to: string, shown: string, signal: AbortSignal): Promise<void> {
  // From inside: the name may lead elsewhere by then, and the directory that was entered does not.
  const copy = 'cd -P -- "$1" && exec cp -RP -- . "$2"';
  const { status, stderr } = await run("/bin/sh", ["-c", copy, "sh", from, to], { env: { LC_ALL: "C" }, signal });
  if (status === 0) return;
  const reason = stderr.trim().split("\n")[0].replace(/\.$/, "");
  throw /No space left|quota exceeded/i.test(reason)
    ? diskFull.copyingDump.error({ path: shown, reason })
    : dumpUnreadable.copying.error({ path: shown, reason });
}
