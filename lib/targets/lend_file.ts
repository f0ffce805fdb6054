import { basename, join } from "node:path";
import { acquireWorkspace, type Job } from "../run/job.ts";
import { filesAt } from "../system/checksums.ts";
import { run } from "../system/child_process.ts";
import { diskFull } from "../system/findings.ts";
import { requireRoom } from "../system/free_space.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import { readRegular } from "../system/regular_file.ts";

/**
 * Lets the account of a sandbox read a file or directory of ours: where it lies if that can be, else a copy, for as long
 * as the job lasts.
 *
 * @returns Where it is to be read.
 * @throws {OperatorError} `DISK_FULL`, before anything is copied.
 */
export async function lendFile(job: Job, given: string, sandbox?: Sandbox): Promise<string> {
  const path = await Deno.realPath(given);
  if (!sandbox?.account || await canRead(path, sandbox)) return path;
  const files = await filesAt(path);
  const sizes = await Promise.all(files.map(async (below) => (await Deno.stat(join(path, below))).size));
  const workspace = await acquireWorkspace(job);
  await requireRoom(workspace.path, sizes.reduce((sum, size) => sum + size, 0), diskFull.beforeCopy);
  if (!sandbox.reachesOurs) await Deno.chmod(workspace.path, 0o711);
  const copy = join(workspace.path, basename(path));
  const { uid, gid } = sandbox.account;
  const isDirectory = (await Deno.stat(path)).isDirectory;
  if (isDirectory) await Deno.mkdir(copy, { mode: 0o700 });
  for (const below of files) {
    job.signal.throwIfAborted();
    await copyRegular(join(path, below), join(copy, below));
    await Deno.chmod(join(copy, below), 0o400);
    await Deno.chown(join(copy, below), uid, gid);
  }
  if (isDirectory) await Deno.chown(copy, uid, gid);
  return copy;
}

/** Whoever may write where it lies could put a link there meanwhile, to what only we may read. */
async function copyRegular(from: string, to: string): Promise<void> {
  using file = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
  for await (const piece of readRegular(from, { followLinks: false })) {
    for (let rest: Uint8Array = piece; rest.length > 0;) rest = rest.subarray(await file.write(rest));
  }
}

async function canRead(path: string, sandbox: Sandbox): Promise<boolean> {
  const test = 'find "$1" ! -type l ! -readable | grep -q . && exit 1; test -r "$1"';
  const view = sandbox.lends ? { lend: [path] } : { read: [path] };
  const [program, ...args] = await sandbox.command(["/bin/sh", "-c", test, "sh", path], view);
  return await run(program, args, { env: {} }).then(({ status }) => status === 0, () => false);
}
