import assert from "node:assert/strict";
import { join } from "node:path";
import { type Fetched, startWalFetcher } from "../../lib/physical/wal_fetcher.ts";
import { segmentName } from "../../lib/physical/wal_name.ts";
import { run } from "../../lib/system/child_process.ts";

const segment = (number: number) => segmentName({ timeline: 1, number });
const env = { PATH: Deno.env.get("PATH")! };

Deno.test("WAL is fetched ahead, one file at a time, and what was missing is asked for again", async () => {
  const directory = await Deno.makeTempDir();
  const [archive, log, to] = ["archive", "log", "to"].map((name) => join(directory, name));
  await Deno.mkdir(archive);
  for (const number of [1, 2, 4]) await Deno.writeTextFile(join(archive, segment(number)), `segment ${number}`);
  const fetched: Fetched[] = [];
  const fetcher = await startWalFetcher(join(directory, "wal"), {
    command:
      `mkdir ${directory}/busy && echo %f >>${log} && sleep 0.02 && rmdir ${directory}/busy && cp ${archive}/%f %p`,
    env,
  }, {
    segmentBytes: 16 * 1024 * 1024,
    onFetched: (each) => fetched.push(each),
    onFailure: (error) => assert.fail(String(error)),
  });
  const ask = async (name: string) => {
    const command = fetcher.restoreCommand.replaceAll("%f", name).replaceAll("%p", to);
    const { status } = await run("/bin/sh", ["-c", command], { env });
    return status === 0 ? await Deno.readTextFile(to) : undefined;
  };
  const asked = async () => (await Deno.readTextFile(log)).trim().split("\n");
  try {
    assert.equal(await ask(segment(1)), "segment 1");
    while ((await asked()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await asked(), [segment(1), segment(2)]); // the second was not asked for yet
    // Another file comes in between: what was fetched ahead is not given for it, and does not get in its way.
    assert.equal(await ask("00000002.history"), undefined);
    assert.equal(await ask(segment(2)), "segment 2");
    assert.equal(await ask(segment(3)), undefined);
    await Deno.writeTextFile(join(archive, segment(3)), "segment 3");
    assert.equal(await ask(segment(3)), "segment 3");
    assert.equal(await ask(segment(4)), "segment 4");
    assert.deepEqual(
      fetched.map(({ name, got }) => [name, got]),
      [[segment(1), true], ["00000002.history", false], [segment(2), true], [segment(3), false], [segment(3), true], [
        segment(4),
        true,
      ]],
    );
    const times = [2, 4].map(async (number) => (await asked()).filter((name) => name === segment(number)).length);
    assert.deepEqual(await Promise.all(times), [1, 1], "what was fetched ahead is not fetched again");
  } finally {
    await fetcher.close();
    await Deno.remove(directory, { recursive: true });
  }
});
