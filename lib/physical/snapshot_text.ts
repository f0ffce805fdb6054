/** What a snapshot shows, as `pg_current_snapshot` prints it: `xmin:xmax:xip,…`. */
export interface SnapshotText {
  xmin: bigint;
  xmax: bigint;
  /** Under way when it was taken. */
  xip: readonly bigint[];
}

/** Reads a text whose form was checked. */
export function parseSnapshot(text: string): SnapshotText {
  const [xmin, xmax, xip] = text.split(":");
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), xip: xip === "" ? [] : xip.split(",").map(BigInt) };
}

/** Whether a snapshot shows what a transaction did, if it was committed. */
export function isVisible({ xmin, xmax, xip }: SnapshotText, xid: bigint): boolean {
  return xid < xmin || (xid < xmax && !xip.includes(xid));
}

/** The 64-bit number of a transaction of which the WAL has the lower half: the nearest to the snapshot. */
export function longXid({ xmax }: SnapshotText, xid: bigint): bigint {
  const epoch = 1n << 32n;
  return xmax + BigInt.asIntN(32, xid - xmax % epoch);
}
