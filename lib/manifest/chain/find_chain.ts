import type { Sql } from "../../postgres/connection/connect.ts";
import { unsafeToPlan } from "../../postgres/unsafe_to_plan.ts";

/** An audit chain: its tables and its function lie in one schema, whoever made them. */
export interface FoundChain {
  schema: string;
  /** Both are ordinary tables, and what is read of the head is of built-in types: to read it calls no code of a user. */
  isPlain: boolean;
  /** Of `audit_events`, those that are known by name, with their types. */
  columns: Partial<Record<"id" | "prev_hash" | "row_hash", string>>;
}

/**
 * Looks in the catalogs for a chain, in the schema public first; calls and reads nothing of it.
 *
 * @param sql A connection inside a transaction.
 */
export async function findChain(sql: Sql): Promise<FoundChain | undefined> {
  const [found] = await sql<FoundChain[]>`
    SELECT
      n.nspname AS schema,
      events.relkind = 'r' AND head.relkind = 'r' AND NOT EXISTS (
        SELECT FROM (${sql.unsafe(unsafeToPlan)}) AS unsafe WHERE unsafe.oid IN (events.oid, head.oid)
      ) AND 2 = (
        SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = head.oid AND NOT a.attisdropped
          AND (
            a.attname = 'id' AND a.atttypid IN (
              'pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype,
              'pg_catalog.int8'::pg_catalog.regtype
            )
            OR a.attname = 'row_hash' AND a.atttypid IN (
              'pg_catalog.text'::pg_catalog.regtype, 'pg_catalog.varchar'::pg_catalog.regtype,
              'pg_catalog.bpchar'::pg_catalog.regtype, 'pg_catalog.bytea'::pg_catalog.regtype
            )
          )
      ) AS "isPlain",
      (
        SELECT coalesce(pg_catalog.json_object_agg(a.attname, pg_catalog.format_type(a.atttypid, NULL)), '{}')
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = events.oid AND NOT a.attisdropped AND a.attname IN ('id', 'prev_hash', 'row_hash')
      ) AS columns
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_class AS events ON events.relnamespace = n.oid AND events.relname = 'audit_events'
    JOIN pg_catalog.pg_class AS head ON head.relnamespace = n.oid AND head.relname = 'audit_chain_head'
    WHERE EXISTS (
      SELECT FROM pg_catalog.pg_proc WHERE pronamespace = n.oid AND proname = 'audit_events_verify_chain'
    )
    ORDER BY n.nspname <> 'public', n.nspname
    LIMIT 1`;
  return found;
}
