import type { Sql } from "../../postgres/connection/connect.ts";
import { hashableForm, keyHash } from "./column_form.ts";
import { bucketCount, encodeBuckets } from "./row_digest_buckets.ts";
import { readExactly, type ReadRelation, readRelations } from "./row_digest_session.ts";
import type { DigestedColumn, TableToDigest } from "./rows.ts";
import { lockTimeout } from "../../postgres/findings/servers.ts";
import { is } from "../../system/define_finding.ts";

/** What a table's rows come to. */
export interface RowDigest {
  row_count: number;
  /** 32 lower-case hex digits. */
  digest: string;
  /** Where the rows are, by key; see `differingBuckets`. Only where they were asked for and the table has a key. */
  buckets?: string;
}

/** How to digest. */
interface RowDigestOptions {
  /**
   * Digest each bucket of keys, too. Takes some 15 % longer, so ask for it where the answer is kept or known to differ.
   * @default {false}
   */
  buckets?: boolean;
}

/**
 * Digests every row of a table, in any order, duplicates counted.
 *
 * Reads the whole table once, in the caller's transaction, so run it under the snapshot the dump was taken with. Needs
 * SELECT on the table, and `row_security = off`, else row security may hide rows. A table without a page is not opened.
 *
 * It finds every accident; it is not made to withstand an attacker who constructs rows to fool it. Processors of different
 * byte order disagree about it.
 *
 * @param sql A connection already inside that snapshot.
 * @throws {OperatorError} As `readExactly`.
 */
export async function digestTable(
  sql: Sql,
  table: TableToDigest,
  options: RowDigestOptions = {},
): Promise<RowDigest> {
  const [digest] = await digestTables(sql, [table], options);
  return digest;
}

/**
 * Digests several tables in one round trip, in the order given: thousands of small tables cost more to ask for than to
 * read. Cut the list with {@linkcode batchTables}.
 *
 * @param sql A connection already inside the snapshot.
 * @throws {OperatorError} As `readExactly`.
 */
export async function digestTables(
  sql: Sql,
  tables: TableToDigest[],
  { buckets = false }: RowDigestOptions = {},
): Promise<RowDigest[]> {
  const hasBuckets = tables.map((table) => buckets && table.key !== null);
  // To plan a query costs more than to know that a table is empty.
  const read = tables.filter(({ estimatedSizeBytes }) => estimatedSizeBytes > 0).map((table): ReadRelation => ({
    ...table,
    kind: table.isMaterializedView ? "materialized view" : "table",
  }));
  const queries = tables.flatMap((table, place) =>
    table.estimatedSizeBytes === 0 ? [] : [digestQuery(table, place, hasBuckets[place])]
  );
  const settings = hasBuckets[0] && tables.length === 1 ? settingsForBuckets : "";
  const parts = queries.length === 0
    ? []
    : await readRelations<BucketSum>(sql, read, queries.join("\nUNION ALL\n"), settings).catch(async (error) => {
      throw await namingLockedTables(sql, tables, error);
    });
  const sums = tables.map(() => ({ rowCount: 0, total: 0n, totals: new Map<number, bigint>() }));
  for (const { place, bucket, row_count, total } of parts) {
    sums[place].rowCount += Number(row_count);
    sums[place].total += BigInt(total);
    sums[place].totals.set(bucket, BigInt(total));
  }
  return sums.map(({ rowCount, total, totals }, place) => ({
    row_count: rowCount,
    digest: BigInt.asUintN(128, total).toString(16).padStart(32, "0"),
    ...(hasBuckets[place] && { buckets: encodeBuckets(totals) }),
  }));
}

/**
 * Cuts a list of tables into portions for {@linkcode digestTables}: big tables alone, small ones together.
 *
 * A portion is small enough (tables, columns, bytes) that its statement stays short and sessions finish together.
 */
