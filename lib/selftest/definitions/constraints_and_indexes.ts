import type { Mutation } from "../mutation.ts";

/** Constraints and indexes. */
export const constraintsAndIndexes: Mutation[] = [
  {
    name: "check",
    sql: "ALTER TABLE customers DROP CONSTRAINT sane_age",
    told: ["- constraint sane_age on shop.customers", "- comment table constraint sane_age on shop.customers"],
  },
  {
    name: "check validated",
    sql: "ALTER TABLE customers VALIDATE CONSTRAINT unproven",
    told: ["~ constraint unproven on shop.customers"],
  },
  {
    name: "foreign key NOT VALID",
    sql: "UPDATE pg_constraint SET convalidated = false WHERE conname = 'in_chain'",
    told: ["~ constraint in_chain on shop.orders"],
  },
  {
    name: "foreign key not deferrable",
    sql: "ALTER TABLE orders ALTER CONSTRAINT in_chain NOT DEFERRABLE",
    told: ["~ constraint in_chain on shop.orders"],
  },
  {
    name: "foreign key action",
    sql:
      "ALTER TABLE circle_a DROP CONSTRAINT circle_a_b_fkey, ADD FOREIGN KEY (b) REFERENCES circle_b ON DELETE CASCADE",
    told: ["~ constraint circle_a_b_fkey on shop.circle_a"],
  },
  {
    name: "primary key",
    sql: "ALTER TABLE of_type DROP CONSTRAINT of_type_pkey",
    told: ["- constraint of_type_pkey on shop.of_type"],
  },
  {
    name: "unique turned plain",
    sql:
      "ALTER TABLE customers DROP CONSTRAINT name_and_number; CREATE INDEX name_and_number ON customers (name, number)",
    told: ["- constraint name_and_number on shop.customers", "+ index shop.name_and_number"],
  },
  {
    name: "check of a partitioned table",
    sql: "ALTER TABLE events DROP CONSTRAINT kind_length",
    told: ["- constraint kind_length on shop.events"],
  },
  { name: "index missing", sql: "DROP INDEX customers_miles", told: ["- index shop.customers_miles"] },
  {
    name: "index invalid",
    sql: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'customers_miles'::regclass",
    told: ["- index shop.customers_miles"],
  },
  {
    name: "index option",
    sql: "DROP INDEX orders_words; CREATE INDEX orders_words ON orders USING gin (words)",
    told: ["~ index shop.orders_words"],
  },
  {
    name: "index predicate",
    sql: "DROP INDEX customers_status; CREATE INDEX customers_status ON customers (status)",
    told: ["~ index shop.customers_status"],
  },
  {
    name: "index statistics target",
    sql: "ALTER INDEX orders_partial ALTER COLUMN 2 SET STATISTICS -1",
    told: ["~ index shop.orders_partial"],
  },
  {
    name: "foreign key of a partitioned table",
    sql: "ALTER TABLE events DROP CONSTRAINT of_customer",
    told: ["- constraint of_customer on shop.events"],
  },
  {
    name: "foreign key to a partitioned table",
    sql: "ALTER TABLE notes DROP CONSTRAINT of_event",
    told: ["- constraint of_event on shop.notes"],
  },
  {
    name: "exclusion constraint",
    sql: "ALTER TABLE customers DROP CONSTRAINT no_overlap",
    told: ["- constraint no_overlap on shop.customers"],
  },
  {
    name: "check inherited",
    sql: "UPDATE pg_constraint SET connoinherit = false WHERE conname = 'here_only'",
    told: ["~ constraint here_only on shop.customers"],
  },
  {
    name: "constraint renamed",
    sql: "ALTER TABLE customers RENAME CONSTRAINT here_only TO there_only",
    told: ["- constraint here_only on shop.customers", "+ constraint there_only on shop.customers"],
  },
  { name: "index added", sql: "CREATE INDEX more ON invoices (tenant)", told: ["+ index shop.more"] },
  {
    name: "unique index turned plain",
    sql: "DROP INDEX filled_id; CREATE INDEX filled_id ON filled (id)",
    told: ["~ index shop.filled_id"],
  },
  {
    name: "index columns in another order",
    sql:
      "DROP INDEX customers_lower; CREATE UNIQUE INDEX customers_lower ON customers (md5(bytes), lower(name)); COMMENT ON INDEX customers_lower IS 'index'",
    told: ["~ index shop.customers_lower"],
  },
  {
    name: "index in another operator class",
    sql: 'DROP INDEX customers_pattern; CREATE INDEX customers_pattern ON customers (name COLLATE "POSIX")',
    told: ["~ index shop.customers_pattern"],
  },
  {
    name: "index without its included column",
    sql: "DROP INDEX orders_partial; CREATE INDEX orders_partial ON orders (placed)",
    told: ["~ index shop.orders_partial"],
  },
  {
    name: "index detached from its parent",
    sql: "DELETE FROM pg_inherits WHERE inhrelid = 'events_2024_kind_lower_idx'::regclass",
    told: ["~ index shop.events_2024_kind_lower_idx"],
  },
  {
    name: "check's expression",
    sql:
      "ALTER TABLE customers DROP CONSTRAINT here_only, ADD CONSTRAINT here_only CHECK (number < 1000001) NO INHERIT",
    told: ["~ constraint here_only on shop.customers"],
  },
  {
    name: "foreign key's match",
    sql: "UPDATE pg_constraint SET confmatchtype = 's' WHERE conname = 'unproven_key'",
    told: ["~ constraint unproven_key on shop.orders"],
  },
  {
    name: "foreign key validated",
    sql: "UPDATE pg_constraint SET convalidated = true WHERE conname = 'unproven_key'",
    told: ["~ constraint unproven_key on shop.orders"],
  },
  {
    name: "foreign key to another table",
    sql:
      "ALTER TABLE orders DROP CONSTRAINT in_chain, ADD CONSTRAINT in_chain FOREIGN KEY (previous) REFERENCES circle_a DEFERRABLE",
    told: ["~ constraint in_chain on shop.orders"],
  },
  {
    name: "unique constraint no longer deferred",
    sql: "UPDATE pg_constraint SET condeferred = false WHERE conname = 'name_and_number'",
    told: ["~ constraint name_and_number on shop.customers"],
  },
  {
    name: "option of a constraint's index",
    sql: "ALTER INDEX name_and_number SET (fillfactor = 61)",
    told: ["~ constraint name_and_number on shop.customers"],
  },
  {
    name: "unique index that takes NULL for equal",
    sql: "DROP INDEX filled_id; CREATE UNIQUE INDEX filled_id ON filled (id) NULLS NOT DISTINCT",
    told: ["~ index shop.filled_id"],
    needs: "PostgreSQL 15",
  },
  {
    name: "index method",
    sql: "DROP INDEX customers_pattern; CREATE INDEX customers_pattern ON customers USING hash (name)",
    told: ["~ index shop.customers_pattern"],
  },
  {
    name: "index order",
    sql:
      "DROP INDEX orders_partial; CREATE INDEX orders_partial ON orders (placed DESC, (customer + 1)) INCLUDE (total) WITH (fillfactor = 80) WHERE customer > 0 AND placed BETWEEN '2020-01-01' AND '2030-01-01' AND id <> 5; ALTER INDEX orders_partial ALTER COLUMN 2 SET STATISTICS 300",
    told: ["~ index shop.orders_partial"],
  },
];
