/** A source stood still. */
export class StandstillError extends Error {
  override readonly name = "StandstillError";
}

/** When {@linkcode interruptible} stops waiting. */
interface InterruptibleOptions {
  signal: AbortSignal;
  /** How long to wait for a chunk. @default {for ever} */
  silenceMs?: number;
  /** How much must have come in that time: a dripping source is not waited for either. @default {any chunk} */
  fewestBytes?: number;
}

/**
 * Passes chunks on, and fails at once when the signal is aborted, also while the next chunk is awaited.
 *
 * However it ends, the source is told that no more is wanted.
 */
export async function* interruptible<Chunk>(
  body: AsyncIterable<Chunk>,
  { signal, silenceMs, fewestBytes = 0 }: InterruptibleOptions,
): AsyncGenerator<Chunk, undefined> {
  const chunks = body[Symbol.asyncIterator]();
  let bytes = 0;
  let waitedMs = 0; // for as many bytes as that
  try {
    for (;;) {
      signal.throwIfAborted();
      const start = performance.now();
      const { value, done } = await orInterrupted(chunks.next(), signal, silenceMs && silenceMs - waitedMs);
      if (done) return;
      waitedMs += performance.now() - start;
      bytes += (value as { length?: number }).length ?? 0;
      if (bytes >= fewestBytes) bytes = waitedMs = 0;
      yield value;
    }
  } finally {
    // Not awaited: a source that hangs would hold us up.
    chunks.return?.().catch(() => {});
  }
}

// A listener for each chunk: a promise raced again and again would gather reactions without end.
async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal, silenceMs?: number): Promise<T> {
  const interrupted = Promise.withResolvers<never>();
  const stop = () => interrupted.reject(signal.reason);
  const timer = silenceMs === undefined
    ? undefined
    : setTimeout(() => interrupted.reject(new StandstillError("too little came for too long")), silenceMs);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop(); // by the source itself, as it was asked
  work.catch(() => {}); // what it says after it was given up
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
