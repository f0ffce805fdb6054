import assert from "node:assert/strict";
import { join } from "node:path";
import { commandSchema } from "../../../lib/config/app_schema.ts";
import { runCommandStep } from "../../../lib/jobs/whole_system/run_command.ts";
import { runJob } from "../../../lib/run/run_job.ts";
import { resolveConnectionParameters } from "../../../lib/postgres/connection/connection_parameters.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { startTestServer } from "../../support/server.ts";
import { processesNaming, traceableDirectory } from "../../support/traces.ts";

Deno.test("command step", async (t) => {
  await using server = await startTestServer();
  const databases = new Map([["shop", await resolveConnectionParameters(server.url(), {})]]);
  const run = (script: string, options: object = {}, signal = new AbortController().signal): Promise<Verdict> =>
    runJob("drill", { signal, onProgress: () => {}, debug: true }, async (job) => {
      const command = commandSchema.parse({ command: ["sh", "-c", script], ...options });
      await runCommandStep(job, "migrations", command, databases);
    });

  await t.step("migrates the restored database", async () => {
    const { verdict, findings } = await run(`psql --no-psqlrc "$DATABASE_URL" -c 'CREATE TABLE migrated ()'`);
    assert.equal(verdict, "pass", JSON.stringify(findings));
    const sql = await server.connect();
    assert.equal((await sql`SELECT FROM pg_tables WHERE tablename = 'migrated'`).length, 1);
    await sql.end();
  });

  await t.step("that fails is named with its status and its last 100 lines", async () => {
    const { verdict, findings: [finding] } = await run("seq 200; echo 'cannot migrate' >&2; exit 3");
    assert.deepEqual([verdict, finding.code], ["fail", "COMMAND_FAILED"]);
    assert.match(finding.message, /migrations: sh ended with status 3/);
    const lines = finding.detail!.split("\n");
    assert.deepEqual([lines.length, lines.at(-1)], [100, "cannot migrate"]);
  });

  await t.step("that takes too long is stopped, with what it started", async () => {
    await using directory = await traceableDirectory();
    const marker = join(directory.path, "marker");
    const { verdict, findings: [finding] } = await run(`sh -c 'sleep 60; : ${marker}' & wait`, { timeout: "300ms" });
    assert.deepEqual([verdict, finding.code], ["fail", "COMMAND_TIMEOUT"]);
    assert.deepEqual(await processesNaming(marker), []);
  });

  await t.step("is stopped when the run is interrupted", async () => {
    await using directory = await traceableDirectory();
    const marker = join(directory.path, "marker");
    const controller = new AbortController();
    const running = run(`sh -c 'sleep 60; : ${marker}' & wait`, {}, controller.signal);
    while (!(await processesNaming(marker)).length) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new DOMException("Interrupted by SIGINT.", "AbortError"));
    assert.deepEqual((await running).findings.map(({ code }) => code), ["INTERRUPTED"]);
    assert.deepEqual(await processesNaming(marker), []);
  });
});
