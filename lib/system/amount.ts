/** How far a piece of work has come. */
export interface Amount {
  done: number;
  /** Absent if unknown beforehand. */
  total?: number;
  unit: "bytes" | "rows" | "tables" | "indexes";
  /**
   * From 0 to 1, where the parts are of different sizes.
   * @default {done / total}
   */
  share?: number;
  /** What it is at, such as a table's name. */
  what?: string;
}

/** Takes how far the work has come, as often as it is known; cheap enough to be called for every chunk. */
export type Measure = (amount: Amount) => void;

/**
 * Makes what takes the sizes of pieces and measures their sum; nothing if it is not needed.
 *
 * @param totalBytes What they should come to.
 */
export function countingBytes(measure: Measure | undefined, totalBytes: number): ((bytes: number) => void) | undefined {
  if (!measure) return undefined;
  let done = 0;
  return (bytes) => measure({ done: done += bytes, total: totalBytes, unit: "bytes" });
}
