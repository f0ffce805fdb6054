import { builtInPairs, pair, type ValuePair } from "../../lib/selftest/values.ts";

export type { ValuePair as Pair };

/** Values that types or hash functions of Postgres take for equal, or that a careless text form writes alike. */
export const differentValues: ValuePair[] = [
  ...builtInPairs,
  pair("case under a collation that ignores it", "text COLLATE ignoring_case", "'abc'", "'ABC'"),
  pair("composed against decomposed", "text COLLATE ignoring_case", "U&'\\00e4'", "U&'a\\0308'"),
  pair("range of a user's type", "float_range", "'[-0,1)'", "'[0,1)'"),
  pair("multirange of a user's type", "float_multirange", "'{[1,2)}'", "'{[1,2]}'"),
  pair("enum value", "mood", "'sad'", "'happy'"),
  pair("enum value in an array", "mood[]", "'{sad}'", "'{happy}'"),
  pair("domain", "bigger_number", "4294967297", "0"),
  pair("domain over a float", "small_float", "'-0'", "0"),
  pair("domain over char(n)", "code", "'a'", "'b'"),
  pair("domain over an array", "words", "'[2:2]={a}'", "'{a}'"),
  pair("domain over a range", "span", "'[1,5)'", "'[1,6)'"),
  pair("field of a composite", "spot", "'(-0,,,)'", "'(0,,,)'"),
  pair("scale in a composite", "spot", "'(,,,1.0)'", "'(,,,1.00)'"),
  pair("composite of NULLs against NULL", "spot", "ROW(NULL,NULL,NULL,NULL)::spot", "NULL"),
  pair("NULL against empty in a composite", "spot", "'(,,,)'", `'(,,"",)'`),
  pair("nested composite", `"we""ird type"`, `'("(1,,,)",,)'`, `'("(2,,,)",,)'`),
  pair("regtype", "regtype", "'mood'", "'spot'"),
  pair("case in citext", "citext", "'Abc'", "'abc'"),
  pair("case in an array of citext", "citext[]", "'{Abc}'", "'{abc}'"),
  pair("NULL against empty in citext", "citext", "NULL", "''"),
  pair("a type of the user's with a built-in name", "public.uuid", "'one'", "'two'"),
  pair("hstore NULL", "hstore", "'a=>NULL'", `'a=>"NULL"'`),
  pair("case in ltree", "ltree", "'Top.A'", "'Top.a'"),
  pair("cube", "cube", "'(1,2),(3,4)'", "'(1,2),(3,5)'"),
  pair("digits of a seg", "seg", "'1.0'", "'1.00'"),
  pair("isn", "isbn", "'0-393-04002-X'", "'0-306-40615-2'"),
];

/** Values stored in different bytes that a dump writes alike: a restore changes them, and nothing is wrong. */
export const sameValues: ValuePair[] = [
  pair("the NaN of arithmetic", "float8", "'Infinity'::float8 - 'Infinity'", "'NaN'"),
  pair("the NaN of arithmetic", "float4", "'Infinity'::float4 - 'Infinity'", "'NaN'"),
  pair("the NaN of arithmetic in an array", "float8[]", "ARRAY['Infinity'::float8 - 'Infinity']", "'{NaN}'"),
  pair("the NaN of arithmetic in a point", "point", "point('Infinity'::float8 - 'Infinity', 0)", "'(NaN,0)'"),
  pair("numeric zero's sign", "numeric", "-0.0", "0.0"),
  pair("the encoding in an XML declaration", "xml", `'<?xml version="1.0" encoding="UTF-8"?><a/>'`, "'<a/>'"),
  pair("jsonb order and doubled keys", "jsonb", `'{"b":1, "a":2, "a":3}'`, `'{"a":3,"b":1}'`),
  pair("range of integers", "int4range", "'[1,5]'", "'[1,6)'"),
  pair("time zone written", "timestamptz", "'2026-01-01 01:00:00+01'", "'2026-01-01 00:00:00+00'"),
];
