import type { Finding } from "../verdict/verdict.ts";

// What is wrong with a file of a dump, whether it lies in a directory or was just fetched.

export function missingFile(path: string): Finding {
  return {
    code: "DUMP_FILE_MISSING",
    message: `${path} is missing, and the manifest names it.`,
    fix: "The backup was copied in part: fetch it again, or use another one.",
    object: path,
  };
}

export function truncatedFile(path: string, expected: number, actual: number): Finding {
  return {
    code: "DUMP_TRUNCATED",
    message: `${path} is cut short: ${actual} of ${expected} bytes.`,
    fix: "The backup was copied in part, or the disk was full: fetch it again, or use another one.",
    object: path,
    expected,
    actual,
  };
}

export function alteredFile(path: string, expected: unknown, actual: unknown): Finding {
  return {
    code: "DUMP_ALTERED",
    message: `${path} is not the file that the manifest describes.`,
    fix: "It was damaged or replaced, or the manifest is another backup's: use a backup whose dump and manifest match.",
    object: path,
    expected,
    actual,
  };
}
