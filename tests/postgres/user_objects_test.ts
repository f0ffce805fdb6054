import assert from "node:assert/strict";
import { describeUserObjects, holdsNothing, readUserObjects } from "../../lib/postgres/user_objects.ts";
import { startTestServer } from "../support/server.ts";

/** One of each, and the kind that it is counted as. Its parts do not count, neither do an extension's. */
const made: [kind: string, statements: string][] = [
  ["schema", "CREATE SCHEMA s"],
  ["table", "CREATE TABLE t (id serial PRIMARY KEY, v text DEFAULT 'x' CHECK (v <> '')); CREATE INDEX ON t (v)"],
  ["table", "SET LOCAL allow_system_table_mods = on; CREATE TABLE pg_catalog.t (id int)"],
  ["table", "CREATE UNLOGGED TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p DEFAULT"],
  ["view", "CREATE VIEW v AS SELECT 1"],
  ["materialized view", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS n; CREATE UNIQUE INDEX ON m (n)"],
  ["sequence", "CREATE SEQUENCE q"],
  ["type", "CREATE TYPE mood AS ENUM ('a')"],
  ["type", "CREATE DOMAIN d AS text CHECK (VALUE <> '')"],
  ["function", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  ["function", "CREATE FUNCTION information_schema.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  ["aggregate", "CREATE AGGREGATE a (int) (sfunc = int4pl, stype = int)"],
  ["operator", "CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq)"],
  ["collation", "CREATE COLLATION c (locale = 'C')"],
  ["text search dictionary", "CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple)"],
  ["text search configuration", 'CREATE TEXT SEARCH CONFIGURATION conf (PARSER = "default")'],
  ["cast", "CREATE CAST (int4 AS point) WITH INOUT"],
  ["publication", "CREATE PUBLICATION pub"],
  ["foreign-data wrapper", "CREATE FOREIGN DATA WRAPPER w"],
  ["default acl", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"],
  ["extension", "CREATE EXTENSION hstore"],
  ["large object", "SELECT lo_create(5)"],
];

Deno.test("user objects: every kind counts, with its parts once and without what extensions own", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect(await server.makeDatabase());
  assert.deepEqual(await readUserObjects(sql), new Map());

  await t.step("a public schema that was made anew is still nothing", async () => {
    await sql.unsafe("DROP SCHEMA public; CREATE SCHEMA public; COMMENT ON SCHEMA public IS 'ours'").simple();
    assert.deepEqual(await readUserObjects(sql), new Map());
  });

  for (const [kind, statements] of made) {
    await t.step(statements, async () => {
      await sql.unsafe(`BEGIN; ${statements}`).simple();
      const objects = await readUserObjects(sql);
      await sql`ROLLBACK`;
      assert.deepEqual(objects, new Map([[kind, 1]]), describeUserObjects(objects));
      assert.equal(holdsNothing(objects), kind === "schema");
    });
  }
  await sql.end({ timeout: 5 });
});
