import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outcomeOf } from "../support/pgrehearse.ts";
import { traceableDirectory } from "../support/traces.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Copies what the program needs to where an account without rights in this checkout can read it. */
async function copyProgram(to: string): Promise<void> {
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

Deno.test({
  name: "smoke: runs as an ordinary user too",
  ignore: Deno.uid() !== 0, // otherwise every other test shows it
  async fn() {
    await using program = await traceableDirectory();
    await using directory = await traceableDirectory();
    await copyProgram(program.path);
    const output = await new Deno.Command(join(program.path, "deno"), {
      args: [
        "run",
        "--frozen",
        "--no-prompt",
        "--quiet",
        "--cached-only",
        "-P",
        join(program.path, "main.ts"),
        "smoke",
      ],
      cwd: program.path,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH")!,
        HOME: program.path,
        DENO_DIR: join(program.path, "cache"),
        TMPDIR: directory.path,
      },
      uid: 65534,
      gid: 65534,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const { status, verdict, stderr } = outcomeOf({
      status: output.code,
      stdout: text(output.stdout),
      stderr: text(output.stderr),
    });
    assert.equal(status, 0, stderr);
    assert.equal(verdict.proof, "exact");
    assert.deepEqual(await directory.traces(), []);
  },
});
