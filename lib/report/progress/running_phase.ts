import type { Amount } from "../../system/amount.ts";
import { sizeText } from "../../system/quantities.ts";

/** A phase under way, and how far it has come. */
export interface RunningPhase {
  name: string;
  startedAtMs: number;
  amount?: Amount;
  pace: Pace;
}

export function startPhase(name: string, nowMs: number): RunningPhase {
  return { name, startedAtMs: nowMs, pace: newPace() };
}

export function noteAmount(phase: RunningPhase, amount: Amount, nowMs: number): void {
  phase.amount = amount;
  phase.pace.note(amount, nowMs);
}

/** From 0 to 1; absent if the whole is unknown. */
export function shareDone({ amount }: RunningPhase): number | undefined {
  return amount && shareOf(amount);
}

/** What there is to say of a phase under way, the most important first: `45 %`, `2.1 of 4.7 GB`, `118 MB/s`, … */
export function wordsOf(phase: RunningPhase, nowMs: number): string[] {
  const { amount, pace } = phase;
  const elapsed = clock((nowMs - phase.startedAtMs) / 1_000);
  if (!amount) return [elapsed];
  const share = shareDone(phase);
  const [left, perSecond] = [pace.secondsLeft(), pace.perSecond()];
  return [
    ...(share === undefined ? [] : [`${String(Math.floor(share * 100)).padStart(2)} %`]),
    left === undefined ? elapsed : `${clock(left)} left`,
    amountText(amount),
    ...(perSecond && (amount.unit === "bytes" || amount.unit === "rows")
      ? [`${quantity(perSecond, amount.unit)}/s`]
      : []),
    ...(amount.what ? [amount.what] : []),
  ];
}

function amountText({ done, total, unit }: Amount): string {
  if (total === undefined) return quantity(done, unit);
  const most = Math.min(done, total);
  if (unit !== "bytes") return `${number(most)} of ${quantity(total, unit)}`;
  const [a, b] = [sizeText(most), sizeText(total)];
  const inOneUnit = a.split(" ")[1] === b.split(" ")[1];
  return `${inOneUnit ? a.split(" ")[0] : a} of ${b}`;
}

function quantity(count: number, unit: Amount["unit"]): string {
  return unit === "bytes" ? sizeText(count) : `${number(count)} ${unit}`;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `812`, `4.2K`, `12.3M`. */
function number(count: number): string {
  return compact.format(count < 1_000 ? Math.floor(count) : count);
}

/** `0:21`, `1:02:03`. */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (count: number) => String(count).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How fast a phase goes. */
interface Pace {
  /** Notes how far the work has come at a moment, in milliseconds. */
  note(amount: Amount, atMs: number): void;
  /** Units a second; absent as long as it cannot be said. */
  perSecond(): number | undefined;
  /** Absent without a total, or while it stands still. */
  secondsLeft(): number | undefined;
}

/** What counts is the last while: a restore's indexes do not go as fast as its rows. */
const windowMs = 15_000;
const shortestMs = 1_000;

/** Reckons the pace of one phase; it begins anew when another unit is counted. */
function newPace(): Pace {
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

/** From 0 to 1; absent if the whole is unknown. */
function shareOf({ done, total, share }: Amount): number | undefined {
  if (share !== undefined) return Math.min(1, share);
  return total ? Math.min(1, done / total) : undefined;
}
