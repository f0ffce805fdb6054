import assert from "node:assert/strict";
import { makeBrokenBackups } from "../support/broken_backups.ts";
import { runDrill } from "../support/jobs.ts";
import { startTestServer } from "../support/server.ts";
import { traceableDirectory } from "../support/traces.ts";

Deno.test("broken backups: none passes, and the finding says which it is", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  for (const { name, path, code, names, noChecksum, isForeign } of await makeBrokenBackups(server, directory.path)) {
    await t.step(name, async () => {
      const { verdict, findings } = await runDrill(path, {
        checksum: !noChecksum,
        into: isForeign ? undefined : server.url(),
      });
      assert.notEqual(verdict, "pass");
      const finding = findings.find((finding) => finding.code === code);
      assert.ok(finding, `no ${code} in ${JSON.stringify(findings, null, 2)}`);
      if (names) assert.match(finding.message, names);
      assert.ok(!JSON.stringify(findings).includes("INTERNAL_ERROR"), JSON.stringify(findings, null, 2));
    });
  }
});
