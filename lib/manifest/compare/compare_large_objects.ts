import type { CapturedDatabase } from "../capture_database.ts";
import { differingIds } from "../large_object_buckets.ts";
import type { Manifest } from "../manifest.ts";
import { idsIn, writeIds } from "../privileges/id_ranges.ts";
import type { PartialDifferences } from "./differences.ts";
import { largeObjectsDiffer } from "./findings.ts";

/** Compares ids and contents of large objects, and names those that differ, where both sides know their ids. */
export function compareLargeObjects(manifest: Manifest, restored: CapturedDatabase): PartialDifferences {
  const [{ buckets: before, ...expected }, { buckets: now, ...actual }] = [
    manifest.large_objects,
    restored.large_objects,
  ];
  if (expected.count === actual.count && expected.digest === actual.digest) return { findings: [] };
  if (before === undefined && expected.count > 0) return { findings: [largeObjectsDiffer({ expected, actual })] };
  const groups = [manifest, restored].flatMap(({ privileges }) => privileges?.large_objects ?? []);
  const candidates = new Set<number>();
  for (const { ids } of groups) for (const id of idsIn(ids)) candidates.add(id);
  const { ids, isVague } = differingIds(before ?? "", now ?? "", candidates);
  return { findings: [largeObjectsDiffer({ expected, actual, ids: writeIds(ids), isVague })] };
}
