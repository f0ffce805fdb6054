/** One share of a configuration's databases, for one of several runs that together do them all. */
export interface Shard {
  /** From 0. */
  index: number;
  count: number;
}