export function batchTables(tables: TableToDigest[]): TableToDigest[][] {
  const most = { tables: 50, columns: 2_000, sizeBytes: 8 * 1024 * 1024 };
  const batches: TableToDigest[][] = [];
  let room = { tables: 0, columns: 0, sizeBytes: 0 };
  for (const table of tables) {
    const left = {
      tables: room.tables - 1,
      columns: room.columns - table.columns.length,
      sizeBytes: room.sizeBytes - table.estimatedSizeBytes,
    };
    const fits = left.tables >= 0 && left.columns >= 0 && left.sizeBytes >= 0;
    if (fits) batches.at(-1)!.push(table);
    else batches.push([table]);
    room = fits ? left : {
      tables: most.tables - 1,
      columns: most.columns - table.columns.length,
      sizeBytes: most.sizeBytes - table.estimatedSizeBytes,
    };
  }
  return batches;
}

/**
 * Writes the SQL expression, an int8, that stands for a whole row.
 *
 * The outer hash is not decoration: a record's hash is linear in its columns' hashes, so their sum alone would not see two
 * rows that swapped a value. It gets the record's hash as its seed, which it mixes in whole; as its argument the hash
 * would be folded to 32 bits.
 */
export function rowHash(table: TableToDigest): string {
  const forms = table.columns.map(({ sql, type }) => hashableForm(sql, type));
  return `pg_catalog.hashint4extended(0, pg_catalog.hash_record_extended(ROW(${forms.join(", ")}), 0))`;
}

/** Writes the SQL expression, an int8, that the buckets and the order of keys come from. */
export function tableKeyHash(table: TableToDigest): string {
  return keyHash(keyColumns(table));
}

/** The columns of a table's key, in the key's order. */
export function keyColumns(table: TableToDigest): DigestedColumn[] {
  return (table.key ?? []).map((name) => table.columns.find((column) => column.name === name)!);
}

/** Writes the SQL expression, an int4, that says which bucket a row falls into. */
export function bucketOf(table: TableToDigest): string {
  return `(${tableKeyHash(table)} OPERATOR(pg_catalog.&) ${bucketCount - 1})::pg_catalog.int4`;
}

interface BucketSum {
  place: number;
  bucket: number;
  row_count: string;
  total: string;
}

function digestQuery(table: TableToDigest, place: number, hasBuckets: boolean): string {
  return `
    SELECT
      ${place} AS place,
      ${hasBuckets ? bucketOf(table) : 0} AS bucket,
      pg_catalog.count(*) AS row_count,
      coalesce(pg_catalog.sum(${rowHash(table)}), 0) AS total
    FROM ${table.from} AS t
    ${hasBuckets ? "GROUP BY 2" : ""}`;
}

/**
 * The planner takes the number of buckets for the number of keys, and then sorts the table or leaves the grouping to one
 * process. Little memory and free transport make it group in the workers. Not for many tables at once, where it would start
 * workers for an empty one.
 */
const settingsForBuckets = `
  SET LOCAL enable_sort = off;
  SET LOCAL work_mem = '4MB';
  SET LOCAL parallel_setup_cost = 0;
  SET LOCAL parallel_tuple_cost = 0;`;

/**
 * Adds to a `LOCK_TIMEOUT` which of the tables are locked, and by which server processes; the server's message names none.
 *
 * @param sql The connection that timed out, its transaction whole again.
 * @returns The error to throw; any other error as it is.
 */
async function namingLockedTables(sql: Sql, tables: TableToDigest[], error: unknown): Promise<unknown> {
  if (!is(error, lockTimeout)) return error;
  const locks = await readExactly<{ relation: number; pids: number[] }>(
    sql,
    `SELECT l.relation, pg_catalog.json_agg(l.pid ORDER BY l.pid) AS pids
    FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
      AND l.relation IN (${tables.map((table) => table.oid).join(", ")})
    GROUP BY l.relation`,
  );
  const pids = new Map(locks.map(({ relation, pids }) => [relation, pids]));
  const locked = tables
    .filter((table) => pids.has(table.oid))
    .map(({ schema, name, oid }) => ({ name: `${schema}.${name}`, processes: pids.get(oid)!.join(", ") }));
  return locked.length === 0 ? error : lockTimeout.tables.error({ tables: locked }, { cause: error.cause });
}
