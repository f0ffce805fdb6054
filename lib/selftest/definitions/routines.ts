import type { Mutation } from "../mutation.ts";

/** Functions, procedures and aggregates. */
export const routines: Mutation[] = [
  { name: "overload missing", sql: "DROP FUNCTION add(text, text[])", told: ["- function shop.add(text, text[])"] },
  {
    name: "volatility",
    sql: "ALTER FUNCTION add(integer, integer) VOLATILE",
    told: ["~ function shop.add(integer, integer)"],
  },
  {
    name: "security definer",
    sql: "ALTER FUNCTION add(text, text[]) SECURITY INVOKER",
    told: ["~ function shop.add(text, text[])"],
  },
  {
    name: "setting of a function",
    sql: "ALTER FUNCTION add(text, text[]) RESET work_mem",
    told: ["~ function shop.add(text, text[])"],
  },
  {
    name: "event trigger's function's body",
    sql: "CREATE OR REPLACE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN  END'",
    told: ["~ function shop.on_ddl()"],
  },
  {
    name: "trigger's function's body",
    sql: "CREATE OR REPLACE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    told: ["~ function shop.on_change()"],
  },
  {
    name: "procedure",
    sql: "CREATE OR REPLACE PROCEDURE tidy(INOUT n integer, t text DEFAULT 'no') LANGUAGE plpgsql AS 'BEGIN END'",
    told: ["~ procedure shop.tidy(integer, text)"],
  },
  { name: "aggregate missing", sql: "DROP AGGREGATE first(anyelement)", told: ["- aggregate shop.first(anyelement)"] },
  {
    name: "aggregate parallel",
    sql:
      "DROP AGGREGATE first(anyelement); CREATE AGGREGATE first(anyelement) (SFUNC = keep_first, STYPE = anyelement, PARALLEL = SAFE)",
    // Made anew, it has what default privileges leave.
    told: ["~ aggregate shop.first(anyelement)", "GRANT_MISSING shop.first(anyelement)"],
  },
  { name: "routine missing", sql: "DROP FUNCTION table_of()", told: ["- function shop.table_of()"] },
  {
    name: "parallel safety",
    sql: "ALTER FUNCTION add(integer, integer) PARALLEL UNSAFE",
    told: ["~ function shop.add(integer, integer)"],
  },
  {
    name: "strictness",
    sql: "ALTER FUNCTION add(text, text[]) CALLED ON NULL INPUT",
    told: ["~ function shop.add(text, text[])"],
  },
  { name: "leakproof", sql: "ALTER FUNCTION many(integer) NOT LEAKPROOF", told: ["~ function shop.many(integer)"] },
  { name: "cost", sql: "ALTER FUNCTION add(text, text[]) COST 6", told: ["~ function shop.add(text, text[])"] },
  {
    name: "a function's default argument",
    sql:
      "CREATE OR REPLACE FUNCTION add(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT a + b'",
    told: ["~ function shop.add(integer, integer)"],
  },
  {
    name: "one blank in a function's body",
    sql:
      "CREATE OR REPLACE FUNCTION keep_first(a anyelement, b anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(a,  b)'",
    told: ["~ function shop.keep_first(anyelement, anyelement)"],
  },
  {
    name: "transform missing",
    sql: "DROP FUNCTION transformed(mile); DROP TRANSFORM FOR mile LANGUAGE plpgsql",
    told: [
      "- function shop.transformed(shop.mile)",
      "- transform for shop.mile language plpgsql",
      "- comment transform for shop.mile language plpgsql",
    ],
  },
  {
    name: "function's result",
    sql:
      "DROP FUNCTION table_of(); CREATE FUNCTION table_of() RETURNS TABLE (a bigint, b mood) LANGUAGE sql AS $$SELECT 1, 'ok'::shop.mood$$",
    told: ["~ function shop.table_of()", "GRANT_MISSING shop.table_of()"],
  },
  {
    name: "function's search path",
    sql: "ALTER FUNCTION add(text, text[]) SET search_path = public",
    told: ["~ function shop.add(text, text[])"],
  },
  {
    name: "number of rows that a function expects",
    sql: "ALTER FUNCTION many(integer) ROWS 11",
    told: ["~ function shop.many(integer)"],
  },
  {
    name: "argument's name",
    sql: "UPDATE pg_proc SET proargnames = '{m}' WHERE oid = 'mile_plus(mile)'::regprocedure",
    told: ["~ function shop.mile_plus(shop.mile)"],
  },
  {
    name: "aggregate's start",
    sql: "UPDATE pg_aggregate SET agginitval = '1' WHERE aggfnoid = 'total(integer)'::regprocedure",
    told: ["~ aggregate shop.total(integer)"],
  },
];
