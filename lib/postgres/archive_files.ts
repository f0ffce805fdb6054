import { join } from "node:path";
import { openRegular } from "../system/regular_file.ts";
import { type ArchiveContents, readArchive } from "./archive_contents.ts";
import { dumpReadsElsewhere } from "./findings/dumps.ts";

/**
 * Makes sure that a dump in directory format is read from its own files and from nothing else: pg_restore takes the names
 * in its table of contents as they are, and follows links.
 *
 * @throws {OperatorError} `DUMP_READS_ELSEWHERE`, `NOT_A_FILE`.
 */
export async function requireOwnFiles(directory: string): Promise<ArchiveContents | undefined> {
  for await (const { name } of Deno.readDir(directory)) {
    const stat = await Deno.lstat(join(directory, name));
    if (stat.isFile) continue;
    const what = stat.isSymlink ? "a link" : stat.isDirectory ? "a directory" : "a pipe, socket or device";
    throw dumpReadsElsewhere.notAFile.error({ path: join(directory, name), what });
  }
  const contents = await readArchive(directory);
  // Older versions of pg_restore read one list of large objects, newer ones several.
  const lists = ["blobs.toc"];
  for (const { kind, file } of contents?.entries ?? []) {
    if (file === undefined) continue;
    requireOwnName(file, directory);
    if (kind === "BLOBS") lists.push(file);
  }
  for (const list of new Set(lists)) await requireOwnLargeObjects(directory, list);
  return contents;
}

/** Lines of OID and file name. */
async function requireOwnLargeObjects(directory: string, list: string): Promise<void> {
  const handle = await openRegular(join(directory, list), { followLinks: false }).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (!handle) {
    for (const suffix of ["gz", "lz4", "zst"]) {
      const packed = `${list}.${suffix}`;
      if (!await Deno.lstat(join(directory, packed)).then(() => true, () => false)) continue;
      throw dumpReadsElsewhere.packedList.error({ path: join(directory, packed) });
    }
    return;
  }
  try {
    for await (const line of handle.readLines({ encoding: "latin1" })) {
      const file = /^\d+ (.*)$/.exec(line)?.[1];
      if (file !== undefined) requireOwnName(file, directory);
    }
  } finally {
    await handle.close();
  }
}

function requireOwnName(file: string, directory: string): void {
  if (!/[/\\\0]/.test(file) && file !== "." && file !== "..") return;
  throw dumpReadsElsewhere.rows.error({ directory, file });
}
