import { faults, makeFaultyDatabase } from "../../support/faults.ts";
import { startTlsServer } from "../../support/tls_server.ts";

Deno.test({
  name: "faults: whatever breaks in the middle, the finding says so and nothing is half-written",
  sanitizeOps: false, // sockets that were cut
  sanitizeResources: false,
  async fn(t) {
    await using server = await startTlsServer();
    await makeFaultyDatabase(server);
    // scripts/torture tries all of them, three times.
    for (const { name, run, isVariant } of faults) if (!isVariant) await t.step(name, () => run(server));
  },
});
