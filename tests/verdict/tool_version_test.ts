import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { startPgrehearse } from "../support/pgrehearse.ts";

const run = (...args: string[]) => startPgrehearse(args).output();

Deno.test("version: one word, and with --json what runs it; a checkout names no commit", async () => {
  assert.deepEqual(await run("--version"), { status: 0, stdout: `${project.version}\n`, stderr: "" });
  const { status, stdout, stderr } = await run("--version", "--json");
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.deepEqual(JSON.parse(stdout), {
    schema: "pgrehearse.version/v1",
    version: project.version,
    commit: null,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    target: Deno.build.target,
  });
  assert.equal((await run("--json", "--version")).stdout, stdout);
});
