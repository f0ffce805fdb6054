import type { Amount } from "../../values/amount.ts";

/** How fast a phase goes. */
export interface Pace {
  /** Notes how far the work has come at a moment, in milliseconds. */
  note(amount: Amount, atMs: number): void;
  /** Units a second; absent as long as it cannot be said. */
  perSecond(): number | undefined;
  /** Absent without a total, or while it stands still. */
  secondsLeft(): number | undefined;
}

/** What counts is the last while: a restore's indexes go at another speed than its rows. */
const windowMs = 15_000;
const shortestMs = 1_000;

/** Reckons the pace of one phase; it begins anew when another unit is counted. */
export function newPace(): Pace {
  let samples: { atMs: number; done: number }[] = [];
  let last: Amount | undefined;
  const perSecond = () => {
    if (samples.length < 2) return undefined;
    const [first, latest] = [samples[0], samples.at(-1)!];
    const ms = latest.atMs - first.atMs;
    return ms < shortestMs ? undefined : (latest.done - first.done) / ms * 1_000;
  };
  return {
    note(amount, atMs) {
      if (last && (last.unit !== amount.unit || amount.done < last.done)) samples = [];
      last = amount;
      // Every chunk of a transfer is noted: ten samples a second are plenty.
      if (samples.length > 1 && atMs - samples.at(-2)!.atMs < 100) samples.pop();
      samples.push({ atMs, done: amount.done });
      while (samples.length > 2 && atMs - samples[1].atMs > windowMs) samples.shift();
    },
    perSecond,
    secondsLeft() {
      const pace = perSecond();
      if (!pace || last?.total === undefined) return undefined;
      return Math.max(0, last.total - last.done) / pace;
    },
  };
}
