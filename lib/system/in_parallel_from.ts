/**
 * Does something with each item of a stream, several at a time, and takes no more from it than are worked on. Stops at the
 * first failure, and throws that once those under way have ended.
 */
export async function inParallelFrom<Item>(
  items: AsyncIterable<Item>,
  jobs: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const stream = items[Symbol.asyncIterator]();
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    while (!failure) {
      try {
        const { value, done } = await stream.next();
        if (done) return;
        await work(value);
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
