import { killAt, killedCommands, killSignals, makeKillGround } from "../../support/kills.ts";
import { seededRandom } from "../../support/random.ts";
import { startTestServer } from "../../support/server.ts";

const momentsEach = 2; // scripts/torture: 30

Deno.test("dying: killed at any moment, nothing is left and the next run succeeds", async (t) => {
  await using server = await startTestServer();
  await using ground = await makeKillGround(server);
  const random = seededRandom(4);
  for (const signal of killSignals) {
    for (let turn = 0; turn < momentsEach; turn++) {
      for (const command of ["backup", killedCommands[1 + turn % 2]] as const) {
        // In each half of its life, once.
        const moment = (turn + random()) / momentsEach;
        await t.step(`${signal} at ${moment.toFixed(2)} of ${command}`, () => killAt(ground, command, signal, moment));
      }
    }
  }
});
