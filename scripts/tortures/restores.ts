import { startTestServer } from "../../tests/support/server.ts";
import { prepareRestores } from "../../tests/support/restores/ground.ts";
import { situations } from "../../tests/support/restores/situations.ts";
import { type Figure, startTally } from "./figure.ts";

/** Every situation of a restore: the right rows in the right database, or nothing touched and said so. */
export async function restores(): Promise<Figure[]> {
  await using server = await startTestServer();
  await using prepared = await prepareRestores(server);
  const tally = startTally();
  const impossible: string[] = [];
  const wanted = new RegExp(Deno.env.get("RESTORES") ?? "");
  for (const { name, attempt, isPossible } of situations) {
    if (!wanted.test(name)) continue;
    if (isPossible && !await isPossible()) {
      impossible.push(name);
      continue;
    }
    await tally.try(name, async () => {
      await using ground = await prepared.next();
      await attempt(ground);
    });
  }
  const remark = impossible.length > 0 ? `not possible here: ${impossible.join("; ")}` : undefined;
  return [tally.figure("restores right or refused / tried", remark)];
}
