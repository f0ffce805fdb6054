import { open } from "node:fs/promises";
import { join } from "node:path";
import { filesAt } from "./checksums.ts";
import { run } from "./child_process.ts";
import { cannotMakeDirectory, cannotWriteFile } from "./findings.ts";
import { type OperatorError, reasonOf } from "./operator_error.ts";

/**
 * Makes a directory with mode 0700, and its parents, unless it is there already.
 *
 * @throws {OperatorError} `CANNOT_MAKE_DIRECTORY`
 */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotMakeDirectory.wanted.error({ path, reason: reasonOf(error) }, { cause: error });
  }
}

/**
 * Makes sure that files can be made in a directory, as far as that is known without making one.
 *
 * @throws {OperatorError} `CANNOT_MAKE_DIRECTORY`
 */
export async function requireWritable(path: string): Promise<void> {
  // The kernel is asked: Deno's own answer comes from the mode alone, and knows neither root nor groups.
  const { status } = await run("/bin/sh", ["-c", '[ -w "$1" ] && [ -x "$1" ]', "sh", path], { env: {} });
  if (status !== 0) throw cannotMakeDirectory.unwritable.error({ path, reason: "permission denied" });
}

/**
 * Writes a JSON file of mode 0600 so that it is there whole or not at all: a temporary name, synced, renamed.
 *
 * @throws {OperatorError} `CANNOT_WRITE_FILE`
 */
export function writeJson(path: string, document: unknown): Promise<void> {
  return writeText(path, JSON.stringify(document, null, 2) + "\n");
}

/**
 * The same for any text, or bytes.
 *
 * @param mode Whatever the umask says. @default {0o600}
 */
export async function writeText(path: string, text: string | Uint8Array, { mode = 0o600 } = {}): Promise<void> {
  const partial = partialPath(path);
  try {
    const file = await open(partial, "wx", 0o600); // O_EXCL: not through a link either
    try {
      await file.chmod(mode); // of this very file, whoever else may write into the directory
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw cannotWriteFile.error({ path, reason: reasonOf(error) }, { cause: error });
  }
}

/**
 * Where a file is written before it gets its name. It cannot be foreseen, so no link can be planted there: the directory may be
 * another account's.
 */
export function partialPath(path: string): string {
  return `${path}.${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}.partial`;
}

/** Gives a finished file or directory its final name, synced first. Both names must be on one file system. */
export async function renameWhole(from: string, to: string): Promise<void> {
  for (const below of await filesAt(from)) {
    using file = await Deno.open(join(from, below), { read: true });
    await file.sync();
  }
  await Deno.rename(from, to);
}

/** Whether there is a file of that name. */
export function isFile(path: string): Promise<boolean> {
  return Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

/**
 * Writes a file that is not there yet, whole or not at all, synced.
 *
 * @param exists What to say if something of that name is there; a link counts.
 * @throws {OperatorError} That, or `CANNOT_WRITE_FILE`.
 */
export async function writeNew(
  path: string,
  text: string,
  { mode, exists }: { mode: number; exists: () => OperatorError },
): Promise<void> {
  let isOurs = false;
  try {
    using file = await Deno.open(path, { write: true, createNew: true, mode });
    isOurs = true;
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) rest = rest.subarray(await file.write(rest));
    await file.sync();
  } catch (error) {
    if (isOurs) await Deno.remove(path).catch(() => {});
    if (error instanceof Deno.errors.AlreadyExists) throw exists();
    throw cannotWriteFile.error({ path, reason: reasonOf(error) }, { cause: error });
  }
}
