import { join } from "node:path";
import { run } from "../system/child_process.ts";
import { openRegular } from "../system/regular_file.ts";
import { compressionUnsupported } from "./findings/tools.ts";
import { firstComplaint } from "./tool_environment.ts";
import type { ClientTools } from "./tools.ts";

/** Ways to compress an archive, in the order of the numbers that its head has for them. */
const methods = ["none", "gzip", "lz4", "zstd"] as const;
export type CompressionMethod = typeof methods[number];

/** How pg_dump compresses. */
export interface Compression {
  method: CompressionMethod;
  /** Absent where it is pg_dump's own default. */
  level?: number;
  /** The value of pg_dump's `--compress`. */
  argument: string;
}

/** From this major version on, pg_dump knows more than gzip, and takes methods by their names. */
const namesMethodsSince = 16;

/** zstd at level 1 is as small as gzip at level 6, in a fifth of its time; docs/benchmarks.md has the measurements. */
const best = "zstd:1";
const ofEveryClient = "gzip:1";

/**
 * Decides how a dump is compressed, before it is begun.
 *
 * @param wanted In pg_dump's syntax, of any version.
 * @default {the best that this pg_dump can write}
 * @throws {OperatorError} `COMPRESSION_UNSUPPORTED`
 */
export async function chooseCompression(tools: ClientTools, wanted?: string): Promise<Compression> {
  if (wanted === undefined) {
    const canBest = tools.major >= namesMethodsSince && await refusal(tools, best) === undefined;
    return compressionOf(tools, canBest ? best : ofEveryClient)!;
  }
  const compression = compressionOf(tools, wanted);
  const said = compression ? await refusal(tools, compression.argument) : "pg_dump before 16 can only write gzip";
  if (said === undefined) return compression!;
  throw compressionUnsupported.toWrite.error({
    compression: wanted,
    pgDump: tools.pgDump,
    version: tools.version,
    said,
  });
}

/**
 * Makes sure that a dump's rows can be read. Asks pg_dump, because pg_restore is of the same build, and would say it only
 * of a dump.
 *
 * @throws {OperatorError} `COMPRESSION_UNSUPPORTED`
 */
export async function requireReadableCompression(tools: ClientTools, method?: CompressionMethod): Promise<void> {
  // Earlier versions read no archive of later ones; that is said of the whole archive.
  if (method === undefined || method === "none" || tools.major < namesMethodsSince) return;
  if (await refusal(tools, method) === undefined) return;
  throw compressionUnsupported.toRead.error({ method, pgRestore: tools.pgRestore, version: tools.version });
}

/** What the first bytes of an archive say; absent where they are not an archive's. */
export async function readCompressionMethod(archive: string): Promise<CompressionMethod | undefined> {
  const { isDirectory } = await Deno.stat(archive);
  await using file = await openRegular(isDirectory ? join(archive, "toc.dat") : archive);
  const bytes = new Uint8Array(32);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  if (bytesRead < bytes.length || new TextDecoder().decode(bytes.subarray(0, 5)) !== "PGDMP") return undefined;
  // PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c: WriteHead. Before 1.15, pg_dump 16, a level: a sign and its bytes.
  const [minor, integerBytes] = [bytes[6], bytes[8]];
  if (minor >= 15) return methods[bytes[11]];
  return bytes.subarray(12, 12 + integerBytes).every((byte) => byte === 0) ? "none" : "gzip";
}

/** What a text in pg_dump's syntax means to a pg_dump; absent where its version has no word for it. */
function compressionOf({ major }: ClientTools, text: string): Compression | undefined {
  const [, digits, name, detail] = /^(?:(\d+)|([a-z0-9]+)(?::(.*))?)$/.exec(text) ?? [];
  const method = digits === undefined ? name : digits === "0" ? "none" : "gzip";
  const found = digits ?? /(?:^|,)(?:level=)?(-?\d+)(?:,|$)/.exec(detail ?? "")?.[1];
  const level = method === "none" || found === undefined ? {} : { level: Number(found) };
  if (major >= namesMethodsSince) return { method: method as CompressionMethod, ...level, argument: text };
  if (method === "none") return { method, argument: "0" };
  if (method !== "gzip" || (detail !== undefined && !/^(level=)?[1-9]$/.test(detail))) return undefined;
  return { method, ...level, argument: found ?? "6" };
}

/** Why a pg_dump cannot compress so. It looks at this option before it looks at the jobs, and connects to nothing. */
async function refusal({ pgDump }: ClientTools, argument: string): Promise<string | undefined> {
  const { stderr, status } = await run(pgDump, ["--format=custom", "--jobs=2", `--compress=${argument}`], {
    env: { LC_ALL: "C" },
  });
  if (/parallel backup only supported/.test(stderr)) return undefined;
  return firstComplaint(stderr, status);
}
