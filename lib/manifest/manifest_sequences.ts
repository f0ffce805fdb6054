import { tableName } from "./table_name.ts";
import type { ManifestSequence } from "./manifest.ts";
import type { SequenceColumn, SequenceState } from "./sequences.ts";

/**
 * Joins what was read of the sequences before and after the dump; one that came or went in between is left out, as it is
 * in the dump only by chance.
 *
 * @param columns How far the values in the columns went that the sequences feed, at the snapshot.
 */
export function joinSequences(
  before: SequenceState[],
  after: SequenceState[],
  columns: SequenceColumn[],
): ManifestSequence[] {
  const later = new Map(after.map((state) => [tableName(state), state]));
  const columnsOf = Map.groupBy(columns, ({ sequence }) => tableName(sequence));
  return before.flatMap((state) => {
    const name = tableName(state);
    const now = later.get(name);
    if (!now) return [];
    const { last_value, is_called, ...parameters } = state;
    const fed = columnsOf.get(name) ?? [];
    return [{
      ...parameters,
      before: { last_value, is_called },
      after: { last_value: now.last_value, is_called: now.is_called },
      behind: fed.filter((column) => isBehind(now, column)).map(({ table, column }) => `${tableName(table)}.${column}`),
    }];
  });
}

/** Whether the next value that the sequence gives may be in the column already. */
function isBehind({ last_value, is_called, increment }: SequenceState, { furthest_value }: SequenceColumn): boolean {
  if (furthest_value === null || furthest_value === undefined || !/^-?\d+$/.test(furthest_value)) return false;
  const step = BigInt(increment);
  const next = BigInt(last_value) + (is_called ? step : 0n);
  return step > 0n ? next <= BigInt(furthest_value) : next >= BigInt(furthest_value);
}
