import assert from "node:assert/strict";
import { availableMemoryBytes } from "../../lib/system/available_memory.ts";

Deno.test("available memory: some of what the host has", async () => {
  const bytes = await availableMemoryBytes();
  assert.ok(bytes > 0 && bytes <= Deno.systemMemoryInfo().total, `${bytes}`);
});
