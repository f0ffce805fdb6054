import type { Amount } from "../../system/amount.ts";

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
  let samples: { atMs: number; done: number; share?: number }[] = [];
  let last: Amount | undefined;
  const perSecond = (of: (sample: typeof samples[number]) => number = ({ done }) => done) => {
    if (samples.length < 2) return undefined;
    const [first, latest] = [samples[0], samples.at(-1)!];
    const ms = latest.atMs - first.atMs;
    return ms < shortestMs ? undefined : (of(latest) - of(first)) / ms * 1_000;
  };
  return {
    note(amount, atMs) {
      if (last && (last.unit !== amount.unit || amount.done < last.done)) samples = [];
      last = amount;
      // Every chunk of a transfer is noted: ten samples a second are plenty.
      if (samples.length > 1 && atMs - samples.at(-2)!.atMs < 100) samples.pop();
      samples.push({ atMs, done: amount.done, share: shareOf(amount) });
      while (samples.length > 2 && atMs - samples[1].atMs > windowMs) samples.shift();
    },
    perSecond: () => perSecond(),
    secondsLeft() {
      const share = last && shareOf(last);
      const pace = perSecond(({ share = 0 }) => share);
      return share === undefined || !pace ? undefined : (1 - share) / pace;
    },
  };
}

/** From 0 to 1; absent where nobody knows the whole. */
export function shareOf({ done, total, share }: Amount): number | undefined {
  if (share !== undefined) return Math.min(1, share);
  return total ? Math.min(1, done / total) : undefined;
}
