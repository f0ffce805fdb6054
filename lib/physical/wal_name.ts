import { type Lsn, parseLsn } from "./lsn.ts";

/** How large Postgres makes WAL segments, unless initdb is told otherwise. */
export const usualSegmentBytes = 16 * 1024 * 1024;

/** With these, names may be whatever they may be with larger ones, too. */
export const smallestSegmentBytes = 1024 * 1024;

/** One segment of the WAL. Its number counts from the beginning of the WAL, and depends on the size of segments. */
export interface Segment {
  timeline: number;
  number: number;
}

/** What a file in an archive of WAL is, by its name. */
type WalFile =
  | { kind: "segment"; segment: Segment; isPartial: boolean; compression?: Compression }
  /** Where a timeline branched off, and from which. */
  | { kind: "history"; timeline: number; compression?: Compression }
  /** What a backup left in the archive: from where to where it goes. */
  | { kind: "backup"; segment: Segment; offset: number; compression?: Compression };

/** By the ending of the name, without its dot; what Barman compressed has none. */
type Compression = typeof compressions[number];

const compressions = ["gz", "lz4", "zst", "bz2", "xz"] as const;

// pgBackRest appends the SHA-1 of a segment, and of a partial one.
const walName =
  /^(?:([0-9A-F]{8})\.history|([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(?:(\.partial)?(?:-[0-9a-f]{40})?|\.([0-9A-F]{8})\.backup))(?:\.([a-z0-9]+))?$/;

/**
 * Reads the name of a file in an archive of WAL; `undefined` where it is something else: a file under way, another tool's,
 * or a segment that cannot be with this size.
 *
 * @param segmentBytes A power of two from 1 MB to 1 GB.
 */
export function parseWalName(name: string, segmentBytes: number = usualSegmentBytes): WalFile | undefined {
  const matched = walName.exec(name);
  if (!matched) return undefined;
  const [, history, timeline, log, low, partial, offset, ending] = matched;
  const compression = compressions.find((known) => known === ending);
  if (ending !== undefined && compression === undefined) return undefined;
  const compressed = compression && { compression };
  if (history !== undefined) return { kind: "history", timeline: hex(history), ...compressed };
  const perLog = segmentsPerLog(segmentBytes);
  if (hex(timeline) === 0 || hex(low) >= perLog) return undefined;
  const segment = { timeline: hex(timeline), number: hex(log) * perLog + hex(low) };
  if (offset === undefined) return { kind: "segment", segment, isPartial: partial !== undefined, ...compressed };
  return hex(offset) < segmentBytes ? { kind: "backup", segment, offset: hex(offset), ...compressed } : undefined;
}

/** The name of a segment: 24 hexadecimal digits. */
export function segmentName({ timeline, number }: Segment, segmentBytes: number = usualSegmentBytes): string {
  const perLog = segmentsPerLog(segmentBytes);
  return [timeline, Math.floor(number / perLog), number % perLog].map(eightDigits).join("");
}

/** `00000002.history`. */
export function historyName(timeline: number): string {
  return `${eightDigits(timeline)}.history`;
}

/** The number of the segment that holds the byte at this place. */
export function segmentAt(lsn: Lsn, segmentBytes: number = usualSegmentBytes): number {
  return Number(lsn / BigInt(segmentBytes));
}

/**
 * The number of the last segment that is needed to come to a place: an end of a record at the beginning of a segment needs
 * nothing of that segment.
 */
export function segmentBefore(lsn: Lsn, segmentBytes: number = usualSegmentBytes): number {
  return lsn === 0n ? 0 : segmentAt(lsn - 1n, segmentBytes);
}

/** Where a segment begins; the next one's is where it ends. */
export function segmentStart(number: number, segmentBytes: number = usualSegmentBytes): Lsn {
  return BigInt(number) * BigInt(segmentBytes);
}

/** The size of segments with which a place, `0/2000028`, lies in the segment of this name. */
export function segmentBytesOf(place: string, name: string): number | undefined {
  const lsn = parseLsn(place);
  const timeline = hex(name.slice(0, 8));
  if (lsn === undefined) return undefined;
  return segmentSizes.find((size) => segmentName({ timeline, number: segmentAt(lsn, size) }, size) === name);
}

/** Powers of two from 1 MB to 1 GB. */
const segmentSizes = Array.from({ length: 11 }, (_, power) => 2 ** (20 + power));

function segmentsPerLog(segmentBytes: number): number {
  return 2 ** 32 / segmentBytes;
}

function hex(digits: string): number {
  return parseInt(digits, 16);
}

function eightDigits(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
