import type { Mutation } from "./mutation.ts";
import { builtInPairs, type Pair, pair } from "./value_pairs.ts";

/** Values of types that users made; of everything.sql, in the schema shop. */
const userPairs: Pair[] = [
  pair("enum value", "shop.mood", "'sad'", "'happy'"),
  pair("enum value in an array", "shop.mood[]", "'{sad}'", "'{happy}'"),
  pair("domain", "shop.positive", "1", "2"),
  pair("domain over an array", "shop.positives", "'[2:2]={1}'", "'{1}'"),
  pair("field of a composite", "shop.address", "'(a,,)'", "'(b,,)'"),
  pair("NULL against empty in a composite", "shop.address", "'(,,)'", `'("",,)'`),
  pair("composite of NULLs against NULL", "shop.address", "'(,,)'", "NULL"),
  pair("minus zero in a composite", "shop.address", `'(,,"{""(-0,1)""}")'`, `'(,,"{""(0,1)""}")'`),
  pair("range of a user's type", "shop.opening", "'[09:00,17:00)'", "'[09:00,17:00]'"),
  pair("multirange of a user's type", "shop.openings", "'{[09:00,17:00)}'", "'{[09:00,12:00),[12:01,17:00)}'"),
  pair("base type of a user's", "shop.mile", "'1'", "'2'"),
  { ...pair("hstore NULL", "public.hstore", "'a=>NULL'", `'a=>"NULL"'`), needs: "hstore" },
  { ...pair("case in citext", "public.citext", "'Abc'", "'abc'"), needs: "citext" },
];

const table = `shop."every value"`;
const pairs = [...builtInPairs, ...userPairs];

/**
 * Writes the statements that make the table of values, a column for each pair.
 *
 * @param isPossible Whether the server has what a pair needs.
 */
export function tableOfValues(isPossible: (needs?: string) => boolean): string {
  const columns = pairs.filter(({ needs }) => isPossible(needs));
  return `
    CREATE TABLE ${table} (id integer PRIMARY KEY, ${columns.map(({ what, type }) => `"${what}" ${type}`).join(", ")});
    INSERT INTO ${table} VALUES (1, ${columns.map(({ a }) => a).join(", ")})`;
}

const largeObjects = ["LARGE_OBJECTS_DIFFER large objects"];

/** One value each that is another one. */
export const valueMutations: Mutation[] = [
  ...pairs.map(({ what, b, needs }) => ({
    name: what,
    sql: `UPDATE ${table} SET "${what}" = ${b}`,
    told: [`ROWS_DIFFER ${table}`],
    needs,
  })),
  { name: "one large object's byte", sql: "SELECT lo_put(4712, 299999, '\\x01')", told: largeObjects },
  { name: "one byte at the end of a large object", sql: "SELECT lo_put(4712, 600000, '\\x00')", told: largeObjects },
  { name: "a large object missing", sql: "SELECT lo_unlink(4712)", told: largeObjects },
  { name: "a large object added", sql: "SELECT lo_from_bytea(4713, '')", told: largeObjects },
  {
    name: "a large object under another id",
    sql: "SELECT lo_from_bytea(4713, lo_get(4712)), lo_unlink(4712)",
    told: largeObjects,
  },
  {
    name: "two large objects' contents swapped",
    sql: `
      CREATE TEMPORARY TABLE contents AS SELECT lo_get(4711) AS first, lo_get(4712) AS second;
      SELECT lo_truncate(lo_open(4712, x'60000'::integer), 0), lo_put(4711, 0, second), lo_put(4712, 0, first)
      FROM contents;
      DROP TABLE contents`,
    told: largeObjects,
  },
];
