/**
 * Does something with each item, several at a time; stops taking new ones at the first failure, and throws that once
 * those under way have ended.
 *
 * @returns The results, in the items' order.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    while (next < items.length && !failure) {
      const index = next++;
      try {
        results[index] = await work(items[index]);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
  if (failure) throw failure.error;
  return results;
}

/**
 * Does something with each item of a stream, several at a time, and takes no more from it than are worked on. Stops at the
 * first failure, and throws that once those under way have ended.
 *
 * The stream is asked for one item at a time: not every stream can be asked for the next one while it looks for one.
 */
export async function inParallelFrom<Item>(
  items: AsyncIterable<Item>,
  jobs: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const stream = items[Symbol.asyncIterator]();
  let hasEnded = false;
  let failure: { error: unknown } | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const take = async (): Promise<IteratorResult<Item, unknown>> => {
    if (hasEnded || failure) return { done: true, value: undefined };
    const result = await stream.next();
    hasEnded = result.done === true;
    return result;
  };
  const worker = async () => {
    while (!failure) {
      try {
        const taken = turn.then(take);
        turn = taken.catch(() => {});
        const result = await taken;
        if (result.done) return;
        await work(result.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  if (!failure) return;
  await stream.return?.().catch(() => {});
  throw failure.error;
}
