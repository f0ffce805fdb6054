import type { Measure } from "./amount.ts";

/**
 * Makes what takes the sizes of pieces and measures their sum; nothing if nobody looks.
 *
 * @param totalBytes What they should come to.
 */
export function countingBytes(measure: Measure | undefined, totalBytes: number): ((bytes: number) => void) | undefined {
  if (!measure) return undefined;
  let done = 0;
  return (bytes) => measure({ done: done += bytes, total: totalBytes, unit: "bytes" });
}
