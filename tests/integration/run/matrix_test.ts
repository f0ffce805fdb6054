import assert from "node:assert/strict";
import { pairsForClients, runPairs } from "../../../scripts/versions/matrix.ts";
import { installServers } from "../../../scripts/versions/servers.ts";

const { pairs } = await pairsForClients();
const newest = pairs.filter(({ source, target }) => source < target).slice(0, 3);

/** Why the servers cannot be had here; undefined if they can. */
async function obstacle(): Promise<string | undefined> {
  if (newest.length === 0) return "no pg_dump here is old enough";
  try {
    await installServers([...new Set(newest.flatMap(({ source, target }) => [source, target]))]);
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

const reason = await obstacle();
const name = "matrix: backups come back exactly in newer versions of PostgreSQL";

Deno.test({
  name: reason === undefined ? name : `${name} (skipped: ${reason})`,
  ignore: reason !== undefined,
  async fn(t) {
    const results = new Map<string, string[]>();
    const skipped: string[] = [];
    await runPairs(newest, {
      onResult: ({ source, target, problems }) => void results.set(`${source} in ${target}`, problems),
      onSkipped: (source, statements) => void skipped.push(...statements.map((text) => `${source}: ${text}`)),
    });
    assert.equal(results.size, 3);
    for (const [pair, problems] of results) await t.step(pair, () => assert.deepEqual(problems, []));
    await t.step("the servers could run every statement", () => assert.deepEqual(skipped, []));
  },
});
