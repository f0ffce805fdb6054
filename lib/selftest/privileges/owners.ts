import type { Mutation } from "../mutation.ts";

const of = (what: string, object: string, sql: string): Mutation => ({
  name: `owner of ${what}`,
  sql,
  told: [`OWNER_DIFFERS ${object}`],
});

/** Objects that belong to another role. */
export const owners: Mutation[] = [
  of("a table", "market.orders", "ALTER TABLE market.orders OWNER TO guard"),
  of("a table: equal but for case", "market.orders", 'ALTER TABLE market.orders OWNER TO "Seller"'),
  of("a table: a role called OWNER", "market.orders", 'ALTER TABLE market.orders OWNER TO "OWNER"'),
  of("a table: a pg_ role", "market.orders", "ALTER TABLE market.orders OWNER TO pg_monitor"),
  of("a table: who restored", "market.orders", "ALTER TABLE market.orders OWNER TO postgres"),
  of("a view", "market.seen", "ALTER VIEW market.seen OWNER TO postgres"),
  of("a materialized view", "market.filled", "ALTER MATERIALIZED VIEW market.filled OWNER TO postgres"),
  of("a sequence", "market.numbers", "ALTER SEQUENCE market.numbers OWNER TO seller"),
  of("a schema", "market", "ALTER SCHEMA market OWNER TO postgres"),
  {
    name: "owner of the schema public",
    sql: "ALTER SCHEMA public OWNER TO seller",
    told: ["OWNER_DIFFERS public", "GRANT_MISSING public"], // its own grant, as the owner has all
  },
  of("a function", "market.secret()", "ALTER FUNCTION market.secret() OWNER TO chief"),
  of("a procedure", "market.work()", "ALTER PROCEDURE market.work() OWNER TO seller"),
  of("an aggregate", "market.adds(integer)", "ALTER AGGREGATE market.adds(integer) OWNER TO seller"),
  of("an enum", "market.mood", "ALTER TYPE market.mood OWNER TO seller"),
  of("a domain", "market.positive", "ALTER DOMAIN market.positive OWNER TO seller"),
  of("a composite type", "market.pair", "ALTER TYPE market.pair OWNER TO seller"),
  of("a foreign server", "far_server", "ALTER SERVER far_server OWNER TO postgres"),
  of("a foreign-data wrapper", "far", "ALTER FOREIGN DATA WRAPPER far OWNER TO postgres"),
  of("a publication", "of_orders", "ALTER PUBLICATION of_orders OWNER TO postgres"),
  of("an event trigger", "watch", "ALTER EVENT TRIGGER watch OWNER TO postgres"),
  of("a collation", "market.sorted", "ALTER COLLATION market.sorted OWNER TO postgres"),
  of("a text search configuration", "market.words", "ALTER TEXT SEARCH CONFIGURATION market.words OWNER TO postgres"),
  of("statistics", "market.counted", "ALTER STATISTICS market.counted OWNER TO postgres"),
  of("an operator", "shop.@+(NONE, shop.mile)", "ALTER OPERATOR @+ (NONE, mile) OWNER TO seller"),
  of("a language", "plown", "ALTER LANGUAGE plown OWNER TO seller"),
  of("a large object", "101", "ALTER LARGE OBJECT 101 OWNER TO postgres"),
];
