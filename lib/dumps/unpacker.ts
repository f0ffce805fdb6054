import { lchown } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installationOf } from "../postgres/installation.ts";
import { run, type RunningCommand, type RunResult, stream } from "../system/child_process.ts";
import { makeSandbox } from "../system/isolation/make_sandbox.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import type { Job } from "../run/job.ts";
import { lendFile } from "../targets/lend_file.ts";

const env = { LC_ALL: "C" };

/**
 * A program that unpacks what somebody else packed, in a sandbox: it sees the packed file and one directory of its own, and
 * no network.
 */
export interface Unpacker {
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
export async function makeUnpacker(job: Job, program: string): Promise<Unpacker> {
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
