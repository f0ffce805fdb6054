import type { Mutation } from "../mutation.ts";

/** Types of every kind. */
export const typeMutations: Mutation[] = [
  {
    name: "enum label",
    sql: "ALTER TYPE mood RENAME VALUE 'ok' TO 'so-so'",
    told: ["~ enum shop.mood", "~ table shop.customers", "ROWS_DIFFER shop.customers"],
  },
  {
    name: "enum order",
    sql: "UPDATE pg_enum SET enumsortorder = -enumsortorder WHERE enumtypid = 'mood'::regtype",
    told: ["~ enum shop.mood"],
  },
  { name: "domain check", sql: "ALTER DOMAIN code DROP CONSTRAINT later", told: ["~ domain shop.code"] },
  {
    name: "domain check validated",
    sql: "UPDATE pg_constraint SET convalidated = true WHERE conname = 'later'",
    told: ["~ domain shop.code"],
  },
  { name: "domain default", sql: "ALTER DOMAIN positive DROP DEFAULT", told: ["~ domain shop.positive"] },
  { name: "domain NOT NULL", sql: "ALTER DOMAIN positive DROP NOT NULL", told: ["~ domain shop.positive"] },
  {
    name: "composite type",
    sql: "ALTER TYPE no_attribute ADD ATTRIBUTE a integer",
    told: ["~ composite_type shop.no_attribute"],
  },
  { name: "type", sql: "DROP TYPE words", told: ["- range shop.words"] },
  { name: "base type", sql: "ALTER TYPE mile SET (STORAGE = plain, SEND = NONE)", told: ["~ base_type shop.mile"] },
  { name: "declared type", sql: "DROP TYPE only_declared", told: ["- base_type shop.only_declared"] },
  { name: "cast missing", sql: "DROP CAST (mile AS text)", told: ["- cast (shop.mile AS text)"] },
  { name: "enum label added", sql: "ALTER TYPE mood ADD VALUE 'tired'", told: ["~ enum shop.mood"] },
  { name: "enum missing", sql: "DROP TYPE nothing_enum", told: ["- enum shop.nothing_enum"] },
  {
    name: "attribute's type",
    sql: 'ALTER TYPE no_attribute ADD ATTRIBUTE b text COLLATE "C"',
    told: ["~ composite_type shop.no_attribute"],
  },
  {
    name: "domain's length",
    sql: "UPDATE pg_type SET typtypmod = 9 + 4 WHERE oid = 'code'::regtype",
    told: ["~ domain shop.code"],
  },
  {
    name: "range's difference function",
    sql: "UPDATE pg_range SET rngsubdiff = 0 WHERE rngtypid = 'opening'::regtype",
    told: ["~ range shop.opening"],
  },
];
