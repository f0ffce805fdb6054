import type { Mutation } from "./mutation.ts";

/** Two values as SQL, of one type. */
export interface ValuePair {
  what: string;
  type: string;
  a: string;
  b: string;
  /** What the server must have for it; nothing as a rule. */
  needs?: string;
}

export const pair = (what: string, type: string, a: string, b: string): ValuePair => ({ what, type, a, b });

/** Values of Postgres's own types that it or its hash functions take for equal, or that a careless text form writes alike. */
export const builtInPairs: ValuePair[] = [
  pair("one character", "text", "'abc'", "'abd'"),
  pair("NULL against ''", "text", "NULL", "''"),
  pair("NULL against a NULL in words", "text", "NULL", "'NULL'"),
  pair("trailing blank in text", "varchar(5)", "'a'", "'a '"),
  pair("tab against blank", "text", "E'a\\tb'", "'a b'"),
  pair("trailing blank in char(n)", "bpchar", "'a'", "'a '"),
  pair("char(n) case", "char(4)", "'a'", "'A'"),
  pair("bytea byte", "bytea", "'\\x0001'", "'\\x0002'"),
  pair("a zero byte at the end", "bytea", "'\\x00'", "'\\x0000'"),
  pair("an internal char", '"char"', "'a'", "'b'"),
  pair("bool", "bool", "true", "false"),
  pair("int2 sign", "int2", "1", "-1"),
  pair("int4 sign", "int4", "1", "-1"),
  pair("int8 whose halves hash alike", "int8", "4294967297", "0"),
  pair("int8 whose two halves changed alike", "int8", "(5::int8 << 32) + 7", "(7::int8 << 32) + 5"),
  pair("numeric 1.0 against 1.00", "numeric", "1.0", "1.00"),
  pair("numeric sign", "numeric", "1", "-1"),
  pair("numeric zero's scale", "numeric", "0", "0.0"),
  pair("numeric last digit of many", "numeric", "1e-40", "1.1e-40"),
  pair("numeric NaN against infinity", "numeric", "'NaN'", "'Infinity'"),
  pair("one bit of a float", "float8", "0.3", "0.1::float8 + 0.2::float8"),
  pair("one bit of a float4", "float4", "16777216", "16777218"),
  pair("-0.0", "float8", "'-0'", "0"),
  pair("float4 minus zero", "float4", "'-0'", "0"),
  pair("NaN against infinity", "float8", "'NaN'", "'Infinity'"),
  pair("NaN against NULL", "float8", "'NaN'", "NULL"),
  pair("infinities", "float8", "'Infinity'", "'-Infinity'"),
  pair("minus zero in an array", "float8[]", "'{-0}'", "'{0}'"),
  pair("minus zero in a point", "point", "'(-0,1)'", "'(0,1)'"),
  pair("last bit in a box", "box", "'(0.3,1),(0,0)'", "'(0.30000000000000004,1),(0,0)'"),
  pair("circles of one area", "circle", "'<(0,0),2>'", "'<(1,1),2>'"),
  pair("open against closed path", "path", "'[(0,0),(1,1)]'", "'((0,0),(1,1))'"),
  pair("polygon corner", "polygon", "'((0,0),(1,1),(2,0))'", "'((0,0),(1,1),(2,1))'"),
  pair("line", "line", "'{1,2,3}'", "'{1,2,4}'"),
  pair("line segment turned round", "lseg", "'[(0,0),(1,1)]'", "'[(1,1),(0,0)]'"),
  pair("microsecond lost", "timestamptz", "'2026-01-01 00:00:00.000001+00'", "'2026-01-01 00:00:00+00'"),
  pair("timestamp halves", "timestamp", "'2000-01-01 00:00:00'", "'2000-01-01 01:11:34.967297'"),
  pair("BC, a date", "date", "'0044-03-15 BC'", "'0044-03-15'"),
  pair("BC, a moment", "timestamptz", "'0044-03-15 00:00:00+00 BC'", "'0044-03-15 00:00:00+00'"),
  pair("infinite past against infinite future", "timestamptz", "'-infinity'", "'infinity'"),
  pair("infinite date", "date", "'-infinity'", "'infinity'"),
  pair("time zone shifted", "timestamptz", "'2026-01-01 00:00:00+00'", "'2026-01-01 00:00:00+01'"),
  pair("the same moment in another zone", "timetz", "'12:00:00+00'", "'13:00:00+01'"),
  pair("midnight's two names", "time", "'00:00:00'", "'24:00:00'"),
  pair("a day against 24 hours", "interval", "'1 day'", "'24 hours'"),
  pair("a month against 30 days", "interval", "'1 mon'", "'30 days'"),
  pair("interval in an array", "interval[]", "'{1 day}'", "'{24:00:00}'"),
  pair("jsonb number scale", "jsonb", `'{"a": 1.0}'`, `'{"a": 1.00}'`),
  pair("jsonb null against NULL", "jsonb", "'null'", "NULL"),
  pair("jsonb number against string", "jsonb", "'1'", `'"1"'`),
  pair("json whitespace", "json", `'{"a": 1}'`, `'{"a":1}'`),
  pair("json order", "json", `'{"a":1,"b":2}'`, `'{"b":2,"a":1}'`),
  pair("jsonpath", "jsonpath", "'$.a'", "'$.b'"),
  pair("array element", "int4[]", "'{1,2}'", "'{1,3}'"),
  pair("array bounds", "int4[]", "'[2:3]={1,2}'", "'{1,2}'"),
  pair("array dimensions", "int4[]", "'{{1,2},{3,4}}'", "'{1,2,3,4}'"),
  pair("an empty array against NULL", "int4[]", "'{}'", "NULL"),
  pair("a NULL in an array", "text[]", "'{NULL}'", `'{"NULL"}'`),
  pair("an empty text in an array", "text[]", "'{NULL}'", `'{""}'`),
  pair("where elements part", "text[]", "ARRAY['a,b','c']", "ARRAY['a','b,c']"),
  pair("int8 folding in an array", "int8[]", "'{4294967297}'", "'{0}'"),
  pair("numeric scale in an array", "numeric[]", "'{1.0}'", "'{1.00}'"),
  pair("money in an array", "money[]", "'{1.00}'", "'{1.01}'"),
  pair("range bound inclusivity", "numrange", "'[1,2)'", "'[1,2]'"),
  pair("an empty range against an unbounded one", "int4range", "'empty'", "'(,)'"),
  pair("an unbounded range against an infinite one", "tstzrange", "'[2026-01-01,)'", "'[2026-01-01,infinity)'"),
  pair("numeric scale in a range", "numrange", "'[1.0,2)'", "'[1.00,2)'"),
  pair("multirange", "int4multirange", "'{[1,2),[5,6)}'", "'{[1,2)}'"),
  pair("where bits end", "varbit", "'1'", "'10'"),
  pair("bit", "bit(3)", "'101'", "'100'"),
  pair("netmask", "inet", "'10.0.0.1/8'", "'10.0.0.1/16'"),
  pair("cidr", "cidr", "'10.0.0.0/8'", "'10.0.0.0/9'"),
  pair("macaddr", "macaddr", "'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'"),
  pair("macaddr8", "macaddr8", "'08:00:2b:01:02:03:04:05'", "'08:00:2b:01:02:03:04:06'"),
  pair("money", "money", "'1.00'", "'1.01'"),
  pair("uuid", "uuid", "'00000000-0000-0000-0000-000000000000'", "'00000000-0000-0000-0000-000000000001'"),
  pair("oid", "oid", "0", "4294967295"),
  pair("name", "name", "'a'", "'b'"),
  pair("regclass", "regclass", "'pg_class'", "'pg_type'"),
  pair("pg_lsn halves", "pg_lsn", "'1/1'", "'0/0'"),
  pair("xid8 halves", "xid8", "'4294967297'", "'0'"),
  pair("tid", "tid", "'(0,1)'", "'(1,0)'"),
  pair("position in a tsvector", "tsvector", "'a:1'", "'a:2'"),
  pair("weight in a tsvector", "tsvector", "'a:1A'", "'a:1'"),
  pair("tsquery operator", "tsquery", "'a & b'", "'a | b'"),
  { ...pair("xml whitespace", "xml", "'<a> </a>'", "'<a></a>'"), needs: "xml" },
  pair("aclitem", "aclitem", "'postgres=r/postgres'", "'postgres=rw/postgres'"),
];

/** Values of types that users made; of everything.sql, in the schema shop. */
const userPairs: ValuePair[] = [
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
