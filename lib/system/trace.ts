import { redact } from "./redact.ts";

/**
 * Tells whoever debugs a run of every statement and every program, with its time. Off unless a listener is set.
 */
let listener: ((line: string) => void) | undefined;

/** What takes longer than this is told of while it runs. */
const stillRunningMs = 5_000;

/** Has everything that is run from now on told to `to`, a line at a time, secrets replaced. */
export function traceTo(to: ((line: string) => void) | undefined): void {
  listener = to;
}

/** Whether anybody listens. */
export function isTracing(): boolean {
  return listener !== undefined;
}

/**
 * Says that something was begun.
 *
 * It is told when it has ended, and once while it runs if that takes longer than five seconds: what hangs is what one
 * looks for.
 *
 * @param kind Such as `sql`.
 * @param text What is run; may span lines.
 * @returns Call it when that has ended.
 */
export function traced(kind: string, text: string): (outcome?: string) => void {
  if (!listener) return () => {};
  const startedAtMs = performance.now();
  const what = `${kind}  ${redact(text).replace(/\s+/g, " ").trim()}`;
  const tell = (time: string, outcome = "") =>
    listener?.(`  [${(performance.now() / 1_000).toFixed(3)} s] ${time.padStart(10)}  ${what}${outcome}`);
  const timer = setTimeout(() => tell("running"), stillRunningMs);
  return (outcome) => {
    clearTimeout(timer);
    tell(`${(performance.now() - startedAtMs).toFixed(1)} ms`, outcome && ` (${outcome})`);
  };
}
