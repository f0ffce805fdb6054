import { dirname, join } from "node:path";
import { partsOf } from "../manifest/backup_parts.ts";
import type { Dump, Manifest } from "../manifest/manifest.ts";
import { type ArchiveHeader, readArchiveHeader } from "../postgres/archive_header.ts";
import { recognizeDump } from "../postgres/dump_format.ts";
import { notADump } from "../postgres/findings/dumps.ts";
import { dumpAltered, dumpFileMissing, partMissing } from "../storage/findings/dump_files.ts";
import type { StoredBackup } from "../storage/stored_backup.ts";
import { countingBytes, type Measure } from "../system/amount.ts";
import { sumFile } from "../system/checksums.ts";
import { dumpTruncated, dumpUnreadable } from "../system/findings.ts";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import type { Finding } from "../verdict/verdict.ts";
import { manifestMismatch } from "./findings.ts";

/**
 * Compares every file of a dump with size and hash in its manifest.
 *
 * @param withHash Whether to read the files at all, or look at their sizes only.
 * @returns What is not as it was written.
 */
export async function checkDumpFiles(
  { name, dumpPath }: StoredBackup,
  manifest: Manifest,
  withHash: boolean,
  measure?: Measure,
): Promise<Finding[]> {
  const { dump } = manifest;
  const findings: Finding[] = [];
  // The dump may have been copied under another name: only what lies below it counts.
  const ofDump = (dump?.files ?? []).map((expected) => {
    const below = expected.path.slice(dump!.path.length);
    return {
      expected,
      path: below === "" ? dumpPath : join(dumpPath, below),
      followLinks: below === "",
      isPart: false,
    };
  });
  const parts = partsOf(manifest)
    .map(({ file, suffix }) => ({
      expected: file,
      path: join(dirname(dumpPath), name + suffix),
      followLinks: false,
      isPart: true,
    }));
  const all = [...ofDump, ...parts];
  const onRead = countingBytes(measure, all.reduce((sum, { expected }) => sum + expected.size_bytes, 0));
  for (const { expected, path, followLinks, isPart } of all) {
    const found = await weigh(path, withHash, onRead, followLinks);
    if (!found) findings.push(isPart ? partMissing({ path }) : dumpFileMissing.here({ path }));
    else if (found.sizeBytes < expected.size_bytes) {
      findings.push(dumpTruncated.file({ path, expected: expected.size_bytes, actual: found.sizeBytes }));
    } else if (found.sizeBytes > expected.size_bytes || (withHash && found.sha256 !== expected.sha256)) {
      findings.push(
        dumpAltered.file({ path, expected, actual: { size_bytes: found.sizeBytes, sha256: found.sha256 } }),
      );
    }
  }
  if (findings.length === 0) return [];
  const found = await readArchiveHeader(dumpPath);
  if (found && dump?.header && isOther(dump.header, found)) {
    return [manifestMismatch({ path: dumpPath, expected: dump.header, actual: found })];
  }
  const nature = await otherNature(dumpPath, dump!.format);
  return nature ? [nature] : findings;
}

/** A web page or SQL in the dump's place explains more than that its size is wrong. */
async function otherNature(path: string, expected: Dump["format"]): Promise<Finding | undefined> {
  const found = await recognizeDump(path).catch(() => undefined);
  if (found === undefined || found === expected) return undefined;
  if (typeof found === "string") return notADump.anotherFormat({ path, format: found, expected });
  // What is missing says more.
  if (found.is === "cut short" || found.is === "a directory without toc.dat") return undefined;
  return notADump.atAll({ path, is: found.is, object: path });
}

function isOther(expected: ArchiveHeader, found: ArchiveHeader): boolean {
  return expected.created_at !== found.created_at || expected.database !== found.database;
}

async function weigh(
  path: string,
  withHash: boolean,
  onRead: ((bytes: number) => void) | undefined,
  followLinks: boolean,
): Promise<{ sizeBytes: number; sha256?: string } | undefined> {
  try {
    return withHash ? await sumFile(path, onRead, { followLinks }) : { sizeBytes: (await Deno.stat(path)).size };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof OperatorError) throw error;
    throw dumpUnreadable.file.error({ path, reason: reasonOf(error), directory: dirname(path) }, { cause: error });
  }
}
