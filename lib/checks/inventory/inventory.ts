import { z } from "zod";
import { type CheckResult, defineCheck } from "../check.ts";
import {
  inventoryAdded,
  inventoryChanged,
  inventoryMissing,
  inventoryNotRecorded,
  inventoryTooSmall,
} from "./findings.ts";
import { inventoryObjects } from "./inventory_objects.ts";
import { readEntry, type RecordedInventory, recordedInventorySchema, writeEntry } from "./inventory_record.ts";
import { shownKeys } from "../objects/objects_look.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { expect, together } from "../expect.ts";

const shape = {
  bucket: z.string().describe("A name among the buckets of the configuration, s3://bucket/prefix, or a directory."),
  prefix: z.string().default("").describe("Only names that begin so."),
  sha256: z.boolean().default(false).describe(
    "Record the SHA-256 of every object too: from the server where it knows it, else by reading the object. Needed where " +
      "a copy is held against the inventory, as its ETags may differ. Files in a directory have no ETag, and are always " +
      "read.",
  ),
  versions: z.boolean().default(false).describe(
    "Record and compare the ids of versions. For the very bucket that was recorded: in a copy they are others.",
  ),
  read: z.boolean().default(false).describe("Read every object for its SHA-256, whatever the server says it is."),
  exact: z.boolean().default(false).describe("New objects are a failure too; else their number is noted."),
  minimum: z.int().nonnegative().default(1).describe("How many objects must have been recorded at least."),
  at_once: z.int().min(1).max(50).default(32).describe("How many objects are asked for at the same time."),
  show: z.boolean().default(false).describe("Let up to 5 names of each kind of fault stand in the verdict."),
};

export const inventoryCheck = defineCheck({
  kind: "inventory",
  summary: "A bucket or prefix holds what was recorded when the backup was made: names, sizes, checksums, versions.",
  shape,
  async record(options, { openBucket, signal }): Promise<RecordedInventory> {
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
