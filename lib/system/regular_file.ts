import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { notAFile } from "./findings.ts";

const chunkSizeBytes = 1024 * 1024;
const largestTextLength = 256 * 1024 * 1024;

/** How {@linkcode openRegular} opens. */
export interface OpenRegularOptions {
  /**
   * Whether a link is followed: only where the operator named this very path.
   * @default {true}
   */
  followLinks?: boolean;
}

/**
 * Opens a file for reading, and makes sure that it is one: a FIFO would hang whoever opens it, a device need not end.
 *
 * What was opened was looked at, not the name: it may lead elsewhere by then.
 *
 * @throws {OperatorError} `NOT_A_FILE`; `Deno.errors.NotFound`, and what else opening throws.
 */
export async function openRegular(path: string, { followLinks = true }: OpenRegularOptions = {}): Promise<FileHandle> {
  // O_NOFOLLOW would not do: where its permissions are limited, Deno follows links itself before it opens.
  const refuse = (error: NodeJS.ErrnoException): never => {
    if (error.code === "ENXIO") throw notAFile.error({ path, what: "a socket" });
    if (error.code === "ENOENT") throw new Deno.errors.NotFound(error.message, { cause: error });
    if (error.code === "ENOTDIR") throw new Deno.errors.NotADirectory(error.message, { cause: error });
    throw error;
  };
  const named = followLinks ? undefined : await lstat(path).catch(refuse);
  if (named?.isSymbolicLink()) throw notAFile.error({ path, what: "a link" });
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(refuse);
  try {
    const stat = await file.stat();
    if (named && (stat.ino !== named.ino || stat.dev !== named.dev)) {
      throw notAFile.error({ path, what: "another one by now" });
    }
    if (stat.isFile()) return file;
    if (stat.isDirectory()) throw notAFile.error({ path, what: "a directory" });
    throw notAFile.error({ path, what: stat.isFIFO() ? "a FIFO" : stat.isSocket() ? "a socket" : "a device" });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a regular file, piece by piece; each piece is good until the next is asked for. */
export async function* readRegular(path: string, options?: OpenRegularOptions): AsyncGenerator<Uint8Array, void> {
  const file = await openRegular(path, options);
  try {
    for (;;) {
      const buffer = new Uint8Array(chunkSizeBytes);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Reads a regular file at once. */
export async function readRegularBytes(path: string, options?: OpenRegularOptions): Promise<Uint8Array> {
  return await new Response(ReadableStream.from(readRegular(path, options))).bytes();
}

/**
 * Reads a small regular file at once.
 *
 * @throws As {@linkcode openRegular}; an `Error` if it is larger than 256 MiB.
 */
export async function readRegularText(path: string, options?: OpenRegularOptions): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of readRegular(path, options)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > largestTextLength) throw new Error("it has more than 256 MiB");
  }
  return text + decoder.decode();
}

/**
 * Appends to a regular file, which is made with mode 0600 where there is none. It goes through no link, and waits for no
 * FIFO's reader.
 *
 * @throws {Error} Where it is not a regular file; and what opening and writing throw.
 */
export async function appendRegular(path: string, text: string): Promise<void> {
  const named = await lstat(path).catch(() => undefined);
  if (named && !named.isFile()) throw new Error("it is not a regular file, or was exchanged meanwhile");
  const { O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_WRONLY } = constants;
  const file = await open(path, O_WRONLY | O_APPEND | O_NONBLOCK | (named ? 0 : O_CREAT | O_EXCL), 0o600);
  try {
    const { ino, dev } = await file.stat();
    if (named && (ino !== named.ino || dev !== named.dev)) {
      throw new Error("it is not a regular file, or was exchanged meanwhile");
    }
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
