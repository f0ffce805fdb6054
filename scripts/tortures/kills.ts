import { killAt, type KilledCommand, killedCommands, killSignals, makeKillGround } from "../../tests/support/kills.ts";
import { seededRandom } from "../../tests/support/random.ts";
import { startTestServer } from "../../tests/support/server.ts";
import { type Figure, startTally } from "./figure.ts";

const momentsEach = 30;

/** Every signal at 30 moments of a backup, and at 30 of a drill: by turns in a throwaway cluster and on a named server. */
export async function kills(): Promise<Figure[]> {
  await using server = await startTestServer();
  await using ground = await makeKillGround(server);
  const random = seededRandom(2026);
  const tallies = Object.fromEntries(killSignals.map((signal) => [signal, startTally()]));
  const moments = Array.from(
    { length: momentsEach },
    (_, turn) => killSignals.map((signal) => ({ signal, turn, moment: (turn + random()) / momentsEach })),
  ).flat();
  const killAll = async (commandAt: (turn: number) => KilledCommand) => {
    for (const { signal, turn, moment } of moments) {
      const command = commandAt(turn);
      await tallies[signal].try(
        `clean after ${signal} at ${moment.toFixed(2)} of ${command}`,
        () => killAt(ground, command, signal, moment),
      );
    }
  };
  await Promise.all([killAll(() => "backup"), killAll((turn) => killedCommands[1 + turn % 2])]);
  return killSignals.map((signal) => tallies[signal].figure(`clean after ${signal} / tried`));
}
