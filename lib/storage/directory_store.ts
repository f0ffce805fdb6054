import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type FileSum, summed } from "../system/checksums.ts";
import { ensureDirectory, partialPath } from "../system/files.ts";
import { cannotWriteFile, diskFull } from "../system/findings.ts";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { openRegular } from "../system/regular_file.ts";
import { watchUnfinished } from "../system/workspace.ts";
import { requireSafeName } from "./backup_name.ts";
import { linkInStore, objectLocked, objectMissing, storeForbidden, storeUnreadable } from "./findings/stores.ts";
import { interruptible } from "./interruptible.ts";
import type { ListingOptions, ReadOptions, Store, StoredFile, StoreOptions } from "./store.ts";

/** A directory as a store; NFS and volumes too. It is made when something is written. */
export function openDirectory(address: string, options: Pick<StoreOptions, "signal"> = {}): Store {
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])]);
  const root = resolve(address);
  const pathOf = (name: string) => join(root, requireSafeName(name));
  const underWay = new Set<Promise<unknown>>();
  return {
    address,
    list: ({ prefix = "", deep = false } = {}) => listFiles(root, "", { prefix, deep }),
    stat: (name) => describe(root, name, pathOf(name)),
    read: (name, options) => ReadableStream.from(readFile(root, name, pathOf(name), signal, options)),
    write(name, body, { signal: own } = {}) {
      const written = writeFile(root, name, pathOf(name), body, own ? AbortSignal.any([signal, own]) : signal);
      underWay.add(written);
      return written.finally(() => underWay.delete(written));
    },
    claim: (name, content) => claimFile(root, name, pathOf(name), content),
    async remove(name) {
      const path = pathOf(name);
      await requireNoLinkAbove(root, name);
      try {
        await Deno.remove(path); // of a link, the link
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw cannotRemove(path, error as Error);
      }
      // The directory of a dump in directory format, with its last file gone.
      if (name.includes("/")) await Deno.remove(dirname(path)).catch(() => {});
      return "removed";
    },
    async removeFolder(name) {
      const path = pathOf(name);
      try {
        await Deno.remove(path, { recursive: true }); // it follows no link, also not one that is put there meanwhile
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw cannotRemove(path, error as Error);
      }
    },
    localPath: pathOf,
    async close() {
      closing.abort(new DOMException("The store was closed.", "AbortError"));
      await Promise.allSettled(underWay);
    },
  };
}

/**
 * Unless asked, looks into dumps in directory format and no other directory: the store may lie among other things. What is
 * a link is left out: whoever may write into the store must not lead us to files that only we may read or remove.
 */
async function* listFiles(
  root: string,
  below: string,
  { prefix, deep }: Required<ListingOptions>,
): AsyncGenerator<StoredFile> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(join(root, below)));
  } catch (error) {
    if (below !== "" && error instanceof Deno.errors.NotFound) return;
    throw storeUnreadable.directory.error({ path: join(root, below), reason: reasonOf(error) }, { cause: error });
  }
  const wanted = entries.map(({ name }) => join(below, name))
    .filter((name) => name.startsWith(prefix) || prefix.startsWith(`${name}/`));
  for (let i = 0; i < wanted.length; i += 64) {
    const stats = await Promise.all(
      wanted.slice(i, i + 64).map(async (name) => ({
        name,
        stat: await Deno.lstat(join(root, name)).catch(() => undefined), // gone meanwhile
      })),
    );
    for (const { name, stat } of stats) {
      const isWanted = deep || (below === "" && name.endsWith(".dump"));
      if (stat?.isFile) yield described(name, stat);
      else if (stat?.isDirectory && isWanted) yield* listFiles(root, name, { prefix, deep });
    }
  }
}

async function describe(root: string, name: string, path: string): Promise<StoredFile | undefined> {
  try {
    await requireNoLinkAbove(root, name);
    const stat = await Deno.lstat(path);
    return stat.isFile ? described(name, stat) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error instanceof OperatorError ? error : cannotRead(path, error as Error);
  }
}

/**
 * Makes sure that the directories between the store's root and a file are directories. The root itself may be a link: the
 * operator named it.
 *
 * @throws {OperatorError} `LINK_IN_STORE`
 */
async function requireNoLinkAbove(root: string, name: string): Promise<void> {
  const parts = name.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const path = join(root, ...parts.slice(0, depth));
    const stat = await Deno.lstat(path).catch(() => undefined); // what is not there is no link
    if (stat?.isSymlink) throw linkInStore.error({ path });
  }
}

