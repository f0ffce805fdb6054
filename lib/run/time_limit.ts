import { timerMs } from "../system/timer.ts";

/** Ends a job when its time is over. */
export function makeTimeLimit() {
  const over = new AbortController();
  const late = new AbortController();
  let isJobOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    /** Not aborted any more once the job is over: what it found holds. */
    signal: over.signal,
    /** Aborted then, too: for what is told and kept afterwards. */
    lateSignal: late.signal,
    set(ms: number) {
      clearTimeout(timer);
      const reason = new DOMException(`It took longer than ${ms / 1000} s.`, "TimeoutError");
      timer = setTimeout(() => {
        if (!isJobOver) over.abort(reason);
        late.abort(reason);
      }, timerMs(ms));
    },
    endJob: () => void (isJobOver = true),
    clear: () => clearTimeout(timer),
  };
}
