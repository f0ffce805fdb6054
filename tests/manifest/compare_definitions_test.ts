import assert from "node:assert/strict";
import type { CapturedDatabase } from "../../lib/manifest/capture_database.ts";
import { compareDefinitions } from "../../lib/manifest/compare/compare_definitions.ts";
import type { Manifest } from "../../lib/manifest/manifest.ts";

/** The findings where a subscription was and is defined so. */
async function findings(sourceVersion: number, before: string, now: string): Promise<string[]> {
  const holding = (definition: string) => [{ kind: "subscription", identity: "s", definition }];
  const manifest = { postgres: { server_version_num: sourceVersion }, definitions: holding(before) };
  const restored = { definitions: holding(now) };
  const compared = await compareDefinitions(manifest as Manifest, restored as CapturedDatabase, {});
  return compared.findings.map(({ code }) => code);
}

Deno.test("definitions: a subscription from before PostgreSQL 16 ran as its owner, whether or not it says so", async () => {
  const plain = "SLOT s\nBINARY\nSTREAMING t";
  for (const now of [plain, `${plain}\nRUN AS OWNER`, `SLOT s\nRUN AS OWNER\nBINARY\nSTREAMING t`]) {
    assert.deepEqual(await findings(150018, plain, now), []);
  }
  assert.deepEqual(await findings(150018, plain, "SLOT s\nSTREAMING t\nRUN AS OWNER"), ["DEFINITION_DIFFERS"]);
  assert.deepEqual(await findings(160004, plain, `${plain}\nRUN AS OWNER`), ["DEFINITION_DIFFERS"]);
  assert.deepEqual(await findings(160004, `${plain}\nRUN AS OWNER`, plain), ["DEFINITION_DIFFERS"]);
});
