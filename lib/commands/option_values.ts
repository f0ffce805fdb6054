import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDurationMs } from "../options/duration.ts";

// How values on the command line are read.

/** Gathers an option that may be repeated. */
export function collect(text: string, gathered: string[] = []): string[] {
  return [...gathered, text];
}

export function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It must be a duration such as 500ms, 60s or 15m.");
  return ms;
}

export function wholeNumber(text: string, least: number, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= least && count <= most) return count;
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
}
