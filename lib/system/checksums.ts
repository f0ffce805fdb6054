import { createHash } from "node:crypto";
import { join } from "node:path";
import { type OpenRegularOptions, readRegular } from "./regular_file.ts";

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
export async function sumFile(
  path: string,
  onRead?: (bytes: number) => void,
  options?: OpenRegularOptions,
): Promise<FileSum> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of readRegular(path, options)) {
    hash.update(piece);
    sizeBytes += piece.length;
    onRead?.(piece.length);
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

/** How many bytes the files have that are, or lie below, a path. */
export async function sizeOf(path: string): Promise<number> {
  let bytes = 0;
  for (const below of await filesAt(path)) bytes += (await (below ? Deno.lstat : Deno.stat)(join(path, below))).size;
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

/** Bytes that are hashed as they pass. */
interface Summed {
  body: AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** Of what has passed so far. Call it once. */
  sum(): FileSum;
}

/**
 * Counts and hashes bytes on their way.
 *
 * @param onPassed Told how many bytes each piece has.
 */
export function summed(body: AsyncIterable<Uint8Array>, onPassed?: (bytes: number) => void): Summed {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  return {
    body: (async function* () {
      for await (const chunk of body) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        onPassed?.(chunk.length);
        yield chunk as Uint8Array<ArrayBuffer>;
      }
    })(),
    sum: () => ({ sizeBytes, sha256: hash.digest("hex") }),
  };
}
