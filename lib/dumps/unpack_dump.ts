import { lchown } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Packing } from "../postgres/dump_format.ts";
import { installationOf } from "../postgres/installation.ts";
import type { Job } from "../run/job.ts";
import { run, type RunningCommand, type RunResult, stream } from "../system/child_process.ts";
import { diskFull, dumpTruncated, notAFile } from "../system/findings.ts";
import { makeSandbox } from "../system/isolation/make_sandbox.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { readRegular } from "../system/regular_file.ts";
import { readTextLines } from "../system/text_lines.ts";
import { lendFile } from "../targets/lend_file.ts";
import { programMissing } from "./findings.ts";

interface Unpacking {
  job: Job;
  /** The dump, as the operator named it. */
  shown: string;
}

/**
 * Unpacks a dump into an empty directory, as far as there is room.
 *
 * @returns What came out: a file or, of a zip file with several, their directory.
 * @throws {OperatorError} `DISK_FULL`, `PROGRAM_MISSING`; `DUMP_TRUNCATED`, whose consequence is `fail`.
 */
export async function unpackDump(
  path: string,
  packing: Packing,
  directory: string,
  unpacking: Unpacking,
): Promise<string> {
  const to = join(directory, "dump");
  if (packing === "gzip" || packing === "zstd") {
    const { createGunzip, createZstdDecompress } = await import("node:zlib");
    const { Readable } = await import("node:stream");
    const decompressor = packing === "gzip" ? createGunzip() : createZstdDecompress();
    const source = Readable.from(readRegular(path));
    source.on("error", (error) => decompressor.destroy(error));
    await writeOut(source.pipe(decompressor), to, unpacking);
    return to;
  }
  if (packing === "zip") return await unzip(path, directory, unpacking);
  const unpacker = await findUnpacker(packing, unpacking);
  await writeOut(untilEnd(await unpacker.stream(["-dc"], path)), to, unpacking);
  return to;
}

/**
 * Unpacks a tar file, unless pg_dump wrote it so: then pg_restore reads it as it is.
 *
 * @returns What came out: a file or a directory.
 */
export async function untarDump(path: string, directory: string, unpacking: Unpacking): Promise<string | undefined> {
  const { shown } = unpacking;
  const unpacker = await findUnpacker("tar", unpacking);
  const { stdout, ended } = await unpacker.stream(["--list", "--verbose", "--numeric-owner", "--file=-"], path);
  ended.catch(() => {}); // heard below
  const archives = new Set<string>();
  let [first, other]: (string | undefined)[] = [];
  await readTextLines(stdout, (line) => {
    const [, kind, name] = /^(.)\S+ +\S+ +\S+ +\S+ +\S+ (.*)$/.exec(line) ?? [];
    if (name === undefined) return;
    first ??= name;
    if (name === "toc.dat" || name === "restore.sql") archives.add(name);
    if (!"-dh".includes(kind)) other ??= name;
  });
  const listed = await ended;
  if (archives.size === 2) return undefined;
  if (first === "toc.dat" && listed.status !== 0) return undefined; // damaged: pg_restore says how
  if (other !== undefined) throw notAFile.error({ path: other, what: notFile });
  const args = (from: string) => [
    ...["--extract", `--file=${from}`, `--directory=${directory}`],
    ...["--no-same-owner", "--no-same-permissions"],
  ];
  const { status, stderr } = await unpacker.fill(directory, args, path);
  if (status !== 0) throw cannotUnpack(new Error(telling(stderr)), shown);
  return await onlyOne(directory);
}

const notFile = "a link, pipe or device in the archive";

async function unzip(path: string, directory: string, unpacking: Unpacking): Promise<string> {
  const unpacker = await findUnpacker("unzip", unpacking);
  const args = (from: string) => ["-q", "-o", from, "-d", directory];
  const { status, stdout, stderr } = await unpacker.fill(directory, args, path);
  // 1 is a warning, such as of a name as Windows writes them.
  if (status > 1) throw cannotUnpack(new Error(telling(stderr || stdout)), unpacking.shown);
  return await onlyOne(directory);
}

/** Goes into a directory that holds one thing only. */
async function onlyOne(directory: string): Promise<string> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  if (entries.length !== 1 || entries[0].name === "toc.dat") return directory;
  const inside = join(directory, entries[0].name);
  // Whoever packed it chose where it leads.
  if (!entries[0].isDirectory && !entries[0].isFile) {
    throw notAFile.error({ path: entries[0].name, what: "a link or device in the archive" });
  }
  return entries[0].isDirectory ? await onlyOne(inside) : inside;
}

