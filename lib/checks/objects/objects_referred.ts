import type { Sql } from "../../postgres/connection/connect.ts";
import { parsePointInTime } from "../../postgres/connection/driver.ts";
import { asSubquery, withoutContent } from "../operator_sql.ts";
import { objectsQueryWrong } from "./findings.ts";
import { hashOf } from "../../storage/hashed_set.ts";

/** An object as a row knows it. */
export interface ReferredObject {
  key: string;
  sizeBytes?: number;
  /** 64 lower-case hex digits. */
  sha256?: string;
  etag?: string;
  at?: Date;
}

type Row = Record<string, unknown>;

/** How many rows are fetched at a time. */
const rowsAtOnce = 1_000;

/**
 * Reads the objects that a query gives, through a cursor: there may be millions.
 *
 * @throws {OperatorError} `OBJECTS_QUERY_WRONG`
 */
export async function* referredObjects(sql: Sql, { sql: query }: { sql: string }): AsyncGenerator<ReferredObject> {
  let isKnown = false;
  const statement = `SELECT * FROM ${asSubquery(query)} AS referred`;
  try {
    for await (const rows of sql.unsafe<Row[]>(statement).cursor(rowsAtOnce)) {
      if (!isKnown) requireKey(Object.keys(rows[0]));
      isKnown = true;
      yield* rows.filter(({ key }) => key !== null && key !== "").map(asObject);
    }
  } catch (error) {
    throw withoutContent(error);
  }
}

function asObject(row: Row): ReferredObject {
  return {
    key: String(row.key),
    ...read(row, "size", "sizeBytes", asSize),
    ...read(row, "sha256", "sha256", asSha256),
    ...read(row, "etag", "etag", (value) => String(value).replace(/^"|"$/g, "")),
    ...read(row, "at" in row ? "at" : "created_at", "at", asTime),
  };
}

function requireKey(columns: string[]): void {
  if (columns.includes("key")) return;
  throw objectsQueryWrong.noKey.error({ columns });
}

/** Null means that the row does not know. */
function read(row: Row, column: string, field: string, convert: (value: unknown) => unknown): Row {
  const value = row[column];
  if (value === null || value === undefined) return {};
  const converted = convert(value);
  if (converted !== undefined) return { [field]: converted };
  throw objectsQueryWrong.wrongColumn.error({ column });
}

function asSize(value: unknown): number | undefined {
  return /^\d+$/.test(String(value)) ? Number(value) : undefined;
}

function asSha256(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return value.length === 32 ? value.toHex() : undefined;
  const text = String(value);
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? Uint8Array.fromBase64(text).toHex() : undefined; // as S3 writes it
}

function asTime(value: unknown): Date | undefined {
  const at = value instanceof Date ? value : parsePointInTime(String(value));
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/**
 * Chooses some objects: those whose keys hash lowest together with the seed. So the choice does not depend on the order
 * in which they come, and only about twice as many as are wanted are ever held.
 */
export async function sampleOf(
  objects: AsyncIterable<ReferredObject>,
  count: number,
  seed: string,
): Promise<ReferredObject[]> {
  let chosen: { rank: bigint; object: ReferredObject }[] = [];
  const prune = () => {
    chosen.sort((a, b) => a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0);
    chosen = chosen.slice(0, count);
  };
  for await (const object of objects) {
    chosen.push({ rank: hashOf(`${seed}\0${object.key}`), object });
    if (chosen.length > 2 * count + 1_000) prune();
  }
  prune();
  return chosen.map(({ object }) => object);
}