function described(name: string, { size, mtime, ctime }: Deno.FileInfo): StoredFile {
  return { name, sizeBytes: size, modifiedAt: mtime!, ...(ctime && { changedAt: ctime }) };
}

/** Opens a regular file, and nothing that a link, a pipe or a device leads to, also where one takes its place just now. */
async function openFile(root: string, name: string, path: string): Promise<FileHandle> {
  await requireNoLinkAbove(root, name);
  const found = await Deno.lstat(path);
  if (found.isSymlink) throw linkInStore.error({ path });
  if (!found.isFile) throw new Error("it is not a regular file");
  return await openRegular(path, { followLinks: false });
}

async function* readFile(
  root: string,
  name: string,
  path: string,
  signal: AbortSignal,
  { offset = 0, length = Infinity }: ReadOptions = {},
) {
  const file = await openFile(root, name, path).catch((error: Error) => {
    if (error instanceof OperatorError) throw error;
    throw error instanceof Deno.errors.NotFound ? objectMissing.file.error({ path }) : cannotRead(path, error);
  });
  await using _ = file;
  let at = offset;
  for (let left = length; left > 0;) {
    signal.throwIfAborted();
    const chunk = new Uint8Array(Math.min(256 * 1024, left));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at).catch((error: Error) => {
      throw cannotRead(path, error);
    });
    if (bytesRead === 0) return;
    at += bytesRead;
    left -= bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

async function writeFile(
  root: string,
  name: string,
  path: string,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<FileSum> {
  await requireNoLinkAbove(root, name);
  await ensureDirectory(dirname(path));
  const partial = partialPath(path);
  const watch = await watchUnfinished(partial);
  const source = summed(interruptible(body, { signal }));
  try {
    const onDisk = <T>(work: Promise<T>) => work.catch((error: Error) => Promise.reject(cannotWrite(path, error)));
    using file = await onDisk(Deno.open(partial, { write: true, createNew: true, mode: 0o600 }));
    for await (const chunk of source.body) {
      for (let rest: Uint8Array = chunk; rest.length > 0;) rest = rest.subarray(await onDisk(file.write(rest)));
    }
    await onDisk(file.sync());
    const sum = source.sum();
    const { size } = await onDisk(file.stat());
    if (size !== sum.sizeBytes) throw cannotWrite(path, new Error(`it holds ${size} of ${sum.sizeBytes} bytes`));
    await onDisk(Deno.rename(partial, path));
    await syncDirectory(dirname(path));
    return sum;
  } finally {
    await watch.close();
  }
}

/** Linking, unlike renaming, replaces nothing: not even a file that was made an instant before. */
async function claimFile(
  root: string,
  name: string,
  path: string,
  content: Uint8Array,
): Promise<"claimed" | "taken"> {
  await requireNoLinkAbove(root, name);
  await ensureDirectory(dirname(path));
  const partial = partialPath(path);
  const watch = await watchUnfinished(partial);
  try {
    await Deno.writeFile(partial, content, { createNew: true, mode: 0o600 });
    using file = await Deno.open(partial, { read: true });
    await file.sync();
    await Deno.link(partial, path);
    await syncDirectory(dirname(path));
    return "claimed";
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return "taken";
    throw cannotWrite(path, error as Error);
  } finally {
    await watch.close();
  }
}

/** So that the name, too, is there after a power cut. Some network file systems cannot. */
async function syncDirectory(path: string): Promise<void> {
  try {
    // A pipe in its place would never be opened.
    await using directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK);
    await directory.sync();
  } catch {
    // The bytes are synced; the name follows within seconds.
  }
}

function cannotRead(path: string, error: Error): OperatorError {
  return storeUnreadable.file.error({ path, reason: reasonOf(error) }, { cause: error });
}

/** What to tell the operator when a file cannot be written. */
export function cannotWrite(path: string, error: Error): OperatorError {
  const isFull = /os error (28|122)\b/.test(error.message); // ENOSPC, EDQUOT
  return (isFull ? diskFull.writing : cannotWriteFile).error({ path, reason: reasonOf(error) }, { cause: error });
}

/** `chattr +i` and snapshots' read-only copies say EPERM where missing rights on the directory say EACCES. */
function cannotRemove(path: string, error: Error): OperatorError {
  const isLocked = /os error 1\b/.test(error.message);
  const facts = { path, reason: reasonOf(error) };
  return (isLocked ? objectLocked.file : storeForbidden.removing).error(facts, { cause: error });
}
