// Quantities as people read them. English, UTC, and the same on every machine.

/** `827 ms`, `4.2 s`, `5 s`, `3 min 20 s`, `5 h 12 min`, `8 d 3 h`. */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${shortened(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return twoUnits(seconds, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  return minutes < 72 * 60 ? twoUnits(minutes, 60, "h", "min") : twoUnits(Math.round(minutes / 60), 24, "d", "h");
}

function twoUnits(count: number, perLarge: number, large: string, small: string): string {
  const rest = count % perLarge;
  return `${Math.floor(count / perLarge)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const roundSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((count) => count * day),
];

/** The distance of marks on an axis of time, in milliseconds: round as clocks are, and at most this many of them. */
export function roundStepMs(totalMs: number, mostSteps: number): number {
  return roundSteps.find((ms) => totalMs / ms <= mostSteps) ?? totalMs / mostSteps;
}

/** `812 B`, `4.2 MB`, `118 GB`; a kB is 1,000 bytes. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1_000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : shortened(value)} ${units[unit]}`;
}

/** With one decimal, unless that is 0. */
function shortened(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

/** `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString("en-GB");
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `21 November 2026, 02:10 UTC`; what is not a moment stays unchanged. */
export function momentText(moment: string): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return moment;
  return `${dateText(date)}, ${date.toISOString().slice(11, 16)} UTC`;
}

function dateText(date: Date): string {
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A value of an assertion on one line, cut where it gets long. */
export function valueText(value: unknown, mostCharacters = 200): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`;
}
