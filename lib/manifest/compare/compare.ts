import type { Finding, Note } from "../../verdict/verdict.ts";
import type { CapturedDatabase } from "../capture_database.ts";
import { differingIds } from "../large_object_buckets.ts";
import type { Manifest } from "../manifest.ts";
import { idsIn, writeIds } from "../privileges/id_ranges.ts";
import { reduceToManifest } from "../selection.ts";
import { compareDefinitions } from "./compare_definitions.ts";
import { comparePrivileges } from "./compare_privileges.ts";
import { compareRights } from "./compare_rights.ts";
import { compareRows } from "./compare_rows.ts";
import { compareSequences } from "./compare_sequences.ts";
import type { ComparisonOptions, Differences, PartialDifferences } from "./differences.ts";
import {
  chainDiffers,
  collationDiffers,
  collationVersionDiffers,
  distributionDiffers,
  largeObjectsDiffer,
  nothingCompared,
  serverVersionDiffers,
} from "./findings.ts";

/** Compares a restored database with the manifest of what it should be, and reports every difference. */
export async function compareManifest(
  manifest: Manifest,
  restored: CapturedDatabase,
  options: ComparisonOptions = {},
): Promise<Differences> {
  restored = reduceToManifest(restored, manifest);
  const { told, ...privileges } = options.ownersAndGrants
    ? comparePrivileges(manifest, restored)
    : { findings: [], told: undefined };
  const parts: Record<keyof Differences["differing"], PartialDifferences> = {
    rows: compareRows(manifest.rows, restored.rows),
    large_objects: compareLargeObjects(manifest, restored),
    sequences: compareSequences(manifest.sequences, restored.sequences),
    definitions: await compareDefinitions(manifest, restored, options),
    privileges,
    rights: options.ownersAndGrants ? compareRights(manifest, restored, told) : { findings: [] },
    distribution: compareDistribution(manifest, restored),
    chain: compareChain(manifest, restored),
  };
  const all = Object.values(parts);
  const compared = {
    tables: manifest.rows.length,
    rows: manifest.rows.reduce((sum, { row_count }) => sum + row_count, 0),
    definitions: manifest.definitions.length,
    sequences: manifest.sequences.length,
    large_objects: manifest.large_objects.count,
  };
  if (Object.values(compared).every((count) => count === 0)) throw nothingCompared.error();
  return {
    findings: withoutRepetitions(all.flatMap(({ findings }) => findings)),
    notes: [...all.flatMap(({ notes = [] }) => notes), ...environmentNotes(manifest, restored)],
    differing: mapValues(parts, ({ findings }) => findings.length),
    compared,
    covers: [
      "rows",
      "large_objects",
      "sequences",
      "definitions",
      ...options.ownersAndGrants && manifest.privileges ? ["owners", "grants", "default_privileges", "rights"] : [],
    ],
  };
}

function mapValues<Key extends string, From, To>(record: Record<Key, From>, map: (value: From) => To) {
  return Object.fromEntries(Object.entries<From>(record).map(([key, value]) => [key, map(value)])) as Record<Key, To>;
}

/** A table that is missing lacks its rows and its definition: one finding is enough. */
function withoutRepetitions(findings: Finding[]): Finding[] {
  const keyOf = ({ code, object }: Finding) => `${code} ${object?.replaceAll('"', "")}`;
  return [...new Map(findings.toReversed().map((finding) => [keyOf(finding), finding])).values()].toReversed();
}

function compareDistribution(manifest: Manifest, restored: CapturedDatabase): PartialDifferences {
  const nameOf = ({ table, column }: Manifest["distribution"][number]) => `${table.schema}.${table.name}:${column}`;
  const actual = new Map(restored.distribution.map((found) => [nameOf(found), found]));
  const findings = manifest.distribution.flatMap((expected): Finding[] => {
    const name = nameOf(expected);
    const counts = new Map(actual.get(name)?.values.map(({ value, row_count }) => [value, row_count]));
    const differing = [
      ...expected.values.filter(({ value, row_count }) => counts.get(value) !== row_count).map(({ value }) => value),
      ...[...counts.keys()].filter((value) => !expected.values.some((known) => known.value === value)),
    ];
    if (differing.length === 0 && expected.null_row_count === actual.get(name)?.null_row_count) return [];
    return [distributionDiffers({
      object: name,
      count: differing.length,
      expected: expected.values.filter(({ value }) => differing.includes(value)).slice(0, 20),
      actual: [...counts].filter(([value]) => differing.includes(value)).slice(0, 20)
        .map(([value, row_count]) => ({ value, row_count })),
    })];
  });
  return { findings };
}

function compareChain({ chain: expected }: Manifest, { chain: actual }: CapturedDatabase): PartialDifferences {
  if (!expected) return { findings: [] };
  if (expected.row_count === actual?.row_count && expected.chain_head_hash === actual.chain_head_hash) {
    return { findings: [] };
  }
  return { findings: [chainDiffers.ofBackup({ expected, actual })] };
}

function environmentNotes(manifest: Manifest, restored: CapturedDatabase): Note[] {
  const notes: Note[] = [];
  const versions = { before: manifest.postgres.server, now: restored.postgres.server };
  if (versions.before !== versions.now) notes.push(serverVersionDiffers(versions));
  const [before, now] = [manifest.database, restored.database];
  if (before.collation !== now.collation || before.ctype !== now.ctype || before.locale !== now.locale) {
    notes.push(collationDiffers({ before: before.locale ?? before.collation, now: now.locale ?? now.collation }));
  } else if (before.collation_version !== now.collation_version) {
    notes.push(collationVersionDiffers({
      before: before.collation_version ?? undefined,
      now: now.collation_version ?? undefined,
    }));
  }
  return notes;
}

/** Compares ids and contents of large objects, and names those that differ, where both sides know their ids. */
function compareLargeObjects(manifest: Manifest, restored: CapturedDatabase): PartialDifferences {
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
