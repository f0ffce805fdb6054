import type { Sql } from "../postgres/connection/connect.ts";
import { readExactly, type ReadRelation, readRelations } from "./rows/row_digest_session.ts";
import { unsafeToPlan } from "../postgres/unsafe_to_plan.ts";
import type { TableName } from "./rows/rows.ts";

/** A sequence, its parameters and its value. Numbers are text: JSON's do not hold 64 bits. */
export interface SequenceState extends TableName {
  data_type: string;
  start_value: string;
  min_value: string;
  max_value: string;
  increment: string;
  cache_size: string;
  cycle: boolean;
  persistence: "permanent" | "unlogged";
  /** The column that it goes with when it is dropped; an identity column owns its sequence. */
  owned_by: (TableName & { column: string; identity: "always" | "by default" | null }) | null;
  last_value: string;
  /** Whether `last_value` was given out already. */
  is_called: boolean;
}

/** How far the values in a column went that takes its default from a sequence. */
export interface SequenceColumn {
  sequence: TableName;
  table: TableName;
  column: string;
  /**
   * The largest value, or the smallest where the sequence counts down; null in an empty table.
   * Absent where finding it means reading a big table: the column has no index; or where planning it runs somebody's code.
   */
  furthest_value?: string | null;
}

/** Above this size a table without an index on the column is not read for its maximum. */
const largestScanSizeBytes = 64 * 1024 * 1024;

/** Keeps a statement short, and its locks few. */
const sequencesPerQuery = 50;

const sequenceQuery = `
  SELECT
    c.oid,
    n.nspname AS schema,
    c.relname AS name,
    c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery() AS is_unreadable,
    -- A standby cannot read an unlogged one, and pg_dump leaves its value out there: it comes back at its beginning.
    CASE WHEN c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery()
      THEN pg_catalog.format('(SELECT %s::pg_catalog.int8 AS last_value, false AS is_called)', s.seqstart)
      ELSE pg_catalog.format('%I.%I', n.nspname, c.relname)
    END AS sql,
    pg_catalog.format_type(s.seqtypid, NULL) AS data_type,
    s.seqstart AS start_value,
    s.seqmin AS min_value,
    s.seqmax AS max_value,
    s.seqincrement AS increment,
    s.seqcache AS cache_size,
    s.seqcycle AS cycle,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END AS persistence,
    o.owned_by
  FROM pg_catalog.pg_sequence AS s
  JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT pg_catalog.json_build_object(
      'schema', tn.nspname,
      'name', t.relname,
      'column', a.attname,
      'identity', CASE WHEN d.deptype = 'i' THEN
        CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END
      END
    ) AS owned_by
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    LIMIT 1
  ) AS o ON true
  WHERE c.relpersistence <> 't'
    AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
    AND n.nspname <> 'information_schema'
    -- An extension's sequence is dumped only where the extension declared it as configuration.
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
        AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
        AND c.oid <> ALL (coalesce(x.extconfig, '{}'))
    )
  ORDER BY n.nspname, c.relname`;

/**
 * Reads every sequence of the users: its parameters, and its value.
 *
 * Sequences are not transactional: their values are those of this moment, not of the transaction's snapshot. Read them
 * before and after the dump; the dump's values lie between. Needs SELECT on every sequence.
 *
 * @param sql A connection inside a transaction.
 * @param leftOut OIDs of relations that are not read.
 * @throws {OperatorError} As `readExactly`.
 */
export async function captureSequences(sql: Sql, leftOut?: ReadonlySet<number>): Promise<SequenceState[]> {
  type Parameters = Omit<SequenceState, "last_value" | "is_called"> & {
    oid: number;
    is_unreadable: boolean;
    sql: string;
  };
  const sequences = (await readExactly<Parameters>(sql, sequenceQuery)).filter(({ oid }) => !leftOut?.has(oid));
  const states: SequenceState[] = [];
  for (let start = 0; start < sequences.length; start += sequencesPerQuery) {
    const portion = sequences.slice(start, start + sequencesPerQuery);
    const read = portion.filter(({ is_unreadable }) => !is_unreadable);
    const values = await readRelations<{ place: number; last_value: string; is_called: boolean }>(
      sql,
      read.map(({ oid, schema, name }) => ({ oid, schema, name, kind: "sequence" })),
      portion
        .map((sequence, place) => `SELECT ${place} AS place, s.last_value, s.is_called FROM ${sequence.sql} AS s`)
        .join("\nUNION ALL\n"),
    );
    for (const { place, last_value, is_called } of values) {
      const { oid: _oid, is_unreadable: _isUnreadable, sql: _sql, ...parameters } = portion[place];
      states.push({ ...parameters, last_value, is_called });
    }
  }
  return states;
}

