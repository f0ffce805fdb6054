import type { RowList } from "postgres";
import type { Sql } from "../postgres/connection/connect.ts";
import { queryFailed } from "../postgres/findings/servers.ts";

// SQL that operators wrote. It is theirs, and may say anything; here it is one statement that reads, and what the server
// says of it does not carry a row's content into a verdict.

interface OperatorSqlOptions {
  /**
   * Whether a row's content may be shown, as the server's messages may have it.
   * @default {false}
   */
  show?: boolean;
  /** For `$1` and so on; text, as postgres.js cannot know another type. */
  parameters?: string[];
}

/**
 * Runs one statement that holds an operator's SQL.
 *
 * With the extended protocol, which refuses a second statement: `…; COMMIT; DELETE …` never begins.
 *
 * @param session Of `inDatabase`.
 * @returns The rows, with `columns`, as postgres.js gives them.
 * @throws {OperatorError} `QUERY_FAILED`, with the server's words only where no row's content can be in them.
 */
export async function runOperatorSql<Row extends object>(
  session: Sql,
  text: string,
  { show = false, parameters = [] }: OperatorSqlOptions = {},
): Promise<RowList<Row[]>> {
  try {
    return await session.unsafe<Row[]>(text, parameters, asOneStatement);
  } catch (error) {
    throw show ? error : withoutContent(error);
  }
}

/** What a query gives that should give one value. */
interface OneValue {
  /** 2 stands for any number above 1. */
  rows: 0 | 1 | 2;
  columns: number;
  /** As Postgres writes it; booleans as `true` and `false`. Of the first row and column. */
  value: string | null | undefined;
  isBigint: boolean;
}

/** Runs an operator's query for one value; of what else it gives nothing is read beyond a second row. */
export async function readOneValue(session: Sql, query: string, { show = false } = {}): Promise<OneValue> {
  try {
    const text = `SELECT * FROM ${asSubquery(query)} AS checked LIMIT 2`;
    const rows = await session.unsafe(text, [], asOneStatement).raw();
    // The driver's types say otherwise, but raw rows are lists, in the order of the columns.
    const first = (rows as unknown as (Uint8Array | null)[][])[0]?.[0];
    const written = first ? new TextDecoder().decode(first) : first;
    const type = rows.columns[0]?.type;
    const value = type === builtInTypes.bool && written ? { t: "true", f: "false" }[written] : written;
    return {
      rows: rows.length as 0 | 1 | 2,
      columns: rows.columns.length,
      value,
      isBigint: type === builtInTypes.int8,
    };
  } catch (error) {
    throw show ? error : withoutContent(error);
  }
}

/** An operator's query in parentheses, to put after FROM: nothing but a query that reads can. */
export function asSubquery(query: string): string {
  return `(\n${query.replace(/[;\s]+$/, "")}\n)`;
}

/** OIDs of built-in types. */
export const builtInTypes = { bool: 16, bytea: 17, int8: 20 };

// The driver's types lack `simple`.
const asOneStatement = { simple: false } as { prepare?: boolean };

/** SQLSTATE classes whose messages name objects, limits and syntax, and no values. */
const withoutValues = /^(08|0A|25|26|34|3D|3F|40|42|53|54|55|57|58)/;

/** Takes the words out of a refusal in which a row's content may be. */
export function withoutContent(error: unknown): unknown {
  const { name, code } = error as { name?: string; code?: string };
  if (name !== "PostgresError" || code === undefined || withoutValues.test(code)) return error;
  return queryFailed.hidden.error({ sqlstate: code });
}
