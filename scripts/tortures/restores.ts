import { startTestServer } from "../../tests/support/server.ts";
import { prepareRestores } from "../../tests/support/restores/ground.ts";
import { situations } from "../../tests/support/restores/situations.ts";
import { type Figure, startTally } from "./figure.ts";

/** Every situation of a restore: the right rows in the right database, or nothing touched and said so. */
export async function restores(): Promise<Figure[]> {
  await using server = await startTestServer();
  await using prepared = await prepareRestores(server);
  const tally = startTally();
  for (const { name, attempt } of situations) {
    await tally.try(name, async () => {
      await using ground = await prepared.next();
      await attempt(ground);
    });
  }
  return [tally.figure("restores right or refused / tried")];
}
