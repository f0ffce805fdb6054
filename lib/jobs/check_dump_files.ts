import { dirname, join } from "node:path";
import type { Manifest } from "../manifest/manifest.ts";
import { sumFile } from "../system/checksums.ts";
import { OperatorError } from "../system/operator_error.ts";
import type { Finding } from "../verdict/verdict.ts";
import type { StoredBackup } from "../storage/directory_store.ts";

/**
 * Compares every file of a dump with size and hash in its manifest.
 *
 * @param withHash Whether to read the files at all, or look at their sizes only.
 * @returns What is not as it was written.
 */
export async function checkDumpFiles(
  { dumpPath }: StoredBackup,
  { dump }: Manifest,
  withHash: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const expected of dump?.files ?? []) {
    // The dump may have been copied under another name: only what lies below it counts.
    const below = expected.path.slice(dump!.path.length);
    const path = below === "" ? dumpPath : join(dumpPath, below);
    const found = await measure(path, withHash);
    if (!found) findings.push(missing(path));
    else if (found.sizeBytes < expected.size_bytes) {
      findings.push(truncated(path, expected.size_bytes, found.sizeBytes));
    } else if (found.sizeBytes > expected.size_bytes || (withHash && found.sha256 !== expected.sha256)) {
      findings.push(altered(path, expected, { size_bytes: found.sizeBytes, sha256: found.sha256 }));
    }
  }
  return findings;
}

async function measure(path: string, withHash: boolean): Promise<{ sizeBytes: number; sha256?: string } | undefined> {
  try {
    return withHash ? await sumFile(path) : { sizeBytes: (await Deno.stat(path)).size };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new OperatorError("DUMP_UNREADABLE", `Cannot read ${path}: ${(error as Error).message}.`, {
      fix: `Check the permissions of ${path} and of ${dirname(path)}.`,
      cause: error,
    });
  }
}

function missing(path: string): Finding {
  return {
    code: "DUMP_FILE_MISSING",
    message: `${path} is missing, and the manifest names it.`,
    fix: "The backup was copied in part: fetch it again, or use another one.",
    object: path,
  };
}

function truncated(path: string, expected: number, actual: number): Finding {
  return {
    code: "DUMP_TRUNCATED",
    message: `${path} is cut short: ${actual} of ${expected} bytes.`,
    fix: "The backup was copied in part, or the disk was full: fetch it again, or use another one.",
    object: path,
    expected,
    actual,
  };
}

function altered(path: string, expected: unknown, actual: unknown): Finding {
  return {
    code: "DUMP_ALTERED",
    message: `${path} is not the file that the manifest describes.`,
    fix: "It was damaged or replaced, or the manifest is another backup's: use a backup whose dump and manifest match.",
    object: path,
    expected,
    actual,
  };
}
