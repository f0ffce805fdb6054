import type { Mutation } from "./mutation.ts";

const invoices = ["ROW_COUNT_DIFFERS shop.invoices", "DISTRIBUTION_DIFFERS shop.invoices:tenant"];

/** Rows that are gone, added, exchanged, or in another place. */
export const rowMutations: Mutation[] = [
  { name: "one row missing", sql: "DELETE FROM invoices WHERE id = 7", told: invoices },
  { name: "one row added", sql: "INSERT INTO invoices VALUES (61, 'acme', 1, 1, 'new')", told: invoices },
  {
    name: "one row doubled",
    sql: "INSERT INTO measurements SELECT * FROM measurements LIMIT 1",
    told: ["ROW_COUNT_DIFFERS shop.measurements"],
  },
  {
    name: "one row doubled and another missing",
    sql: `
    DELETE FROM measurements WHERE value = 1 / 7.0;
    INSERT INTO measurements SELECT * FROM measurements WHERE value = 2 / 7.0`,
    told: ["ROWS_DIFFER shop.measurements"],
  },
  {
    name: "two rows that swapped one column's value",
    sql: `
    UPDATE invoices AS a SET amount = b.amount FROM invoices AS b WHERE (a.id, b.id) IN ((3, 4), (4, 3))`,
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "two rows that swapped their keys",
    sql: `
    UPDATE invoices SET id = id + 1000 WHERE id IN (3, 6);
    UPDATE invoices SET id = 1009 - id WHERE id > 1000`,
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "two columns exchanged",
    sql: "UPDATE invoices SET amount = tax, tax = amount",
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "two columns of one row exchanged",
    sql: "UPDATE invoices SET amount = tax, tax = amount WHERE id = 9",
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "a column's values shifted by one row",
    sql: `
    UPDATE invoices AS a SET amount = b.amount FROM invoices AS b WHERE b.id = a.id % 60 + 1`,
    told: ["ROWS_DIFFER shop.invoices"],
  },
  { name: "a column emptied", sql: "UPDATE invoices SET note = NULL", told: ["ROWS_DIFFER shop.invoices"] },
  {
    name: "one character at the end of a long text",
    sql: "UPDATE invoices SET note = left(note, -1) || '!' WHERE id = 60",
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "an update lost",
    sql: "UPDATE invoices SET amount = amount + 0.01 WHERE id = 60",
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "a row moved between partitions",
    sql: `
    -- Without this Postgres would not let a partition take a row that is not its own.
    UPDATE pg_class SET relispartition = false WHERE oid = 'events_2024'::regclass;
    WITH moved AS (DELETE FROM events_2025_rest RETURNING id, at, kind, customer)
    INSERT INTO events_2024 (id, at, kind, customer) SELECT * FROM moved;
    UPDATE pg_class SET relispartition = true WHERE oid = 'events_2024'::regclass`,
    told: ["ROW_COUNT_DIFFERS shop.events_2024", "ROW_COUNT_DIFFERS shop.events_2025_rest"],
  },
  {
    name: "a row that moved to its new partition",
    sql: "UPDATE events SET at = '2024-06-06 00:00:00+00' WHERE id = 2",
    told: ["ROW_COUNT_DIFFERS shop.events_2024", "ROW_COUNT_DIFFERS shop.events_2025_rest"],
  },
  {
    name: "rows exchanged between partitions",
    sql: `
    UPDATE pg_class SET relispartition = false WHERE oid IN ('hashed_0'::regclass, 'hashed_1'::regclass);
    CREATE TABLE old AS SELECT * FROM hashed_0; TRUNCATE hashed_0;
    INSERT INTO hashed_0 SELECT * FROM hashed_1; TRUNCATE hashed_1;
    INSERT INTO hashed_1 SELECT * FROM old; DROP TABLE old;
    UPDATE pg_class SET relispartition = true WHERE oid IN ('hashed_0'::regclass, 'hashed_1'::regclass)`,
    told: ["ROW_COUNT_DIFFERS shop.hashed_0", "ROW_COUNT_DIFFERS shop.hashed_1"],
  },
  {
    name: "a row moved from a parent to its child",
    sql: `
    WITH moved AS (DELETE FROM ONLY ancestor WHERE a = 2 RETURNING a, b, late)
    INSERT INTO child (a, b, late) SELECT * FROM moved`,
    told: ["ROW_COUNT_DIFFERS shop.ancestor", "ROW_COUNT_DIFFERS shop.child"],
  },
  { name: "a row of a grandchild missing", sql: "DELETE FROM grandchild", told: ["ROW_COUNT_DIFFERS shop.grandchild"] },
  {
    name: "two tables' contents swapped",
    sql: `
    CREATE TABLE old AS SELECT * FROM measurements; TRUNCATE measurements;
    INSERT INTO measurements SELECT * FROM old_measurements; TRUNCATE old_measurements;
    INSERT INTO old_measurements SELECT * FROM old; DROP TABLE old`,
    told: ["ROWS_DIFFER shop.measurements", "ROWS_DIFFER shop.old_measurements"],
  },
  {
    name: "two tables that swapped their names",
    sql: `
    ALTER TABLE measurements RENAME TO between; ALTER TABLE old_measurements RENAME TO measurements;
    ALTER TABLE between RENAME TO old_measurements`,
    told: ["ROWS_DIFFER shop.measurements", "ROWS_DIFFER shop.old_measurements"],
  },
  { name: "a table emptied", sql: "TRUNCATE old_measurements", told: ["ROW_COUNT_DIFFERS shop.old_measurements"] },
  { name: "an empty table filled", sql: "INSERT INTO untraced VALUES (1)", told: ["ROW_COUNT_DIFFERS shop.untraced"] },
  {
    name: "one tenant's rows given to another",
    sql: "UPDATE invoices SET tenant = 'blue' WHERE tenant = 'acme'",
    told: ["ROWS_DIFFER shop.invoices", "DISTRIBUTION_DIFFERS shop.invoices:tenant"],
  },
  {
    name: "two tenants' rows exchanged",
    sql: `
    UPDATE invoices SET tenant = CASE tenant WHEN 'acme' THEN 'blue' ELSE 'acme' END WHERE tenant IN ('acme', 'blue')`,
    told: ["ROWS_DIFFER shop.invoices"],
  },
  {
    name: "a row of an unlogged table missing",
    sql: "DELETE FROM scratch WHERE note = 'b'",
    told: ["ROW_COUNT_DIFFERS shop.scratch"],
  },
  {
    name: "a row without columns missing",
    sql: "DELETE FROM no_column WHERE ctid = '(0,1)'",
    told: ["ROW_COUNT_DIFFERS shop.no_column"],
  },
  {
    name: "a value in a table with a strange name",
    sql: `
      DELETE FROM "odd ""schema"" 😀"."select" WHERE "from" = 'f';
      INSERT INTO "odd ""schema"" 😀"."select" VALUES (1, 'won', 'f')`,
    told: [`ROWS_DIFFER "odd ""schema"" 😀".select`],
  },
  {
    name: "a row that others refer to missing",
    sql: "DELETE FROM circle_b",
    told: ["ROW_COUNT_DIFFERS shop.circle_b"],
  },
  { name: "a reference lost", sql: "UPDATE circle_a SET b = NULL", told: ["ROWS_DIFFER shop.circle_a"] },
  {
    name: "a migration's record missing",
    sql: "DELETE FROM public.schema_migrations WHERE name LIKE '0002%'",
    told: ["ROW_COUNT_DIFFERS public.schema_migrations"],
  },
];
