/**
 * As long as a timer can be: JavaScript's goes off at once, and PostgreSQL refuses the setting, where more than 24 days are
 * asked for.
 */
export function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1);
}

/**
 * A signal that is aborted a while after another one was, for the same reason; or, where that happened already, a while
 * from now. What a run has to tell when it was stopped gets so long.
 */
export function afterGrace(signal: AbortSignal, graceMs: number): Disposable & { signal: AbortSignal } {
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => void (timer = setTimeout(() => late.abort(signal.reason), graceMs));
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** Waits for work, but not once the signal is aborted: then it throws the signal's reason, and the work is left to itself. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    work.catch(() => {}); // whatever it says after it was given up
  }
}

/** Sleeps; a signal that is aborted ends the sleep, without an error. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const wake = () => resolve();
  signal?.addEventListener("abort", wake);
  if (signal?.aborted) wake();
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", wake);
  });
}
