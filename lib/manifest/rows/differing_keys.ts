import type { Sql } from "../../postgres/connection/connect.ts";
import { textForm } from "./column_form.ts";
import { bucketOf, keyColumns, rowHash, tableKeyHash } from "./row_digest.ts";
import { withExactSettings } from "./row_digest_session.ts";
import type { TableToDigest } from "./rows.ts";

/** A row that only one side has, or that the sides hold with other values. */
interface DifferingKey {
  /** `missing` from the restored copy, `extra` in it, or `changed`; a row doubled is `extra`, too. */
  kind: "missing" | "extra" | "changed";
  /** The text of each key column by its name, as COPY writes it. */
  key: Record<string, string>;
}

/** One side of the comparison. */
interface Side {
  /** A connection inside a transaction; not the other side's. */
  sql: Sql;
  table: TableToDigest;
}

/** Where to look, and for how many. */
interface DifferingKeysOptions {
  /**
   * The buckets known to differ.
   * @default all of them
   */
  buckets?: number[];
  /** @default {20} */
  limit?: number;
}

/** The rows of one key hash on one side: row hashes by the key's text. */
type Rows = Map<string, string[]>;

/**
 * Names keys whose rows differ between a source and its restored copy.
 *
 * Both servers sort the key and row hashes of those buckets, at most `limit` of them as each holds a difference; here a few
 * hundred rows are in memory at a time. Only keys and hashes travel.
 *
 * @returns At most `limit` keys, in no particular order; none where either table has no key.
 * @throws {OperatorError} As `readExactly`.
 */
export async function differingKeys(
  source: Side,
  restored: Side,
  { buckets, limit = 20 }: DifferingKeysOptions = {},
): Promise<DifferingKey[]> {
  if (!source.table.key || !restored.table.key || buckets?.length === 0) return [];
  const names = source.table.key;
  const found: DifferingKey[] = [];
  const searched = buckets?.slice(0, limit);
  const compare = async () => {
    const [expected, actual] = [source, restored].map((side) => rowsByKeyHash(side, searched));
    try {
      for await (const [wanted, got] of inStep(expected, actual)) {
        for (const difference of differences(wanted, got)) {
          if (found.length < limit) found.push({ ...difference, key: named(names, difference.key) });
        }
        if (found.length >= limit) break;
      }
    } finally {
      await expected.return(undefined);
      await actual.return(undefined);
    }
  };
  await withExactSettings(source.sql, () => withExactSettings(restored.sql, compare));
  return found;
}

type HashGroup = [hash: bigint, rows: Rows];

/** Yields the rows of one side, a key hash at a time, in ascending order. */
async function* rowsByKeyHash({ sql, table }: Side, buckets?: number[]): AsyncGenerator<HashGroup, undefined> {
  const texts = keyColumns(table).map((column) => textForm(column.sql));
  const query = `
    SELECT ${tableKeyHash(table)} AS key_hash, ${rowHash(table)} AS row_hash, pg_catalog.json_build_array(${
    texts.join(", ")
  }) AS key
    FROM ${table.from} AS t
    ${buckets ? `WHERE ${bucketOf(table)} IN (${buckets.join(", ")})` : ""}
    ORDER BY 1`;
  let group: HashGroup | undefined;
  for await (const rows of sql.unsafe<{ key_hash: string; row_hash: string; key: string[] }[]>(query).cursor(500)) {
    for (const { key_hash, row_hash, key } of rows) {
      const hash = BigInt(key_hash);
      if (group?.[0] !== hash) {
        if (group) yield group;
        group = [hash, new Map()];
      }
      const text = JSON.stringify(key);
      group[1].set(text, [...group[1].get(text) ?? [], row_hash]);
    }
  }
  if (group) yield group;
}

/** Pairs the groups of both sides that have the same key hash; a side that lacks one gives no rows. */
async function* inStep(
  expected: AsyncGenerator<HashGroup, undefined>,
  actual: AsyncGenerator<HashGroup, undefined>,
): AsyncGenerator<[Rows, Rows]> {
  const none: Rows = new Map();
  let [a, b] = await Promise.all([expected.next(), actual.next()]);
  while (a.value || b.value) {
    const isBehindOrEven = a.value !== undefined && (b.value === undefined || a.value[0] <= b.value[0]);
    const isAheadOrEven = b.value !== undefined && (a.value === undefined || b.value[0] <= a.value[0]);
    yield [isBehindOrEven ? a.value![1] : none, isAheadOrEven ? b.value![1] : none];
    if (isBehindOrEven) a = await expected.next();
    if (isAheadOrEven) b = await actual.next();
  }
}

type Difference = { kind: DifferingKey["kind"]; key: string };

function differences(wanted: Rows, got: Rows): Difference[] {
  const keys = [...new Set([...wanted.keys(), ...got.keys()])];
  return keys.flatMap((key): Difference[] => {
    const [expected, actual] = [wanted.get(key) ?? [], got.get(key) ?? []];
    if (expected.toSorted().join() === actual.toSorted().join()) return [];
    if (expected.length > actual.length) return [{ kind: "missing", key }];
    return [{ kind: expected.length < actual.length ? "extra" : "changed", key }];
  });
}

function named(names: string[], key: string): Record<string, string> {
  const texts: string[] = JSON.parse(key);
  return Object.fromEntries(names.map((name, place) => [name, texts[place]]));
}
