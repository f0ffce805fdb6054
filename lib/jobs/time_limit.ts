import { timerMs } from "../system/timer.ts";

/** Ends a job when its time is over. */
export function makeTimeLimit() {
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    signal: over.signal,
    set(ms: number) {
      clearTimeout(timer);
      const reason = new DOMException(`It took longer than ${ms / 1000} s.`, "TimeoutError");
      timer = setTimeout(() => over.abort(reason), timerMs(ms));
    },
    clear: () => clearTimeout(timer),
  };
}
