import type { Mutation } from "./mutation.ts";

// ALTER SEQUENCE gives a sequence new storage, which a rollback takes back; setval() alone would stay.

/** Sequences with another value, or other parameters. */
export const sequenceMutations: Mutation[] = [
  { name: "sequence reset", sql: "ALTER SEQUENCE tickets RESTART", told: ["SEQUENCE_VALUE_DIFFERS shop.tickets"] },
  {
    name: "sequence behind its column",
    sql: "ALTER SEQUENCE orders_id_seq RESTART WITH 2",
    told: ["SEQUENCE_BEHIND shop.orders_id_seq"],
  },
  {
    name: "identity behind its column",
    sql: "ALTER TABLE customers ALTER id RESTART WITH 101",
    told: ["SEQUENCE_BEHIND shop.customers_id_seq"],
  },
  {
    name: "sequence reset, of a column that it feeds",
    sql: "ALTER SEQUENCE invoice_number RESTART",
    told: ["SEQUENCE_BEHIND shop.invoice_number"],
  },
  {
    name: "sequence one behind",
    sql: "ALTER SEQUENCE tickets RESTART WITH 40; SELECT setval('tickets', 40)",
    told: ["SEQUENCE_VALUE_DIFFERS shop.tickets"],
  },
  {
    name: "sequence one ahead",
    sql: "ALTER SEQUENCE tickets RESTART; SELECT setval('tickets', 42)",
    told: ["SEQUENCE_VALUE_DIFFERS shop.tickets"],
  },
  {
    name: "sequence about to repeat its value",
    sql: "ALTER SEQUENCE tickets RESTART; SELECT setval('tickets', 41, false)",
    told: ["SEQUENCE_VALUE_DIFFERS shop.tickets"],
  },
  {
    name: "sequence that counts down moved",
    sql: "ALTER SEQUENCE countdown RESTART; SELECT setval('countdown', -5)",
    told: ["SEQUENCE_VALUE_DIFFERS shop.countdown"],
  },
  {
    name: "sequence increment",
    sql: "ALTER SEQUENCE invoice_number INCREMENT 4",
    told: ["SEQUENCE_DIFFERS shop.invoice_number"],
  },
  {
    name: "sequence cycle",
    sql: "ALTER SEQUENCE invoice_number NO CYCLE",
    told: ["SEQUENCE_DIFFERS shop.invoice_number"],
  },
  {
    name: "sequence minimum",
    sql: "ALTER SEQUENCE invoice_number MINVALUE -11",
    told: ["SEQUENCE_DIFFERS shop.invoice_number"],
  },
  {
    name: "sequence maximum",
    sql: "ALTER SEQUENCE invoice_number MAXVALUE 1001",
    told: ["SEQUENCE_DIFFERS shop.invoice_number"],
  },
  {
    name: "sequence start",
    sql: "ALTER SEQUENCE invoice_number START 21",
    told: ["SEQUENCE_DIFFERS shop.invoice_number"],
  },
  {
    name: "sequence cache",
    sql: "ALTER SEQUENCE invoice_number CACHE 4",
    told: ["SEQUENCE_DIFFERS shop.invoice_number"],
  },
  {
    name: "sequence type",
    sql: "ALTER SEQUENCE free_standing AS integer",
    told: ["SEQUENCE_DIFFERS shop.free_standing"],
  },
  {
    name: "sequence unlogged",
    sql: "ALTER SEQUENCE tickets SET UNLOGGED",
    told: ["SEQUENCE_DIFFERS shop.tickets", "~ sequence shop.tickets"],
    needs: "PostgreSQL 15",
  },
  {
    name: "sequence ownership lost",
    sql: "ALTER SEQUENCE orders_id_seq OWNED BY NONE",
    told: ["SEQUENCE_DIFFERS shop.orders_id_seq", "~ sequence shop.orders_id_seq"],
  },
  {
    name: "sequence owned by another column",
    sql: "ALTER SEQUENCE invoice_number OWNED BY customers.age",
    told: ["SEQUENCE_DIFFERS shop.invoice_number", "~ sequence shop.invoice_number"],
  },
  { name: "sequence missing", sql: "DROP SEQUENCE tickets", told: ["- sequence shop.tickets"] },
  { name: "sequence added", sql: "CREATE SEQUENCE extra", told: ["+ sequence shop.extra"] },
  {
    name: "sequence no longer a column's default",
    sql: "ALTER TABLE orders ALTER id DROP DEFAULT",
    told: ["~ table shop.orders"],
  },
];
