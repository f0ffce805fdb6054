import assert from "node:assert/strict";
import { join } from "node:path";
import { startPgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";

async function manifestsIn(store: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(store), ({ name }) => name).catch(() => []);
  return names.filter((name) => name.endsWith(".manifest.json"));
}

Deno.test("dying: interrupted or killed among its manifests, no set has its lead without the others", async () => {
  await using server = await startTestServer();
  const directory = await Deno.makeTempDir({ prefix: "pgr-dying-set-" });
  const databases: Record<string, { url: string }> = {};
  for (const name of ["lead", "second", "third"]) databases[name] = { url: server.url(await server.makeDatabase()) };
  const config = join(directory, "pgrehearse.jsonc");
  for (const signal of ["SIGTERM", "SIGTERM", "SIGTERM", "SIGINT", "SIGINT", "SIGINT", "SIGKILL", "SIGKILL"] as const) {
    const store = join(directory, crypto.randomUUID());
    await Deno.writeTextFile(config, JSON.stringify({ databases, store }));
    const program = startPgrehearse(["backup", "--config", config]);
    let hasEnded = false;
    const ended = program.output().finally(() => hasEnded = true);
    while (!hasEnded && (await manifestsIn(store)).length < 2) await new Promise((resolve) => setTimeout(resolve, 0));
    program.kill(signal);
    const { status, stderr } = await ended;
    const left = (await manifestsIn(store)).map((name) => name.split("-")[0]).sort();
    if (left.includes("lead")) assert.deepEqual(left, ["lead", "second", "third"], `${signal}: ${stderr}`);
    else if (signal !== "SIGKILL") assert.deepEqual(left, [], `${signal}, status ${status}: ${stderr}`);
    const names = await Array.fromAsync(Deno.readDir(store), ({ name }) => name);
    if (signal !== "SIGKILL") assert.equal(names.length, 3 * left.length, names.join(" "));
  }
  await Deno.remove(directory, { recursive: true });
});
