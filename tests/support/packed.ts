import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProgramOutput } from "./pgrehearse.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Whom a test runs as when it is root: `nobody`. */
export const ordinaryUser = 65534;

/** A user who runs a packed program, and from where. */
export interface Runner {
  /** All of the environment. @default {} */
  env?: Record<string, string>;
  cwd?: string;
  /** @default {the test's own} */
  uid?: number;
}

/** Packs the program into `directory`, where everybody may run it. */
export async function packProgram(directory: string): Promise<string> {
  const packed = join(directory, "pgrehearse");
  const pack = new Deno.Command(join(root, "scripts/pack"), { args: ["--output", packed] });
  const { code, stderr } = await pack.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return packed;
}

/** Starts a program with nothing in its environment but what it is given. */
export function startAlone(program: string, args: string[], { env = {}, cwd, uid }: Runner = {}): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    env,
    clearEnv: true,
    cwd: cwd ?? dirname(program),
    uid,
    gid: uid,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a program to its end, likewise. */
export async function runAlone(program: string, args: string[], runner?: Runner): Promise<ProgramOutput> {
  const { code, stdout, stderr } = await startAlone(program, args, runner).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, stdout: text(stdout), stderr: text(stderr) };
}

/** Lists what lies in a directory and below, with what changes when it is written again. */
export async function listWhole(directory: string): Promise<string[]> {
  const listed: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) listed.push(...await listWhole(path));
    const { ino, size, mtime } = await Deno.stat(path);
    listed.push(`${path} ${ino} ${size} ${mtime!.getTime()}`);
  }
  return listed.sort();
}
