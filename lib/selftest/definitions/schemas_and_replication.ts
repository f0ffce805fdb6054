import type { Mutation } from "../mutation.ts";

/** Schemas, sequences, replication and foreign data. */
export const schemasAndReplication: Mutation[] = [
  { name: "schema added", sql: "CREATE SCHEMA extra", told: ["+ schema extra"] },
  { name: "publication", sql: "ALTER PUBLICATION of_some DROP TABLE orders", told: ["~ publication of_some"] },
  {
    name: "publication via root",
    sql: "ALTER PUBLICATION of_some SET (publish_via_partition_root = false)",
    told: ["~ publication of_some"],
  },
  {
    name: "publication of a schema",
    sql: "ALTER PUBLICATION of_none ADD TABLES IN SCHEMA shop",
    told: ["~ publication of_none"],
    needs: "PostgreSQL 15",
  },
  {
    name: "publication of columns",
    sql: "ALTER PUBLICATION of_none ADD TABLE customers (id, age)",
    told: ["~ publication of_none"],
    needs: "PostgreSQL 15",
  },
  {
    name: "publication of some rows",
    sql: "ALTER PUBLICATION of_none ADD TABLE orders WHERE (id > 5)",
    told: ["~ publication of_none"],
    needs: "PostgreSQL 15",
  },
  { name: "publication missing", sql: "DROP PUBLICATION of_all", told: ["- publication of_all"] },
  {
    name: "subscription",
    sql: "ALTER SUBSCRIPTION elsewhere SET (binary = false)",
    told: ["~ subscription elsewhere"],
  },
  {
    name: "foreign server",
    sql: "ALTER SERVER remote OPTIONS (SET host 'other.invalid')",
    told: ["~ foreign_server remote"],
  },
  {
    name: "user mapping",
    sql: "ALTER USER MAPPING FOR PUBLIC SERVER remote OPTIONS (DROP password)",
    told: ["~ user_mapping PUBLIC on remote"],
  },
  {
    name: "foreign table",
    sql: "ALTER FOREIGN TABLE abroad OPTIONS (SET table_name 'x')",
    told: ["~ foreign_table shop.abroad"],
  },
  {
    name: "foreign data wrapper",
    sql: "ALTER FOREIGN DATA WRAPPER nowhere OPTIONS (DROP debug)",
    told: ["~ foreign_data_wrapper nowhere"],
  },
  {
    name: "schema renamed",
    sql: 'ALTER SCHEMA "odd ""schema"" 😀" RENAME TO plain',
    told: [
      '- schema "odd ""schema"" 😀"',
      "+ schema plain",
      '- table "odd ""schema"" 😀".select',
      "+ table plain.select",
      "~ view shop.on_odd",
    ],
  },
  {
    name: "publication's operations",
    sql: "ALTER PUBLICATION of_all SET (publish = 'insert')",
    told: ["~ publication of_all"],
  },
  {
    name: "subscription missing",
    sql: "DROP SUBSCRIPTION elsewhere",
    told: ["- subscription elsewhere", "- comment subscription elsewhere"],
  },
  {
    name: "foreign table missing",
    sql: "DROP FOREIGN TABLE abroad",
    told: [
      "- foreign_table shop.abroad",
      "- constraint abroad_id_check on shop.abroad",
      "- comment foreign table shop.abroad",
    ],
  },
  {
    name: "foreign column's option",
    sql: "ALTER FOREIGN TABLE abroad ALTER id OPTIONS (SET column_name 'no')",
    told: ["~ foreign_table shop.abroad"],
  },
  {
    name: "user mapping missing",
    sql: "DROP USER MAPPING FOR PUBLIC SERVER remote",
    told: ["- user_mapping PUBLIC on remote"],
  },
  { name: "foreign server's version", sql: "ALTER SERVER remote VERSION '2'", told: ["~ foreign_server remote"] },
  {
    name: "table added to a publication",
    sql: "ALTER PUBLICATION of_some ADD TABLE measurements",
    told: ["~ publication of_some"],
  },
  {
    name: "subscription's publications",
    sql: "ALTER SUBSCRIPTION elsewhere SET PUBLICATION a WITH (refresh = false)",
    told: ["~ subscription elsewhere"],
  },
];
