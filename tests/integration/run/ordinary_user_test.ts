import assert from "node:assert/strict";
import { copyProgram, runAsNobody } from "../../support/ordinary_user.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { needing } from "../../support/needing.ts";

Deno.test({
  // Otherwise every other test shows it.
  ...needing({ root: Deno.uid() === 0 }, "smoke: runs as an ordinary user too"),
  async fn() {
    await using program = await traceableDirectory();
    await using directory = await traceableDirectory();
    await copyProgram(program.path);
    const { status, verdict, stderr } = await runAsNobody(program.path, ["smoke"], directory.path);
    assert.equal(status, 0, stderr);
    assert.equal(verdict.proof, "exact");
    assert.deepEqual(await directory.traces(), []);
  },
});
