import { join } from "node:path";
import { reasonOf } from "../system/operator_error.ts";
import { shellWord } from "../system/shell_word.ts";
import { archiveUnreadable } from "./findings/sources.ts";
import type { ArchivedFile } from "./source.ts";
import { parseWalName, smallestSegmentBytes } from "./wal_name.ts";
import { saysUnread } from "./wal_fetcher.ts";

/** By the endings of files that archive_command compressed. */
const unpackers = { gz: "gzip -dc", lz4: "lz4 -dc", zst: "zstd -dcq", bz2: "bzip2 -dc", xz: "xz -dc" };

/**
 * The `restore_command` for a directory of WAL. A segment may be compressed; where it is missing, what a standby left of it
 * when it was promoted serves: the server then asks for nothing after it on that timeline.
 */
export function commandForDirectory(directory: string): string {
  const at = `f=${shellWord(directory).replaceAll("%", "%%")}/%f`;
  const packed = Object.entries(unpackers).map(([ending, unpack]) =>
    `elif [ -f "$f.${ending}" ]; then ${unpack} <"$f.${ending}" >"%p" || unread`
  );
  return `unread() { echo ${saysUnread.trim()}; exit 1; }; ${at}; if [ -f "$f" ]; then cp "$f" "%p" || unread; ` +
    `${packed.join("; ")}; elif [ -f "$f.partial" ]; then cp "$f.partial" "%p" && echo .partial; else exit 1; fi`;
}

/** Lists a directory of WAL. What is not WAL is left out. */
export async function* listArchive(directory: string): AsyncIterable<ArchivedFile> {
  try {
    for await (const { name, isFile, isSymlink } of Deno.readDir(directory)) {
      if (!(isFile || isSymlink) || !parseWalName(name, smallestSegmentBytes)) continue;
      const found = await Deno.stat(join(directory, name)).catch(() => undefined);
      if (!found?.isFile) continue; // it was removed meanwhile, or is a link to nothing
      yield { name, sizeBytes: found.size, modifiedAt: found.mtime ?? undefined };
    }
  } catch (error) {
    throw archiveUnreadable.error({ directory, reason: reasonOf(error) }, { cause: error });
  }
}
