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
