import { openGuardrail } from "./guardrail.ts";

let failed = false;
await using guardrail = await openGuardrail();
for (const { name, run } of guardrail.steps) {
  const start = performance.now();
  try {
    await run();
    console.log(`ok    ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    // Each step needs those before it.
    console.log(`NOT   ${name}`);
    console.error(error instanceof Error ? error.message : error);
    failed = true;
    break;
  }
}
Deno.exitCode = failed ? 1 : 0;
