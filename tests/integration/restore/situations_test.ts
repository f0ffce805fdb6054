import { prepareRestores } from "../../support/restores/ground.ts";
import { situations } from "../../support/restores/situations.ts";
import { startTestServer } from "../../support/server.ts";

// scripts/torture restores tries all of them.
const sample = [
  "the newest before the incident, by a swap",
  "the newest that passed a drill, in place",
  "once more after a swap: the safety backup is not the newest",
  "a store for safety backups that cannot be written",
  "a client that writes all the time, --swap",
  "SIGKILL when safety_backup begins, --in-place, and once more",
  "undone when there is another database of that name",
  "brought back beside, then put in place without restoring again",
];

Deno.test("restores at three in the morning", async (t) => {
  await using server = await startTestServer();
  await using prepared = await prepareRestores(server);
  for (const wanted of sample) {
    const { name, attempt } = situations.find(({ name }) => name === wanted)!;
    await t.step(name, async () => {
      await using ground = await prepared.next();
      await attempt(ground);
    });
  }
});
