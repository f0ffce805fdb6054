import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { reasonOf } from "../../lib/system/operator_error.ts";

const reasonsOf = (tries: (() => Promise<unknown>)[]) =>
  Promise.all(tries.map((attempt) => attempt().then(() => "done", reasonOf)));

Deno.test("reasons are the system's words, without Deno's flags, calls and paths", async () => {
  assert.deepEqual(
    await reasonsOf([
      () => Deno.readFile("/nonexistent/x"),
      () => Deno.mkdir("/etc/passwd/below", { recursive: true }),
      () => Deno.readDir("/etc/passwd")[Symbol.asyncIterator]().next(),
      () => open("/nonexistent/x", "wx"),
      () => Deno.mkdir("/proc/ours", { recursive: true }),
    ]),
    [
      "no such file or directory",
      "not a directory",
      "not a directory",
      "no such file or directory",
      "pgrehearse keeps no files in /proc, /sys and /dev",
    ],
  );
});
