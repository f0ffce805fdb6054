import type { Mutation } from "../mutation.ts";

/** Comments and security labels. */
export const comments: Mutation[] = [
  {
    name: "comment added",
    sql: "COMMENT ON COLUMN customers.id IS 'new'",
    told: ["+ comment table column shop.customers.id"],
  },
  { name: "comment", sql: "COMMENT ON TABLE customers IS 'changed'", told: ["~ comment table shop.customers"] },
  {
    name: "comment of a large object",
    sql: "COMMENT ON LARGE OBJECT 4711 IS NULL",
    told: ["- comment large object 4711"],
  },
  {
    name: "security label",
    sql: "INSERT INTO pg_seclabel VALUES ('customers'::regclass, 'pg_class'::regclass, 0, 'selinux', 'secret')",
    told: ["+ security_label selinux table shop.customers"],
  },
  { name: "comment on public", sql: "COMMENT ON SCHEMA public IS 'ours'", told: ["+ comment schema public"] },
  {
    name: "column order",
    sql: `
      ALTER TABLE invoices RENAME tax TO gone; ALTER TABLE invoices ADD tax numeric(10, 2);
      UPDATE invoices SET tax = gone; ALTER TABLE invoices DROP gone`,
    told: ["~ table shop.invoices"],
  },
  {
    name: "inherited column no longer the child's own",
    sql: "UPDATE pg_attribute SET attislocal = false WHERE attrelid = 'child'::regclass AND attname = 'a'",
    told: ["~ table shop.child"],
  },
  {
    name: "inherited column now the child's own, too",
    sql: "UPDATE pg_attribute SET attislocal = true WHERE attrelid = 'grandchild'::regclass AND attname = 'late'",
    told: ["~ table shop.grandchild"],
  },
  {
    name: "comment moved to another column",
    sql: 'COMMENT ON COLUMN customers."we""ird näme" IS NULL; COMMENT ON COLUMN customers.name IS \'weird\'',
    told: ['- comment table column shop.customers."we""ird näme"', "+ comment table column shop.customers.name"],
  },
  {
    name: "line break in a comment",
    sql: "COMMENT ON TABLE customers IS E'several lines, ''quoted'''",
    told: ["~ comment table shop.customers"],
  },
];
