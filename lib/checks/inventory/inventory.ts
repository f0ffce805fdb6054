import { z } from "zod";
import type { Finding } from "../../verdict/verdict.ts";
import { type CheckResult, defineCheck, expect, together } from "../check.ts";
import { shownKeys } from "../objects/objects_look.ts";
import {
  inventoryAdded,
  inventoryChanged,
  inventoryMissing,
  inventoryNotRecorded,
  inventoryTooSmall,
} from "./findings.ts";
import { readEntry, type RecordedInventory, recordedInventorySchema, writeEntry } from "./inventory_baseline.ts";
import { inventoryObjects } from "./inventory_objects.ts";

const shape = {
  bucket: z.string().describe("The name of a bucket in the configuration, s3://bucket/prefix, or a directory."),
  prefix: z.string().default("").describe("Only names that begin with this."),
  sha256: z.boolean().default(false).describe(
    "Also record the SHA-256 of every object: from the server if it knows it, otherwise by reading the object. Needed to " +
      "compare a copy with the inventory, because its ETags may differ. Files in a directory have no ETag and are always " +
      "read.",
  ),
  versions: z.boolean().default(false).describe(
    "Record and compare version ids. Only for the recorded bucket itself: a copy has different ids.",
  ),
  read: z.boolean().default(false).describe("Read every object for its SHA-256, even if the server knows it."),
  exact: z.boolean().default(false).describe("Also fail if there are new objects. Default: only note their number."),
  minimum: z.int().nonnegative().default(1).describe("The least number of objects that must be recorded."),
  at_once: z.int().min(1).max(50).default(32).describe("How many objects to request at the same time."),
  show: z.boolean().default(false).describe("Show up to 5 names of each kind of fault in the verdict."),
};

export const inventoryCheck = defineCheck({
  kind: "inventory",
  summary:
    "A bucket or prefix holds the objects recorded at backup time, with their names, sizes, checksums and versions.",
  shape,
  async baseline(options, { openBucket, signal }): Promise<RecordedInventory> {
    const { prefix, sha256, versions, read, at_once } = options;
    const recorded_at = new Date().toISOString();
    const bucket = await openBucket(options.bucket);
    const objects: string[] = [];
    await inventoryObjects(bucket, {
      prefix,
      atOnce: at_once,
      wanted: ({ etag }) => ({ sha256: sha256 || read || etag === undefined, version: versions }),
      read,
      signal,
    }, (_, entry) => entry && objects.push(writeEntry(entry)));
    return { bucket: bucket.address, prefix, recorded_at, objects };
  },
  async run(options, { openBucket, recorded, signal }) {
    const { prefix, versions, read, at_once } = options;
    if (recorded === undefined) throw inventoryNotRecorded.error();
    const before = recordedInventorySchema.parse(recorded);
    const places = new Map(before.objects.map((text, place) => [readEntry(text).name, place]));
    const seen = new Uint8Array(before.objects.length);
    const faults = { missing: none(), changed: none(), added: none() };
    const count = (kind: keyof typeof faults, name: string) => {
      faults[kind].count++;
      if (faults[kind].shown.length < shownKeys) faults[kind].shown.push(name);
    };
    const entryOf = (name: string) => {
      const place = places.get(name);
      return place === undefined ? undefined : readEntry(before.objects[place]);
    };

    const bucket = await openBucket(options.bucket);
    await inventoryObjects(bucket, {
      prefix,
      atOnce: at_once,
      read,
      wanted({ name, sizeBytes, etag }) {
        const was = entryOf(name);
        const isOpen = was?.sizeBytes === sizeBytes && was.sha256 !== undefined && (read || was.etag !== etag || !etag);
        return { sha256: isOpen, version: versions && was !== undefined };
      },
      signal,
    }, (name, entry) => {
      const was = entryOf(name);
      if (!entry) return; // it went away: missing, if it was recorded
      if (!was) return count("added", name);
      seen[places.get(name)!] = 1;
      // Equal hashes outweigh ETags, which differ between copies of the same bytes.
      const isSame = was.sizeBytes === entry.sizeBytes &&
        (was.sha256 && entry.sha256 ? was.sha256 === entry.sha256 : !!was.etag && was.etag === entry.etag) &&
        (!versions || was.version === entry.version);
      if (!isSame) count("changed", name);
    });
    for (const [name, place] of places) if (!seen[place]) count("missing", name);
    return inventoryResult({ options, before, address: bucket.address, faults });
  },
});

function none(): { count: number; shown: string[] } {
  return { count: 0, shown: [] };
}

interface Faults {
  count: number;
  /** Some of the names. */
  shown: string[];
}

interface Compared {
  options: { name: string; exact: boolean; minimum: number; show: boolean };
  before: RecordedInventory;
  /** Of the bucket that was looked at. */
  address: string;
  faults: Record<"missing" | "changed" | "added", Faults>;
}

/** What a check of an inventory says. */
function inventoryResult({ options, before, address, faults }: Compared): CheckResult {
  const { name: check, exact, minimum, show } = options;
  const { bucket, objects: { length: recorded } } = before;
  const { missing, changed, added } = faults;
  const facts = ({ count, shown }: Faults) => ({ check, address, count, recorded, ...(show && { shown }) });
  const none = (name: string, { count: actual }: Faults, finding: Finding) =>
    expect(name, { ok: actual === 0, expected: 0, actual }, finding);
  return together(
    expect(
      "recorded",
      { ok: recorded >= minimum, expected: `>= ${minimum}`, actual: recorded },
      inventoryTooSmall({ check, bucket, recorded }),
    ),
    none("missing", missing, inventoryMissing(facts(missing))),
    none(
      "changed",
      changed,
      inventoryChanged({ ...facts(changed), ...(bucket !== address && { recordedIn: bucket }) }),
    ),
    exact
      ? none("added", added, inventoryAdded(facts(added)))
      : { assertions: [], notes: added.count > 0 ? [inventoryAdded.note(facts(added))] : [] },
  );
}
