import { type Amount } from "../../system/amount.ts";
import { sizeText } from "../../system/quantities.ts";
import { newPace, type Pace, shareOf } from "./pace.ts";

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

/** From 0 to 1; absent where nobody knows the whole. */
export function shareDone({ amount }: RunningPhase): number | undefined {
  return amount && shareOf(amount);
}

/** What there is to say of a phase under way, the most important first: `45 %`, `2.1 of 4.7 GB`, `118 MB/s`, … */
export function partsOf(phase: RunningPhase, nowMs: number): string[] {
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
