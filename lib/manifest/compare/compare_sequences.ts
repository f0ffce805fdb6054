import type { Finding, Note } from "../../verdict/verdict.ts";
import type { PartialDifferences } from "./differences.ts";
import { tableName } from "../table_name.ts";
import type { ManifestSequence } from "../manifest.ts";

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
      findings.push({
        code: "SEQUENCE_MISSING",
        message: `The sequence ${object} was not restored.`,
        fix:
          "See what the restore said about it (RESTORE_FAILED), and do what its fix says; if it said nothing, make a new backup.",
        object,
      });
      continue;
    }
    findings.push(...compareParameters(object, sequence, found), ...compareValues(object, sequence, found));
    notes.push(...movement(object, sequence, found));
  }
  for (const object of restored.keys()) {
    findings.push({
      code: "SEQUENCE_UNEXPECTED",
      message: `The sequence ${object} was not there when the backup was made.`,
      fix: "Compare with the manifest of this very backup, in a database that held nothing else.",
      object,
    });
  }
  return { findings, notes };
}

function compareParameters(object: string, expected: ManifestSequence, actual: ManifestSequence): Finding[] {
  const differing = parameters.filter((name) => JSON.stringify(expected[name]) !== JSON.stringify(actual[name]));
  if (differing.length === 0) return [];
  const pick = (sequence: ManifestSequence) => Object.fromEntries(differing.map((name) => [name, sequence[name]]));
  return [{
    code: "SEQUENCE_DIFFERS",
    message: `The sequence ${object} has another ${differing.join(", ").replaceAll("_", " ")}.`,
    fix: "Set it as it was with ALTER SEQUENCE, and find out why the restore did not.",
    object,
    expected: pick(expected),
    actual: pick(actual),
  }];
}

function compareValues(object: string, expected: ManifestSequence, actual: ManifestSequence): Finding[] {
  const newlyBehind = actual.behind.filter((column) => !expected.behind.includes(column));
  if (newlyBehind.length > 0) {
    return [{
      code: "SEQUENCE_BEHIND",
      message: `The sequence ${object} stands at ${actual.after.last_value}, behind the values in ${
        newlyBehind.join(", ")
      }: the next one it gives is there already.`,
      fix: "Set it beyond the column's maximum with setval(), and find out why the restore did not.",
      object,
      expected: span(expected),
      actual: actual.after,
    }];
  }
  if (liesBetween(actual.after, expected)) return [];
  return [{
    code: "SEQUENCE_VALUE_DIFFERS",
    message: `The sequence ${object} stands at ${actual.after.last_value}; during the dump it stood ${
      isSame(expected.before, expected.after)
        ? `at ${expected.before.last_value}`
        : `between ${expected.before.last_value} and ${expected.after.last_value}`
    }.`,
    fix: "Set it with setval(), and find out why the restore did not.",
    object,
    expected: span(expected),
    actual: actual.after,
  }];
}

type Value = ManifestSequence["before"];

function isSame(a: Value, b: Value): boolean {
  return a.last_value === b.last_value && a.is_called === b.is_called;
}

function liesBetween(value: Value, { before, after }: ManifestSequence): boolean {
  if (isSame(value, before) || isSame(value, after)) return true;
  const [low, high] = [before, after].map(({ last_value }) => BigInt(last_value)).sort((a, b) => a < b ? -1 : 1);
  const stands = BigInt(value.last_value);
  return !isSame(before, after) && low <= stands && stands <= high;
}

function movement(object: string, expected: ManifestSequence, actual: ManifestSequence): Note[] {
  const notes: Note[] = [];
  if (!isSame(expected.before, expected.after)) {
    notes.push({
      code: "SEQUENCE_MOVED",
      message:
        `The sequence ${object} moved from ${expected.before.last_value} to ${expected.after.last_value} during ` +
        `the dump, and stands at ${actual.after.last_value}.`,
      object,
    });
  }
  if (expected.behind.length > 0) {
    notes.push({
      code: "SEQUENCE_WAS_BEHIND",
      message: `The sequence ${object} was behind the values in ${
        expected.behind.join(", ")
      } when it was dumped already.`,
      object,
    });
  }
  return notes;
}

function span({ before, after }: ManifestSequence) {
  return isSame(before, after) ? before : { before, after };
}