async function findUnpacker(program: string, { job, shown }: Unpacking): Promise<Unpacker> {
  const { status, stdout } = await run("sh", ["-c", 'command -v "$1"', "sh", program], { env: {} });
  const path = stdout.trim();
  if (status === 0 && path.startsWith("/")) return await makeUnpacker(job, path);
  throw programMissing.error({ program, file: basename(shown) });
}

async function* untilEnd({ stdout, ended }: RunningCommand): AsyncGenerator<Uint8Array, void> {
  ended.catch(() => {}); // heard below
  yield* stdout;
  const { status, stderr } = await ended;
  if (status !== 0) throw new Error(telling(stderr));
}

async function writeOut(
  from: AsyncIterable<Uint8Array>,
  to: string,
  { job: { signal }, shown }: Unpacking,
): Promise<void> {
  using file = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
  try {
    for await (const piece of from) {
      signal.throwIfAborted();
      for (let rest: Uint8Array = piece; rest.length > 0;) {
        rest = rest.subarray(await file.write(rest).catch((error) => Promise.reject(noRoom(error, to))));
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof OperatorError ? error : cannotUnpack(error as Error, shown);
  }
}

function cannotUnpack(error: Error, shown: string): OperatorError {
  if (saysFull.test(error.message)) return noRoom(error, shown);
  return dumpTruncated.packed.error({ path: shown, reason: error.message }, { cause: error });
}

function noRoom(error: Error, path: string): OperatorError {
  return diskFull.unpacking.error({ path, reason: reasonOf(error) }, { cause: error });
}

const saysFull = /No space left|Disk quota|os error (28|122)|disk full/i;

/** The line that says why: unzip's last word on a full disk is that the file is probably truncated. */
function telling(text: string): string {
  const lines = text.trim().split("\n");
  const line = lines.find((line) => saysFull.test(line)) ?? lines.at(-1)!;
  return line.trim().replace(/\.$/, "") || "it gave no reason";
}

const env = { LC_ALL: "C" };

/**
 * A program that unpacks a packed dump in a sandbox: it sees the packed file and its own directory, and
 * no network.
 */
interface Unpacker {
  /** Runs it with the packed file at its standard input. */
  stream(args: string[], from: string): Promise<RunningCommand>;
  /**
   * Runs it with a directory in a workspace of ours to write to. What it made there is ours afterwards.
   *
   * @param args Given where it finds the packed file.
   */
  fill(directory: string, args: (from: string) => string[], from: string): Promise<RunResult>;
}

/** Makes one of a program, named by its path. */
async function makeUnpacker(job: Job, program: string): Promise<Unpacker> {
  const sandbox = await makeSandbox();
  const read = await installationOf(program);
  const options = { env, signal: job.signal, killSignal: sandbox.isInit ? "KILL" as const : "TERM" as const };
  return {
    async stream(args, from) {
      const command = await sandbox.command([program, ...args], { read });
      return stream("/bin/sh", ["-c", 'exec <"$1"; shift; exec "$@"', "sh", from, ...command], options);
    },
    async fill(directory, args, from) {
      const lent = await lendFile(job, from, sandbox);
      await giveTo(directory, sandbox);
      const [command, ...rest] = await sandbox.command([program, ...args(lent)], {
        read: [...read, ...sandbox.lends ? [] : [lent]],
        lend: sandbox.lends ? [lent] : [],
        write: [directory],
      });
      try {
        return await run(command, rest, options);
      } finally {
        await takeBack(directory);
        await Deno.chmod(dirname(directory), 0o700);
      }
    },
  };
}

async function giveTo(directory: string, { account, reachesOurs }: Sandbox): Promise<void> {
  if (!account) return;
  if (!reachesOurs) await Deno.chmod(dirname(directory), 0o711);
  await Deno.chown(directory, account.uid, account.gid);
}

/** All that is in it becomes ours, and nothing that a link in it points to: who holds a directory changes nothing below. */
async function takeBack(directory: string): Promise<void> {
  await lchown(directory, Deno.uid()!, Deno.gid()!);
  await Deno.chmod(directory, 0o700);
  for await (const { name, isDirectory, isFile } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) {
      await takeBack(path);
      continue;
    }
    await lchown(path, Deno.uid()!, Deno.gid()!);
    if (isFile) await Deno.chmod(path, 0o600);
  }
}
