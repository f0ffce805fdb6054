/** Ranges of ids, ascending, as a manifest writes them: `16384-16390,17000`. */
type Range = [first: number, last: number];

function readRanges(ids: string): Range[] {
  return ids.split(",").map((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return [first, last];
  });
}

/** Every id of ranges. */
export function* idsIn(ids: string): Generator<number, void> {
  for (const [first, last] of readRanges(ids)) for (let id = first; id <= last; id++) yield id;
}

/** Writes ids as ranges. */
export function writeIds(ids: readonly number[]): string[] {
  const ranges: Range[] = [];
  for (const id of ids.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && id <= last[1] + 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`);
}

/** Ids that are in both, how many and which; written as they are. */
export function idsInBoth(some: string, others: string): { count: number; ids: string } {
  const [a, b] = [readRanges(some), readRanges(others)];
  const both: Range[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [first, last] = [Math.max(a[i][0], b[j][0]), Math.min(a[i][1], b[j][1])];
    if (first <= last) both.push([first, last]);
    if (a[i][1] < b[j][1]) i++;
    else j++;
  }
  return {
    count: both.reduce((sum, [first, last]) => sum + last - first + 1, 0),
    ids: both.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(","),
  };
}
