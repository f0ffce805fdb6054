import { Buffer } from "node:buffer";
import { join } from "node:path";
import { dumpUnreadable } from "../system/findings.ts";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { openRegular } from "../system/regular_file.ts";
import { dumpEmpty, dumpIsPhysical, dumpPacked, type NoDump, notADump } from "./findings/dumps.ts";
import { textFormOf } from "./plain/dump_text.ts";

/** What pg_restore or we ourselves restore. */
export type DumpFormat = "custom" | "directory" | "tar" | "plain";

/** What something else is packed in. */
export type Packing = "gzip" | "zstd" | "bzip2" | "xz" | "lz4" | "zip";

const packings: [Packing, number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/** Ways to store a dump that are not undone here. */
const others: [what: string, head: RegExp][] = [
  ["encrypted with openssl", /^(?:Salted__|U2FsdGVkX1)/],
  ["encrypted with age", /^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----)/],
  ["encrypted with PGP", /^(?:-----BEGIN PGP MESSAGE-----|[\x84\x85\x8c])/],
  ["encoded as base64", /^(?:[A-Za-z0-9+/]{64}\r?\n|[A-Za-z0-9+/]{76}\r?\n)/],
  ["packed by 7-Zip", /^7z\xbc\xaf/],
  ["packed by RAR", /^Rar!/],
  ["packed by lzip", /^LZIP/],
  ["packed by lzop", /^\x89LZO/],
];

/**
 * Tells how a dump is written, by its first bytes.
 *
 * @param shown How errors call it. @default {path}
 * @throws {OperatorError} `DUMP_UNREADABLE`, `NOT_A_FILE`, `DUMP_PACKED`, `DUMP_IS_PHYSICAL`; `DUMP_EMPTY`, `NOT_A_DUMP`,
 *   whose consequence is `fail`.
 */
export async function detectDumpFormat(path: string, shown = path): Promise<DumpFormat | Packing> {
  const found = await recognizeDump(path, shown);
  if (typeof found === "string") return found;
  throw notADump.atAll.error({ path: shown, ...found });
}

/** The same; what is not a dump is returned as what it is instead. */
export async function recognizeDump(path: string, shown = path): Promise<DumpFormat | Packing | { is: NoDump }> {
  const head = await readHead(path, shown);
  if (head === "directory") {
    const has = (name: string) => Deno.lstat(join(path, name)).then(() => true, () => false);
    if (await has("toc.dat")) return "directory";
    if (await has("PG_VERSION") || await has("base.tar") || await has("base.tar.gz")) {
      throw dumpIsPhysical.error({ path: shown });
    }
    return { is: "a directory without toc.dat" };
  }
  if (head.length === 0) throw dumpEmpty.error({ path: shown });
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("PGDMP")) return "custom";
  if (text.slice(257, 262) === "ustar" || text.startsWith("toc.dat\0")) return "tar";
  for (const [packing, magic] of packings) if (magic.every((byte, at) => head[at] === byte)) return packing;
  if (textFormOf(head) !== "bytes") return "plain";
  const other = others.find(([, pattern]) => pattern.test(text))?.[0];
  if (other !== undefined) throw dumpPacked.unknownly.error({ path: shown, packing: other });
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) return { is: "a web page" };
  if (/^\s*[{[]/.test(text)) return { is: "JSON" };
  if (/^(?:pg_dump|pg_dumpall|psql|bash|sh): (?:\S+: )*(?:error|fatal|command not found)/.test(text)) {
    return { is: "an error message" };
  }
  if (text.includes("\0")) return { is: "another binary file" };
  if ("PGDMP".startsWith(text)) return { is: "cut short" };
  return "plain";
}

async function readHead(path: string, shown: string): Promise<Uint8Array | "directory"> {
  try {
    if ((await Deno.stat(path)).isDirectory) return "directory";
    const file = await openRegular(path);
    try {
      const head = new Uint8Array(512);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw dumpUnreadable.file.error({ path: shown, reason: reasonOf(error) }, { cause: error });
  }
}
