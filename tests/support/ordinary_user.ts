import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, outcomeOf } from "./pgrehearse.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Copies what the program needs to where an account without rights in this checkout can read it. */
export async function copyProgram(to: string): Promise<void> {
  const { npmCache } = JSON.parse(execFileSync(Deno.execPath(), ["info", "--json"], { encoding: "utf8" }));
  const copy = async (from: string, name: string) => {
    const { success } = await new Deno.Command("cp", { args: ["-R", from, join(to, name)] }).output();
    assert.ok(success, `cannot copy ${from}`);
  };
  await copy(Deno.execPath(), "deno");
  for (const name of ["main.ts", "deno.json", "deno.lock", "lib", "migrations"]) await copy(join(root, name), name);
  await Deno.mkdir(join(to, "cache"));
  await copy(npmCache, join("cache", "npm"));
  const { success } = await new Deno.Command("chmod", { args: ["-R", "a+rwX", to] }).output();
  assert.ok(success);
}

/** Runs such a copy of the program as the account `nobody`; needs root. */
export async function runAsNobody(program: string, args: string[], temporaryDirectory: string): Promise<Outcome> {
  const output = await new Deno.Command(join(program, "deno"), {
    args: ["run", "--frozen", "--no-prompt", "--quiet", "--cached-only", "-P", join(program, "main.ts"), ...args],
    cwd: program,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH")!,
      HOME: program,
      DENO_DIR: join(program, "cache"),
      TMPDIR: temporaryDirectory,
    },
    uid: 65534,
    gid: 65534,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return outcomeOf({ status: output.code, stdout: text(output.stdout), stderr: text(output.stderr) });
}
