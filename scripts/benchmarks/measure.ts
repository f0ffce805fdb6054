/** Wall time of one call, in milliseconds. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle value; of an even count, the mean of the two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Two pieces of work timed in turn, so that both see the machine at the same speed. */
export interface Pair {
  ours: number;
  floor: number;
  /** Median of ours / floor, pair by pair. */
  ratio: number;
}

/** How {@linkcode timePair} goes about it. */
export interface TimePairOptions {
  /** @default {5} */
  runs?: number;
  /** Not timed: removes what a run of each left. */
  tidy?: () => Promise<unknown>;
}

/** Times two pieces of work in turn after one warm-up of each; the medians, in milliseconds. */
export async function timePair(
  ours: () => Promise<unknown>,
  floor: () => Promise<unknown>,
  { runs = 5, tidy = () => Promise.resolve() }: TimePairOptions = {},
): Promise<Pair> {
  const pairs: { ours: number; floor: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    pairs.push({ ours: await timeMs(ours), floor: await timeMs(floor) });
    await tidy();
  }
  pairs.shift();
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    floor: median(pairs.map((pair) => pair.floor)),
    ratio: median(pairs.map((pair) => pair.ours / pair.floor)),
  };
}

/** One line of the printed table. */
export interface Figure {
  what: string;
  measured: string;
  /** What was asked for. */
  asked: string;
}

/** `1.23 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** A pair as a line of the printed table. */
export function ratioFigure(what: string, { ours, floor, ratio }: Pair, asked: string): Figure {
  return { what, measured: `${ratio.toFixed(2)}× (${seconds(ours)} / ${seconds(floor)})`, asked };
}
