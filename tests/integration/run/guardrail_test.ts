import { openGuardrail } from "../../../scripts/guardrails/guardrail.ts";

Deno.test("guardrail: tenants under forced row security go to a bucket and come back, or there is no backup", async (t) => {
  await using guardrail = await openGuardrail();
  for (const { name, run } of guardrail.steps) await t.step(name, run);
});
