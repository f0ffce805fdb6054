import { join } from "node:path";
import { OperatorError } from "../system/operator_error.ts";

/** How a dump is written, by its first bytes. */
export type DumpFormat = "custom" | "directory" | "tar" | "plain" | "gzip" | "zstd";

/**
 * Tells how a dump is written.
 *
 * @throws {OperatorError} `DUMP_UNREADABLE`, `DUMP_EMPTY`, `NOT_A_DUMP`; the consequence is `fail`.
 */
export async function detectDumpFormat(path: string): Promise<DumpFormat> {
  const head = await readHead(path);
  if (head === "directory") {
    if (await Deno.stat(join(path, "toc.dat")).then(() => true, () => false)) return "directory";
    throw notADump(path, "the directory holds no toc.dat");
  }
  if (head.length === 0) {
    throw new OperatorError("DUMP_EMPTY", `${path} is empty.`, {
      fix: "Use another backup; see why this one was never written (a full disk, a failed pipe).",
      consequence: "fail",
    });
  }
  const text = new TextDecoder("latin1").decode(head);
  if (text.startsWith("PGDMP")) return "custom";
  if (text.slice(257, 262) === "ustar" || text.startsWith("toc.dat\0")) return "tar";
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return "zstd";
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) throw notADump(path, "it is a web page, perhaps an error message");
  if (/^\s*[{[]/.test(text)) throw notADump(path, "it is JSON, perhaps an error message");
  if (text.includes("\0")) throw notADump(path, "it is some other binary file");
  if ("PGDMP".startsWith(text)) throw notADump(path, "it is cut short");
  return "plain";
}

/**
 * Writes out a compressed dump.
 *
 * @throws {OperatorError} `DUMP_TRUNCATED` if the compressed data ends early or is damaged; the consequence is `fail`.
 */
export async function decompressDump(path: string, format: "gzip" | "zstd", to: string): Promise<void> {
  const { createReadStream, createWriteStream } = await import("node:fs");
  const { pipeline } = await import("node:stream/promises");
  const { createGunzip, createZstdDecompress } = await import("node:zlib");
  const decompressor = format === "gzip" ? createGunzip() : createZstdDecompress();
  try {
    await pipeline(createReadStream(path), decompressor, createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    throw new OperatorError("DUMP_TRUNCATED", `${path} cannot be decompressed: ${(error as Error).message}.`, {
      fix: "It is cut short or damaged: use another backup.",
      consequence: "fail",
      cause: error,
    });
  }
}

async function readHead(path: string): Promise<Uint8Array | "directory"> {
  try {
    if ((await Deno.stat(path)).isDirectory) return "directory";
    using file = await Deno.open(path, { read: true });
    const head = new Uint8Array(512);
    return head.subarray(0, await file.read(head) ?? 0);
  } catch (error) {
    throw new OperatorError("DUMP_UNREADABLE", `Cannot read ${path}: ${(error as Error).message}.`, {
      fix: "Check its permissions.",
      cause: error,
    });
  }
}

function notADump(path: string, why: string): OperatorError {
  return new OperatorError("NOT_A_DUMP", `${path} is not a dump: ${why}.`, {
    fix: "Name the file that pg_dump wrote, or use another backup.",
    consequence: "fail",
  });
}
