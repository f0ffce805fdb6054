import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, outcomeOf, type ProgramOutput } from "./pgrehearse.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Puts the program, bundled, and its Deno where an account without rights in this checkout can read it: the packages as
 * they are would be thousands of files.
 */
export async function copyProgram(to: string): Promise<void> {
  const script = '. scripts/setup || [ -n "$deno" ] || exit; . scripts/packing/bundle.sh; bundle_program "$0" && ' +
    'cp "$deno" "$0/deno" && chmod -R a+rwX "$0"';
  const { success, stderr } = await new Deno.Command("bash", { args: ["-c", script, to], cwd: root }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** The account `nobody`. */
export const nobody = 65534;

/** Runs such a copy of the program as the account `nobody`, unless another is named; needs root. */
export async function runAsNobody(
  program: string,
  args: string[],
  temporaryDirectory: string,
  { cwd, uid = nobody, gid = uid, path = Deno.env.get("PATH")! }: {
    cwd?: string;
    uid?: number;
    gid?: number;
    path?: string;
  } = {},
): Promise<Outcome> {
  return outcomeOf(await runAs({ uid, gid }, program, args, { cwd, env: { PATH: path, TMPDIR: temporaryDirectory } }));
}

/** The same as any account, in a bare environment. */
export async function runAs(
  { uid, gid }: { uid: number; gid: number },
  program: string,
  args: string[],
  { cwd = join(program, "program"), env = {} }: { cwd?: string; env?: Record<string, string> },
): Promise<ProgramOutput> {
  const output = await new Deno.Command(join(program, "deno"), {
    args: [
      "run",
      "--no-prompt",
      "--quiet",
      "--cached-only",
      "--no-lock",
      "-P",
      "--config",
      join(program, "program/deno.json"),
      join(program, "program/main.js"),
      ...args,
    ],
    cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, HOME: program, DENO_DIR: join(program, "cache"), ...env },
    uid,
    gid,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

/** A PATH with all programs of the system but these. */
export async function pathWithout(below: string, ...programs: string[]): Promise<string> {
  const directory = join(below, `without-${programs.join("-")}`);
  const script = 'mkdir -p "$0" && ln -sf /bin/* /usr/bin/* /sbin/* /usr/sbin/* "$0/"';
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", script, directory] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  for (const program of programs) await Deno.remove(join(directory, program)).catch(() => {});
  return directory;
}
