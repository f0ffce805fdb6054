import { durationText } from "../system/quantities.ts";
import { timerMs } from "../system/timer.ts";
import { leftBehind } from "../system/findings.ts";

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
      const reason = new DOMException(`It took longer than ${durationText(ms)}.`, "TimeoutError");
      timer = setTimeout(() => {
        if (!isJobOver) over.abort(reason);
        late.abort(reason);
      }, timerMs(ms));
    },
    endJob: () => void (isJobOver = true),
    clear: () => clearTimeout(timer),
  };
}

/** How long a cleanup may take. */
interface CleanupLimit {
  ms: number;
  /** From the moment on at which we were asked to stop. */
  stoppingMs: number;
}

const usual: CleanupLimit = { ms: 120_000, stoppingMs: 30_000 };

/**
 * Waits for a cleanup, and not for ever: a server may never let go of a database, whatever it was told.
 *
 * @throws {OperatorError} `LEFT_BEHIND`
 */
export async function cleanUpInTime(
  what: string,
  cleanUp: () => Promise<void>,
  signal: AbortSignal,
  { ms, stoppingMs }: CleanupLimit = usual,
): Promise<void> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const giveUpAfter = (limitMs: number) =>
    setTimeout(() => {
      reject(leftBehind.tooLong.error({ what, limitMs }));
    }, limitMs);
  let timer = giveUpAfter(signal.aborted ? stoppingMs : ms);
  const hurry = () => {
    clearTimeout(timer);
    timer = giveUpAfter(stoppingMs);
  };
  signal.addEventListener("abort", hurry);
  try {
    await Promise.race([cleanUp(), tooLong]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", hurry);
  }
}
