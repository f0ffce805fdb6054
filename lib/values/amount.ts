/** How far a piece of work has come. */
export interface Amount {
  done: number;
  /** Absent where nobody knows beforehand. */
  total?: number;
  unit: "bytes" | "rows" | "indexes";
  /** What it is at, such as a table's name or `12 of 45 tables`. */
  what?: string;
}

/** Takes how far the work has come, as often as it is known; cheap enough to be called for every chunk. */
export type Measure = (amount: Amount) => void;
