import { createHash } from "node:crypto";
import { join } from "node:path";

/** A file's size and hash. */
export interface FileSum {
  sizeBytes: number;
  /** 64 lower-case hex digits. */
  sha256: string;
}

/**
 * Hashes a file, streaming.
 *
 * @param onRead Told how many bytes each piece has.
 */
export async function sumFile(path: string, onRead?: (bytes: number) => void): Promise<FileSum> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(1024 * 1024);
  for (let length; (length = await file.read(buffer)) !== null;) {
    hash.update(buffer.subarray(0, length));
    sizeBytes += length;
    onRead?.(length);
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

/** How many bytes the files have that are, or lie below, a path. */
export async function sizeOf(path: string): Promise<number> {
  let bytes = 0;
  for (const below of await filesAt(path)) bytes += (await Deno.stat(join(path, below))).size;
  return bytes;
}

/** Names every file that is, or lies below, a path: relative to it, sorted; the path itself as `""`. */
export async function filesAt(path: string): Promise<string[]> {
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) return [""];
  const names: string[] = [];
  for await (const entry of Deno.readDir(path)) {
    const below = entry.isDirectory ? await filesAt(join(path, entry.name)) : [""];
    names.push(...below.map((name) => join(entry.name, name)));
  }
  return names.sort();
}
