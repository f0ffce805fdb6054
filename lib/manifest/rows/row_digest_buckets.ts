import { Buffer } from "node:buffer";

/** Over how many buckets the keys of a table are spread. */
export const bucketCount = 256;

const entrySizeBytes = 9;

/**
 * Packs the digests of a table's buckets into text, 12 characters for each bucket that holds a row.
 *
 * @param totals The sum of the row hashes in each bucket.
 */
export function encodeBuckets(totals: Map<number, bigint>): string {
  const bytes = Buffer.alloc(totals.size * entrySizeBytes);
  const sorted = [...totals].sort(([a], [b]) => a - b);
  for (const [place, [bucket, total]] of sorted.entries()) {
    bytes.writeUInt8(bucket, place * entrySizeBytes);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, total), place * entrySizeBytes + 1);
  }
  return bytes.toString("base64");
}

/**
 * Names the buckets in which two tables hold different rows, in ascending order.
 *
 * @param expected The `buckets` of one digest.
 * @param actual Those of the other; both must come from the same key columns.
 */
export function differingBuckets(expected: string, actual: string): number[] {
  const [a, b] = [decodeBuckets(expected), decodeBuckets(actual)];
  const buckets = [...new Set([...a.keys(), ...b.keys()])];
  return buckets.filter((bucket) => a.get(bucket) !== b.get(bucket)).sort((x, y) => x - y);
}

function decodeBuckets(text: string): Map<number, bigint> {
  const bytes = Buffer.from(text, "base64");
  const totals = new Map<number, bigint>();
  for (let start = 0; start + entrySizeBytes <= bytes.length; start += entrySizeBytes) {
    totals.set(bytes.readUInt8(start), bytes.readBigUInt64BE(start + 1));
  }
  return totals;
}
