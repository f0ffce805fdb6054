import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, outcomeOf } from "./pgrehearse.ts";

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
  { cwd = join(program, "program"), uid = nobody, gid = nobody, path = Deno.env.get("PATH")! } = {},
): Promise<Outcome> {
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
    env: {
      PATH: path,
      HOME: program,
      DENO_DIR: join(program, "cache"),
      TMPDIR: temporaryDirectory,
    },
    uid,
    gid,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return outcomeOf({ status: output.code, stdout: text(output.stdout), stderr: text(output.stderr) });
}
