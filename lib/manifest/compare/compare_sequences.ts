import type { Finding, Note } from "../../verdict/verdict.ts";
import type { PartialDifferences } from "./differences.ts";
import { tableName } from "../table_name.ts";
import type { ManifestSequence } from "../manifest.ts";
import {
  definitionMissing,
  definitionUnexpected,
  sequenceBehind,
  sequenceDiffers,
  sequenceMoved,
  sequenceValueDiffers,
  sequenceWasBehind,
} from "./findings.ts";

const parameters = [
  "data_type",
  "start_value",
  "min_value",
  "max_value",
  "increment",
  "cache_size",
  "cycle",
  "persistence",
  "owned_by",
] as const;

/**
 * Compares sequences: parameters exactly; the value must lie between those before and after the dump, since sequences
 * move outside of transactions.
 */
export function compareSequences(expected: ManifestSequence[], actual: ManifestSequence[]): PartialDifferences {
  const findings: Finding[] = [];
  const notes: Note[] = [];
  const restored = new Map(actual.map((sequence) => [tableName(sequence), sequence]));
  for (const sequence of expected) {
    const object = tableName(sequence);
    const found = restored.get(object);
    restored.delete(object);
    if (!found) {
      findings.push(definitionMissing({ kind: "sequence", object }));
      continue;
    }
    findings.push(...compareParameters(object, sequence, found), ...compareValues(object, sequence, found));
    notes.push(...movement(object, sequence, found));
  }
  for (const object of restored.keys()) findings.push(definitionUnexpected({ kind: "sequence", object }));
  return { findings, notes };
}

function compareParameters(object: string, expected: ManifestSequence, actual: ManifestSequence): Finding[] {
  const differing = parameters.filter((name) => JSON.stringify(expected[name]) !== JSON.stringify(actual[name]));
  if (differing.length === 0) return [];
  const pick = (sequence: ManifestSequence) => Object.fromEntries(differing.map((name) => [name, sequence[name]]));
  return [sequenceDiffers({ object, parameters: differing, expected: pick(expected), actual: pick(actual) })];
}

function compareValues(object: string, expected: ManifestSequence, actual: ManifestSequence): Finding[] {
  const newlyBehind = actual.behind.filter((column) => !expected.behind.includes(column));
  const compared = { object, value: actual.after.last_value, expected: span(expected), actual: actual.after };
  if (newlyBehind.length > 0) return [sequenceBehind.newly({ ...compared, columns: newlyBehind })];
  if (liesBetween(actual.after, expected)) return [];
  const isStill = isSame(expected.before, expected.after);
  const before = expected.before.last_value;
  return [sequenceValueDiffers({ ...compared, before, after: isStill ? before : expected.after.last_value })];
}

type Value = ManifestSequence["before"];

function isSame(a: Value, b: Value): boolean {
  return a.last_value === b.last_value && a.is_called === b.is_called;
}

function liesBetween(value: Value, { before, after }: ManifestSequence): boolean {
  if (isSame(value, before) || isSame(value, after)) return true;
  const [low, high] = [before, after].map(({ last_value }) => BigInt(last_value)).sort((a, b) => a < b ? -1 : 1);
  const now = BigInt(value.last_value);
  return !isSame(before, after) && low <= now && now <= high;
}

function movement(object: string, expected: ManifestSequence, actual: ManifestSequence): Note[] {
  const [before, after] = [expected.before.last_value, expected.after.last_value];
  const value = actual.after.last_value;
  return [
    ...isSame(expected.before, expected.after) ? [] : [sequenceMoved({ object, before, after, value })],
    ...expected.behind.length > 0 ? [sequenceWasBehind({ object, columns: expected.behind })] : [],
  ];
}

function span({ before, after }: ManifestSequence) {
  return isSame(before, after) ? before : { before, after };
}