const sequenceColumnQuery = `
  WITH unsafe AS MATERIALIZED (${unsafeToPlan}),
  fed_column AS (
    SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS attnum
    FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'i' AND d.refobjsubid > 0
    UNION
    SELECT d.refobjid, def.adrelid, def.adnum
    FROM (
      SELECT d.objid, d.refobjid
      FROM pg_catalog.pg_depend AS d
      JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = d.refobjid
      WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      OFFSET 0 -- every default depends on its own column, but few on a sequence: only theirs are printed
    ) AS d
    JOIN pg_catalog.pg_attrdef AS def ON def.oid = d.objid
    WHERE
      -- A default that computes with the sequence's value says nothing about the sequence.
      -- Such a default mentions no column; naming the table would open it. A generated column's expression does, and
      -- cannot be printed so: the CASE keeps the planner from doing it before it knows what the rest says.
      CASE WHEN def.oid = d.objid AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = def.adrelid AND a.attnum = def.adnum AND a.attgenerated <> ''
      ) THEN pg_catalog.pg_get_expr(def.adbin, 0) END ~ '^nextval\\(''[^()]*''::regclass\\)$'
  )
  SELECT
    pg_catalog.json_build_object('schema', sn.nspname, 'name', sc.relname) AS sequence,
    pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname) AS table,
    c.oid AS table_oid,
    a.attname AS column,
    pg_catalog.format('%s %I.%I', CASE c.relkind WHEN 'r' THEN 'ONLY' END, n.nspname, c.relname) AS from_sql,
    pg_catalog.quote_ident(a.attname) AS column_sql,
    s.seqincrement > 0 AS is_ascending,
    coalesce(i.has_index, false) AS has_index,
    -- Each IN alone is looked up in a hash; joined by OR they would be searched for every column.
    c.oid IN (SELECT unsafe.oid FROM unsafe) OR c.relkind = 'p' AND EXISTS (
      SELECT FROM pg_catalog.pg_partition_tree(c.oid) AS tree WHERE tree.relid IN (SELECT unsafe.oid FROM unsafe)
    ) AS is_unsafe_to_plan,
    CASE c.relkind
      WHEN 'p' THEN (
        SELECT pg_catalog.sum(pg_catalog.pg_relation_size(tree.relid)) FROM pg_catalog.pg_partition_tree(c.oid) AS tree
      )
      ELSE pg_catalog.pg_relation_size(c.oid)
    END AS size
  FROM fed_column AS f
  JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = f.sequence
  JOIN pg_catalog.pg_class AS sc ON sc.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace AS sn ON sn.oid = sc.relnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = f.relation
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = f.attnum AND NOT a.attisdropped
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN LATERAL (
    SELECT true AS has_index
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_am AS am ON am.oid = ic.relam
    WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indisvalid AND i.indpred IS NULL AND am.amname = 'btree'
    LIMIT 1
  ) AS i ON true
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relpersistence <> 't'
    AND coalesce(nullif(t.typbasetype, 0), t.oid) IN (
      'pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype,
      'pg_catalog.int8'::pg_catalog.regtype, 'pg_catalog.numeric'::pg_catalog.regtype
    )
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
  ORDER BY sn.nspname, sc.relname, n.nspname, c.relname, a.attname`;

/**
 * Reads how far the values went in each column that a sequence feeds: a sequence that lies behind gives out a value that is
 * there already.
 *
 * Identity columns, serial columns and those whose default is just `nextval(…)`, of partitioned tables as a whole. An index
 * answers at once; without one a table of up to 64 MiB is read, a bigger one is not, and `furthest_value` is absent.
 *
 * @param sql A connection inside the snapshot.
 * @throws {OperatorError} As `readExactly`.
 */
export async function captureSequenceColumns(sql: Sql, leftOut?: ReadonlySet<number>): Promise<SequenceColumn[]> {
  interface Row extends SequenceColumn {
    table_oid: number;
    is_unsafe_to_plan: boolean;
    from_sql: string;
    column_sql: string;
    is_ascending: boolean;
    has_index: boolean;
    size: string | null;
  }
  const rows = (await readExactly<Row>(sql, sequenceColumnQuery)).filter(({ table_oid }) => !leftOut?.has(table_oid));
  const columns: SequenceColumn[] = [];
  for (let start = 0; start < rows.length; start += sequencesPerQuery) {
    const portion = rows.slice(start, start + sequencesPerQuery);
    const values = new Map<number, string | null>();
    const read: ReadRelation[] = [];
    const queries = portion.flatMap((row, place) => {
      // To plan a query costs more than to know that a table is empty.
      if (row.size === "0") {
        values.set(place, null);
        return [];
      }
      if (row.is_unsafe_to_plan) return [];
      if (!row.has_index && Number(row.size) > largestScanSizeBytes) return [];
      const furthest = `pg_catalog.${row.is_ascending ? "max" : "min"}(t.${row.column_sql})`;
      read.push({ oid: row.table_oid, ...row.table });
      return [`SELECT ${place} AS place, ${furthest}::pg_catalog.text AS value FROM ${row.from_sql} AS t`];
    });
    if (queries.length > 0) {
      const found = await readRelations<{ place: number; value: string | null }>(
        sql,
        read,
        queries.join("\nUNION ALL\n"),
      );
      for (const { place, value } of found) values.set(place, value);
    }
    for (const [place, { sequence, table, column }] of portion.entries()) {
      columns.push({ sequence, table, column, ...(values.has(place) && { furthest_value: values.get(place) }) });
    }
  }
  return columns;
}
