import type { Sql } from "../../postgres/connection/connect.ts";
import { findColumns, findTable } from "../checked_table.ts";
import { builtInTypes, runOperatorSql } from "../operator_sql.ts";

/** How an operator says where a chain is. */
interface ChainOptions {
  table: string;
  id: string;
  previous_hash: string;
  hash: string;
  payload: string;
  algorithm: "sha224" | "sha256" | "sha384" | "sha512";
  genesis?: (string | null)[];
}

/** The same as SQL: expressions over the table's columns, names quoted. */
export interface ChainRows {
  from: string;
  id: string;
  /** Text: NULL, or hexadecimal digits; in lower case unless only few rows have capitals. */
  previous: string;
  hash: string;
  /** The hash of the payload, as text in lower case. */
  computed: string;
  /** Whether the row has no predecessor. */
  isBeginning: string;
  /** What replaces a predecessor. */
  genesis: (string | null)[];
  /** Rows with a previous hash that is not theirs, to put after FROM: some thousand at most. */
  withOtherPrevious: string;
}

const hexDigits = { sha224: 56, sha256: 64, sha384: 96, sha512: 128 };

/** How many rows are tried with another previous hash, or looked at for capitals. */
const triedRows = 1000;

/** Finds the table and its columns, and how its payload becomes bytes. */
export async function findConfiguredChain(session: Sql, options: ChainOptions): Promise<ChainRows> {
  const table = await findTable(session, options.table);
  const [id, previous, hash] = await findColumns(session, table, [options.id, options.previous_hash, options.hash]);
  const payload = `(\n${options.payload}\n)`;
  const { columns } = await runOperatorSql<{ payload: unknown }>(
    session,
    `SELECT ${payload} AS payload FROM ${table.sql} LIMIT 0`,
  );
  const [{ has_capitals }] = await session.unsafe<{ has_capitals: boolean | null }[]>(`
    SELECT bool_or(hash <> lower(hash)) AS has_capitals
    FROM (SELECT ${asHex(hash)} AS hash FROM ${table.sql} LIMIT ${triedRows}) AS tried`);
  const { algorithm, genesis = [null, "", "0".repeat(hexDigits[algorithm])] } = options;
  const other = otherPrevious(previous.type, hexDigits[algorithm]);
  const [{ is_utf8, beginnings, others }] = await session`
    SELECT
      pg_catalog.current_setting('server_encoding') = 'UTF8' AS is_utf8,
      (
        SELECT pg_catalog.string_agg(pg_catalog.quote_literal(value), ', ')
        FROM pg_catalog.json_array_elements_text(${JSON.stringify(genesis)}::text::json)
        WHERE value IS NOT NULL
      ) AS beginnings,
      (
        SELECT pg_catalog.string_agg(
          CASE WHEN pg_catalog.quote_ident(attname) = ${previous.sql}
            THEN pg_catalog.format('%L::%s AS %I', ${other}::text, ${previous.type}::text, attname)
            ELSE pg_catalog.quote_ident(attname)
          END,
          ', '
        )
        FROM pg_catalog.pg_attribute WHERE attrelid = ${table.oid}::oid AND attnum > 0 AND NOT attisdropped
      ) AS others`;
  // In a database in UTF8, textsend() gives the same bytes as convert_to(), and the pass takes a tenth less time.
  const bytes = columns[0].type === builtInTypes.bytea
    ? payload
    : is_utf8
    ? `textsend(${payload}::text)`
    : `convert_to(${payload}::text, 'UTF8')`;
  const inLowerCase = (text: string) => has_capitals ? `lower(${text})` : text;
  return {
    from: table.sql,
    id: id.sql,
    previous: inLowerCase(asHex(previous)),
    hash: inLowerCase(asHex(hash)),
    computed: `encode(${algorithm}(${bytes}), 'hex')`,
    isBeginning: `(${previous.sql} IS NULL${beginnings === null ? "" : ` OR ${asHex(previous)} IN (${beginnings})`})`,
    genesis,
    withOtherPrevious: `(SELECT ${others} FROM ${table.sql} LIMIT ${triedRows}) AS ${table.alias}`,
  };
}

/** The "C" collation makes lower() and comparisons quick, and exact. */
function asHex({ sql, type }: { sql: string; type: string }): string {
  return type === "bytea" ? `encode(${sql}, 'hex')` : `(${sql}::text COLLATE "C")`;
}

function otherPrevious(type: string, length: number): string {
  const digits = crypto.randomUUID().replaceAll("-", "").repeat(4).slice(0, length);
  return type === "bytea" ? `\\x${digits}` : digits;
}
