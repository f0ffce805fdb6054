import { killSignals } from "../../support/kills.ts";
import { killedTargets, makeKilledSystem } from "../../support/killed_systems.ts";
import { seededRandom } from "../../support/random.ts";
import { startTestServer } from "../../support/server.ts";

Deno.test("dying: of a whole system's drill that is killed at any moment nothing is left", async (t) => {
  await using server = await startTestServer();
  await using system = await makeKilledSystem(server);
  const random = seededRandom(6);
  for (const [turn, signal] of killSignals.entries()) {
    const target = killedTargets[turn % killedTargets.length];
    // What comes before the command, the application and the checks is much the same as of one backup.
    const moment = 0.6 + 0.4 * random();
    await t.step(`${signal} at ${moment.toFixed(2)} into ${target}`, () => system.killAt(target, signal, moment));
  }
});
