import assert from "node:assert/strict";
import { inParallelFrom } from "../../lib/system/in_parallel.ts";

const soon = () => new Promise((resolve) => setTimeout(resolve));

/** A stream that fails where it is asked for an item while it looks for one, as some do or hang. */
function strictStream(count: number, { failAt = -1 } = {}): AsyncIterable<number> & { state: { returned: boolean } } {
  let isAsked = false;
  let next = 0;
  const state = { returned: false };
  return {
    state,
    [Symbol.asyncIterator]: () => ({
      async next() {
        assert.ok(!isAsked, "asked for two items at once");
        isAsked = true;
        await soon();
        isAsked = false;
        if (next === failAt) throw new Error("the stream broke");
        return next < count ? { done: false, value: next++ } : { done: true, value: undefined };
      },
      async return() {
        state.returned = true;
        return { done: true, value: undefined };
      },
    }),
  };
}

Deno.test("in parallel from a stream", async (t) => {
  await t.step("every item is worked on once, several at a time, of any kind of stream", async () => {
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const streams: [string, () => AsyncIterable<number>][] = [
      ["strict", () => strictStream(200)],
      ["ReadableStream", () => ReadableStream.from(numbers)],
      ["generator", async function* () {
        yield* numbers;
      }],
    ];
    for (const [name, open] of streams) {
      for (let round = 0; round < 3; round++) {
        const seen: number[] = [];
        const waiting: (() => void)[] = [];
        await inParallelFrom(open(), 8, async (item) => {
          seen.push(item);
          // Goes on only once eight are worked on.
          const eight = new Promise<void>((resolve) => waiting.push(resolve));
          assert.ok(waiting.length <= 8, name);
          if (waiting.length === 8) waiting.splice(0).forEach((resolve) => resolve());
          await eight;
        });
        assert.deepEqual(seen.sort((a, b) => a - b), numbers, name);
      }
    }
  });

  await t.step("fewer items than workers, and none", async () => {
    for (const count of [0, 1, 3]) {
      let seen = 0;
      await inParallelFrom(ReadableStream.from(Array(count).fill(0)), 16, async () => void seen++);
      assert.equal(seen, count);
    }
  });

  await t.step("the first failure of the work ends it, and closes the stream", async () => {
    const stream = strictStream(1_000);
    let seen = 0;
    const run = inParallelFrom(stream, 4, async (item) => {
      seen++;
      await soon();
      if (item === 10) throw new Error("item 10");
    });
    await assert.rejects(run, /item 10/);
    assert.ok(seen < 30, `${seen}`);
    assert.ok(stream.state.returned);
  });

  await t.step("a stream that breaks is a failure", async () => {
    await assert.rejects(inParallelFrom(strictStream(100, { failAt: 7 }), 4, soon), /the stream broke/);
  });
});
