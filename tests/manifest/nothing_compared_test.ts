import assert from "node:assert/strict";
import { compareManifest } from "../../lib/manifest/compare/compare.ts";
import { manifestOf } from "../support/stored_backups.ts";

Deno.test("a manifest that names nothing compares nothing, and does not pass", async () => {
  const nothing = manifestOf("shop", undefined);
  await assert.rejects(compareManifest(nothing, nothing), { code: "NOTHING_COMPARED", consequence: "unknown" });
  const largeObject = { ...nothing, large_objects: { ...nothing.large_objects, count: 1 } };
  assert.deepEqual((await compareManifest(largeObject, largeObject)).findings, []);
});
