import type { Mutation } from "../mutation.ts";

/** Views, plain and materialized. */
export const views: Mutation[] = [
  {
    name: "view text",
    sql: "CREATE OR REPLACE VIEW no_table AS SELECT 2 AS one, 'a'::text AS a",
    told: ["~ view shop.no_table"],
  },
  { name: "view option", sql: "ALTER VIEW tricky RESET (security_barrier)", told: ["~ view shop.tricky"] },
  { name: "view column's default", sql: 'ALTER VIEW tricky ALTER "Name" DROP DEFAULT', told: ["~ view shop.tricky"] },
  { name: "view missing", sql: "DROP VIEW windowed", told: ["- view shop.windowed"] },
  {
    name: "materialized view unpopulated",
    sql: "REFRESH MATERIALIZED VIEW filled WITH NO DATA",
    told: ["~ materialized_view shop.filled", "MATERIALIZED_VIEW_UNFILLED shop.filled"],
  },
  {
    name: "materialized view populated",
    sql: "REFRESH MATERIALIZED VIEW unfilled",
    told: ["~ materialized_view shop.unfilled"],
  },
  {
    name: "view column added",
    sql: "CREATE OR REPLACE VIEW no_table AS SELECT 1 AS one, 'a'::text AS a, 2 AS two",
    told: ["~ view shop.no_table"],
  },
  {
    name: "view turned into a table",
    sql: "DROP VIEW no_table; CREATE TABLE no_table (one integer, a text)",
    told: ["- view shop.no_table", "+ table shop.no_table"],
  },
  {
    name: "materialized view missing",
    sql: "DROP MATERIALIZED VIEW unfilled",
    told: ["- materialized_view shop.unfilled"],
  },
  {
    name: "view with its reader's rights",
    sql: "ALTER VIEW no_table SET (security_invoker = true)",
    told: ["~ view shop.no_table"],
    needs: "PostgreSQL 15",
  },
  {
    name: "materialized view's option",
    sql: "ALTER MATERIALIZED VIEW filled SET (fillfactor = 61)",
    told: ["~ materialized_view shop.filled"],
  },
];
