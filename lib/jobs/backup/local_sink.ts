import { requireRoom } from "../../system/free_space.ts";
import { dirname, join } from "node:path";
import type { DumpFile } from "../../manifest/manifest.ts";
import type { CompressionMethod } from "../../postgres/compression.ts";
import { readArchiveHeader } from "../../postgres/archive_header.ts";
import { dumpDatabase } from "../../postgres/pg_dump.ts";
import { storedAs } from "../../storage/stored_backup.ts";
import { signatureSuffix } from "../../evidence/signature.ts";
import { filesAt, sizeOf, sumFile } from "../../system/checksums.ts";
import { ensureDirectory, renameWhole, requireWritable, writeText } from "../../system/files.ts";
import { countingBytes } from "../../system/amount.ts";
import type { Job } from "../../run/job.ts";
import { claimNameInDirectory } from "./claim_name.ts";
import type { DumpSink, SinkOptions } from "./dump_sink.ts";
import { diskFull } from "../../system/findings.ts";

/**
 * Into a directory: pg_dump writes into `NAME.dump.partial` itself, which is hashed and renamed when it is whole. Only in a
 * file can pg_dump go back and note where each table's data begins, which a parallel restore needs to be quick.
 */
export async function openLocalSink(job: Job, name: string, { to, format, jobs }: SinkOptions): Promise<DumpSink> {
  await ensureDirectory(to);
  const { name: claimed, unfinished } = await claimNameInDirectory(job, to, name);
  const stored = storedAs(to, claimed);
  const { dumpPath, manifestPath } = stored;
  const signaturePath = manifestPath + signatureSuffix;
  const partial = join(unfinished, "dump");
  const parts: string[] = [];
  const partPath = (suffix: string) => join(dirname(dumpPath), stored.name + suffix);
  return {
    stored,
    listable: partial,
    dump: (parameters, options) => dumpDatabase(parameters, partial, { jobs, ...options, format }),
    discard: () => Deno.remove(partial, { recursive: true }).catch(() => {}),
    async finish(measure) {
      const files: DumpFile[] = [];
      const onRead = countingBytes(measure, await sizeOf(partial));
      for (const below of await filesAt(partial)) {
        const { sizeBytes, sha256 } = await sumFile(join(partial, below), onRead);
        files.push({ path: join(`${stored.name}.dump`, below), size_bytes: sizeBytes, sha256 });
      }
      return { files, header: await readArchiveHeader(partial) };
    },
    async addPart(suffix, content) {
      const path = join(unfinished, suffix.slice(1));
      await writeText(path, content);
      if (!parts.includes(suffix)) parts.push(suffix);
      const { sizeBytes, sha256 } = await sumFile(path);
      return { path: stored.name + suffix, size_bytes: sizeBytes, sha256 };
    },
    /** Nothing at all stays if the manifest cannot be written: a dump without it is unfinished. */
    async publish(manifest, signature) {
      await renameWhole(partial, dumpPath);
      try {
        for (const suffix of parts) await renameWhole(join(unfinished, suffix.slice(1)), partPath(suffix));
        if (signature !== undefined) await writeText(signaturePath, signature);
        await writeText(manifestPath, manifest);
      } catch (error) {
        await Deno.remove(signaturePath).catch(() => {});
        for (const suffix of parts) await Deno.remove(partPath(suffix)).catch(() => {}); // it may not be there yet
        await Deno.remove(dumpPath, { recursive: true });
        throw error;
      }
    },
    async withdraw() {
      await Deno.remove(manifestPath);
      await Deno.remove(signaturePath).catch(() => {}); // there may be none
      for (const suffix of parts) await Deno.remove(partPath(suffix));
      await Deno.remove(dumpPath, { recursive: true });
    },
  };
}

/**
 * Makes sure that a directory can be written to, and has room for a dump of a database. It is made if it is not there.
 *
 * @throws {OperatorError} `DISK_FULL`, `CANNOT_MAKE_DIRECTORY`
 */
export async function requireRoomForDump(
  directory: string,
  databaseSizeBytes: number,
  method?: CompressionMethod,
): Promise<void> {
  await ensureDirectory(directory);
  await requireWritable(directory);
  await requireRoom(directory, Math.ceil(databaseSizeBytes * dumpPerDatabaseByte(method)), diskFull.beforeDump);
}

/** As a rule: indexes are not in a dump. */
function dumpPerDatabaseByte(method?: CompressionMethod): number {
  return method === "none" ? 0.8 : 0.25;
}
