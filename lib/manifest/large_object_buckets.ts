import { Buffer } from "node:buffer";

/**
 * Each family spreads ids over its buckets in another way: ids whose bucket differs in every one are those of objects that
 * differ, but for a rare chance. A million objects take 40 kB.
 */
export const families: readonly number[] = [1640531527, 1103515245, 1812433253];

const bucketCount = 1024;
const bucketBits = 10;
const entrySizeBytes = 10;

/** The family's place, the bucket, and what the hashes of its objects come to. */
export type Sum = [family: number, bucket: number, total: string];

/** SQL for the bucket of an id; what {@linkcode bucketIn} gives. No factor is so large that an int8 overflows. */
export function largeObjectBucketOf(id: string, factor: string): string {
  return `((${id} * ${factor} % 4294967296) >> ${32 - bucketBits})::pg_catalog.int4`;
}

function bucketIn(family: number, id: number): number {
  return Math.imul(id, families[family]) >>> (32 - bucketBits);
}

export function encodeSums(sums: readonly Sum[]): string {
  const bytes = Buffer.alloc(sums.length * entrySizeBytes);
  const sorted = sums.map(([family, bucket, total]) => [family * bucketCount + bucket, total] as const)
    .sort(([a], [b]) => a - b);
  for (const [place, [bucket, total]] of sorted.entries()) {
    bytes.writeUInt16BE(bucket, place * entrySizeBytes);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(total)), place * entrySizeBytes + 2);
  }
  return bytes.toString("base64");
}

function decodeSums(text: string): Map<number, bigint> {
  const bytes = Buffer.from(text, "base64");
  const totals = new Map<number, bigint>();
  for (let start = 0; start + entrySizeBytes <= bytes.length; start += entrySizeBytes) {
    totals.set(bytes.readUInt16BE(start), bytes.readBigUInt64BE(start + 2));
  }
  return totals;
}

/** Which large objects differ. */
interface DifferingIds {
  ids: number[];
  /** Whether some of them may be alike: so many differ that buckets hold others, too. */
  isVague: boolean;
}

/**
 * Names the large objects that differ between two digests.
 *
 * @param candidates The ids on both sides.
 */
export function differingIds(expected: string, actual: string, candidates: Iterable<number>): DifferingIds {
  const [before, now] = [decodeSums(expected), decodeSums(actual)];
  const differing = new Set([...before.keys(), ...now.keys()].filter((key) => before.get(key) !== now.get(key)));
  const ids: number[] = [];
  let count = 0;
  for (const id of candidates) {
    count++;
    if (families.every((_, family) => differing.has(family * bucketCount + bucketIn(family, id)))) ids.push(id);
  }
  const inFamily = families.map((_, family) =>
    [...differing].filter((key) => Math.floor(key / bucketCount) === family).length
  );
  const byChance = inFamily.reduce((chance, buckets) => chance * buckets / bucketCount, count);
  return { ids, isVague: byChance > 0.01 };
}
