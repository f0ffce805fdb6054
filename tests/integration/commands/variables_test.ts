import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";

Deno.test("variables", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "pgr-variables-" });
  const [store, nowhere] = [join(directory, "store"), join(directory, "nowhere")];
  await Deno.mkdir(store);
  const config = join(directory, "pgrehearse.jsonc");
  await Deno.writeTextFile(config, JSON.stringify({ store: nowhere, jobs: 3 }));

  await t.step("the command line wins over the environment, and that over the configuration", async () => {
    const status = async (args: string[], env: Record<string, string>) =>
      (await pgrehearse(["list", ...args], { env })).status;
    assert.equal(await status([], { PGREHEARSE_FROM: store }), 0);
    assert.equal(await status(["--from", nowhere], { PGREHEARSE_FROM: store }), 2);
    assert.equal(await status(["--from", store], { PGREHEARSE_FROM: nowhere }), 0);
    assert.equal(await status(["--config", config], {}), 2);
    assert.equal(await status(["--config", config], { PGREHEARSE_FROM: store }), 0);
    assert.equal(await status(["--config", config], { PGREHEARSE_FROM: "" }), 2);
  });

  await t.step("one may name the configuration; one that names a store leaves the configuration in force", async () => {
    const { verdict } = await pgrehearse(["list"], { env: { PGREHEARSE_CONFIG: config, PGREHEARSE_FROM: store } });
    assert.equal(verdict.config?.path, config);
    const atHand = await pgrehearse(["list"], { env: { PGREHEARSE_FROM: store }, cwd: directory });
    // Root takes none from there: it is refused, not passed over.
    const isFound = atHand.verdict.config !== undefined || atHand.verdict.findings[0]?.code === "CONFIG_NOT_TRUSTED";
    assert.ok(isFound, atHand.stderr);
  });

  await t.step("a bad value is exit 2 and names the variable, in commands that have the option", async () => {
    const env = { PGREHEARSE_JOBS: "abc" };
    const { status, verdict } = await pgrehearse(["drill", "x.dump"], { env });
    assert.deepEqual([status, verdict.findings[0].code], [2, "USAGE"]);
    assert.match(verdict.findings[0].message, /^PGREHEARSE_JOBS=abc: it must be a whole number from 1 to 64\.$/);
    assert.equal((await pgrehearse(["list", "--from", store], { env })).status, 0);
  });

  await t.step("what is said of output holds for mistakes on the command line as well", async () => {
    for (const args of [["list", "--from", store], ["list", "--frm", store]]) {
      const { stdout } = await startPgrehearse(args, { env: { PGREHEARSE_OUTPUT: "text" } }).output();
      assert.match(stdout, /^list: /);
    }
  });

  await t.step("a common variable in the environment is not a mistake of a command that cannot use it", async () => {
    const env = { PGREHEARSE_SIGNING_KEY: join(directory, "key"), PGREHEARSE_CONFIG: config };
    const healthy = await pgrehearse(["status", "--from", store], { env });
    assert.notEqual(healthy.verdict.findings[0].code, "USAGE", healthy.stderr);
    const args = [
      "backup",
      "--all-databases",
      "--to",
      store,
      "--wait",
      "0",
      "--db-url",
      "postgresql://u@127.0.0.1:1/d",
    ];
    const { verdict, stderr } = await pgrehearse(args, { env });
    assert.equal(verdict.findings[0].code, "CANNOT_CONNECT", stderr);
    assert.equal(verdict.config, undefined);
  });
  await Deno.remove(directory, { recursive: true });
});
