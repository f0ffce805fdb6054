/** How many rows are not as they should be, and the first of them by its id. */
export interface Breaks {
  count: number;
  first: string | null;
}

/** How the rows of a chain hang together. A whole chain has one beginning, one end, and nothing else to count. */
export interface ChainState {
  rows: number;
  beginnings: number;
  ends: number;
  /** The hashes of the ends, in lower case; 5 at most. */
  heads: string[];
  /** Rows that do not have the hash of their payload. */
  altered: Breaks;
  /** Rows whose predecessor is not there. */
  orphans: Breaks;
  /** Rows that follow the same row as another one, or have its hash. */
  forks: Breaks;
  /** Rows that follow one another in a circle, apart from the chain. */
  circles: Breaks;
}

/** The state of a chain in which nothing is wrong. */
export function wholeChain(rows: number, head: string): ChainState {
  const none = { count: 0, first: null };
  return { rows, beginnings: 1, ends: 1, heads: [head], altered: none, orphans: none, forks: none, circles: none };
}

/** Nothing is wrong with it but, possibly, that it is not the chain that was expected. */
export function isWhole({ rows, beginnings, ends, altered, orphans, forks, circles }: ChainState): boolean {
  const isBroken = [altered, orphans, forks, circles].some(({ count }) => count > 0);
  return rows === 0 || (!isBroken && beginnings === 1 && ends === 1);
}
