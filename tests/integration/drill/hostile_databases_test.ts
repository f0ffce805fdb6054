import assert from "node:assert/strict";
import { hostileDatabases, withHostileDatabase } from "../../support/hostile_databases.ts";
import { runBackup, runDrill } from "../../support/jobs.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

// scripts/torture drills each of them in a throwaway cluster, and the large ones too.
Deno.test("hostile databases: backup and drill are exact", async (t) => {
  await using server = await startTestServer();
  for (const hostile of hostileDatabases.filter(({ isLarge }) => !isLarge)) {
    await t.step(hostile.name, () =>
      withHostileDatabase(server, hostile, async (url) => {
        await using directory = await traceableDirectory();
        const made = await runBackup(url, directory.path);
        assert.equal(made.verdict, "pass", JSON.stringify(made.findings, null, 2));
        const { verdict, proof, findings } = await runDrill(made.backup!.path, { into: url });
        assert.deepEqual({ verdict, proof, findings }, { verdict: "pass", proof: "exact", findings: [] });
      }));
  }
});
