import type { ArchivedFile } from "./source.ts";
import { parseWalName, type Segment, usualSegmentBytes } from "./wal_name.ts";

/** Segments of one timeline without one missing, with both ends. */
interface SegmentRun {
  first: number;
  last: number;
}

/** What an archive of WAL holds, by the names of its files. */
export interface WalArchive {
  readonly segmentBytes: number;
  /** How many segments; a partial one does not count. */
  readonly segments: number;
  /** All files together. */
  readonly sizeBytes: number;
  /** Those with a segment or a history, in order. */
  readonly timelines: readonly number[];
  /** Timelines whose history file is there. */
  readonly histories: ReadonlySet<number>;
  /** Segments that are empty, or are not compressed and not as large as a segment is. They count as missing. */
  readonly wrongSize: readonly { name: string; sizeBytes: number }[];
  /** Segments that are there twice, under different checksums: pgBackRest hands out neither. */
  readonly twice: readonly string[];
  /** The runs of a timeline, in order. */
  runs(timeline: number): readonly SegmentRun[];
  /** The run that holds this segment. */
  runAt(segment: Segment): SegmentRun | undefined;
  /** When a segment came into the archive. */
  archivedAt(segment: Segment): Date | undefined;
}

/** A segment that is still being copied there may be short for so long. */
const copyingMs = 60_000;

/**
 * Reads the listing of an archive of WAL. Takes files that are nothing of Postgres' for nothing.
 *
 * @param now To tell a segment that is being copied from one that was cut short.
 */
export async function gatherWal(
  files: AsyncIterable<ArchivedFile>,
  { segmentBytes = usualSegmentBytes, now = new Date() }: { segmentBytes?: number; now?: Date } = {},
): Promise<WalArchive> {
  const found = new Map<number, Map<number, number>>(); // timeline, number, milliseconds
  const histories = new Set<number>();
  const wrongSize: { name: string; sizeBytes: number }[] = [];
  const checksums = new Map<string, string>();
  const twice = new Set<string>();
  let size = 0;
  for await (const { name, sizeBytes, modifiedAt } of files) {
    size += sizeBytes ?? 0;
    const file = parseWalName(name, segmentBytes);
    if (file?.kind === "history") histories.add(file.timeline);
    if (file?.kind !== "segment" || file.isPartial) continue;
    const plain = name.slice(0, 24);
    const checksum = /-([0-9a-f]{40})/.exec(name)?.[1];
    if (checksum !== undefined) {
      if ((checksums.get(plain) ?? checksum) !== checksum) twice.add(plain);
      checksums.set(plain, checksum);
    }
    if (sizeBytes !== undefined && !(file.compression ? sizeBytes > 0 : sizeBytes === segmentBytes)) {
      const isUnderWay = modifiedAt !== undefined && now.getTime() - modifiedAt.getTime() < copyingMs;
      if (!isUnderWay) wrongSize.push({ name, sizeBytes });
      continue;
    }
    const { timeline, number } = file.segment;
    const ofTimeline = found.get(timeline) ?? new Map<number, number>();
    found.set(timeline, ofTimeline.set(number, modifiedAt?.getTime() ?? NaN));
  }
  const runs = new Map([...found].map(([timeline, numbers]) => [timeline, runsOf([...numbers.keys()])]));
  return {
    segmentBytes,
    segments: [...found.values()].reduce((sum, { size }) => sum + size, 0),
    sizeBytes: size,
    timelines: [...new Set([...found.keys(), ...histories])].sort((a, b) => a - b),
    histories,
    wrongSize: wrongSize.sort((a, b) => a.name < b.name ? -1 : 1),
    twice: [...twice].sort(),
    runs: (timeline) => runs.get(timeline) ?? [],
    runAt: ({ timeline, number }) => runAt(runs.get(timeline) ?? [], number),
    archivedAt({ timeline, number }) {
      const at = found.get(timeline)?.get(number) ?? NaN;
      return Number.isNaN(at) ? undefined : new Date(at);
    },
  };
}

function runsOf(numbers: number[]): SegmentRun[] {
  const runs: SegmentRun[] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.last === number - 1) last.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}

function runAt(runs: readonly SegmentRun[], number: number): SegmentRun | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle].last < number) low = middle + 1;
    else high = middle;
  }
  return runs[low]?.first <= number ? runs[low] : undefined;
}
