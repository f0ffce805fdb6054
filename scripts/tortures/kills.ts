import { killAt, killedCommands, killSignals, makeKillGround } from "../../tests/support/kills.ts";
import { seededRandom } from "../../tests/support/random.ts";
import { startTestServer } from "../../tests/support/server.ts";
import { type Figure, startTally } from "./figure.ts";

const momentsEach = 30;

/** Every signal at 30 moments of a backup, and at 30 of a drill: by turns in a throwaway cluster and on a named server. */
export async function kills(): Promise<Figure[]> {
  await using server = await startTestServer();
  await using ground = await makeKillGround(server);
  const random = seededRandom(2026);
  const figures: Figure[] = [];
  for (const signal of killSignals) {
    const tally = startTally();
    for (let turn = 0; turn < momentsEach; turn++) {
      for (const command of ["backup", killedCommands[1 + turn % 2]] as const) {
        const moment = (turn + random()) / momentsEach;
        await tally.try(
          `clean after ${signal} at ${moment.toFixed(2)} of ${command}`,
          () => killAt(ground, command, signal, moment),
        );
      }
    }
    figures.push(tally.figure(`${signal}: clean / tried`));
  }
  return figures;
}
