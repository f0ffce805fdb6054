import assert from "node:assert/strict";
import type postgres from "postgres";
import { batchTables, digestTable, digestTables } from "../../../lib/manifest/rows/row_digest.ts";
import { listTables } from "../../../lib/manifest/rows/rows.ts";
import { inSnapshot, startRowsCluster } from "../../support/rows_cluster.ts";
import { differentValues, type Pair, sameValues } from "../../support/rows_pairs.ts";
import { rowsTest } from "../../support/rows_test_case.ts";

const everyType = await Deno.readTextFile(new URL("../../support/rows_of_every_type.sql", import.meta.url));

/** Digests of all tables by name, without the schema. */
function digests(sql: postgres.Sql): Promise<Record<string, string>> {
  return inSnapshot(sql, async () => {
    const tables = await listTables(sql);
    const found = (await Promise.all(batchTables(tables).map((batch) => digestTables(sql, batch)))).flat();
    return Object.fromEntries(
      tables.map((table, place) => [table.name, `${found[place].row_count} ${found[place].digest}`]),
    );
  });
}

/** Tables `a0`, `b0`, `a1`, … that hold one value of a pair each. */
async function makePairs(sql: postgres.Sql, pairs: Pair[]): Promise<void> {
  await sql.unsafe(
    pairs.map(({ type, a, b }, place) => `
      CREATE TABLE a${place} (v ${type}); INSERT INTO a${place} VALUES (${a});
      CREATE TABLE b${place} (v ${type}); INSERT INTO b${place} VALUES (${b});
    `).join(""),
  );
}

const test = rowsTest(startRowsCluster);

test("rows: every type survives dump and restore with the same digest", async (cluster) => {
  const source = await cluster.database("every_type");
  await source.unsafe(everyType);
  const restored = await cluster.restoredCopy("every_type", "every_type_restored");
  assert.deepEqual(await digests(restored), await digests(source));
});

test("rows: values that differ in one bit, blank, bound or zone have different digests", async (cluster) => {
  const sql = await cluster.database("different");
  await sql.unsafe(everyType);
  await makePairs(sql, differentValues);
  const found = await digests(sql);
  const missed = differentValues.filter((_, place) => found[`a${place}`] === found[`b${place}`]);
  assert.deepEqual(missed, []);
});

test("rows: values that a dump writes alike have one digest", async (cluster) => {
  const sql = await cluster.database("same");
  await sql.unsafe(everyType);
  await makePairs(sql, sameValues);
  const found = await digests(sql);
  const alarms = sameValues.filter((_, place) => found[`a${place}`] !== found[`b${place}`]);
  assert.deepEqual(alarms, []);
});

test("rows: rows missing, doubled, exchanged or with swapped values change the digest; order does not", async (cluster) => {
  const sql = await cluster.database("row_sets");
  const rows: Record<string, string> = {
    original: "(1, 'a', 10), (2, 'b', 20), (2, 'b', 20), (3, 'c', 30)",
    reordered: "(3, 'c', 30), (2, 'b', 20), (1, 'a', 10), (2, 'b', 20)",
    missing: "(1, 'a', 10), (2, 'b', 20), (3, 'c', 30)",
    doubled: "(1, 'a', 10), (2, 'b', 20), (2, 'b', 20), (3, 'c', 30), (3, 'c', 30)",
    exchanged: "(1, 'a', 10), (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)",
    both_exchanged: "(1, 'a', 10), (1, 'a', 10), (3, 'c', 30), (3, 'c', 30)",
    swapped: "(1, 'c', 10), (2, 'b', 20), (2, 'b', 20), (3, 'a', 30)",
    swapped_numbers: "(1, 'a', 30), (2, 'b', 20), (2, 'b', 20), (3, 'c', 10)",
  };
  for (const [name, values] of Object.entries(rows)) {
    await sql.unsafe(`CREATE TABLE ${name} (id int4, t text, tenant int4); INSERT INTO ${name} VALUES ${values}`);
  }
  await sql.unsafe("CREATE TABLE emptied (id int4, t text, tenant int4)");
  const { original, reordered, ...others } = await digests(sql);
  assert.equal(reordered, original);
  assert.equal(new Set([original, ...Object.values(others)]).size, 1 + Object.keys(others).length);
});

test("rows: neither physical column order nor dropped columns nor storage matter", async (cluster) => {
  const sql = await cluster.database("physical");
  await sql.unsafe(`
    CREATE TABLE straight (a int4, b text, "c c" numeric);
    INSERT INTO straight SELECT i, repeat('long ', i * 100), i / 7.0 FROM generate_series(1, 200) AS i;
    CREATE TABLE crooked (gone int4, "c c" numeric, b text, gone_too text);
    ALTER TABLE crooked ALTER b SET STORAGE EXTERNAL, DROP gone, DROP gone_too, ADD a int4;
    INSERT INTO crooked SELECT i / 7.0, repeat('long ', i * 100), i FROM generate_series(200, 1, -1) AS i;
  `);
  await sql`VACUUM FULL crooked`;
  const found = await digests(sql);
  assert.equal(found.crooked, found.straight);
});

test("rows: parallel workers, buckets and batches give the same digest", async (cluster) => {
  const sql = await cluster.database("plans");
  await sql.unsafe(`
    CREATE TABLE numbers (id int8 PRIMARY KEY, t text);
    INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(1, 50000) AS i;
    ANALYZE numbers;
  `);
  const [table] = await inSnapshot(sql, () => listTables(sql));
  const plain = await inSnapshot(sql, () => digestTable(sql, table));
  await sql.unsafe("SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0");
  const { buckets, ...total } = await inSnapshot(sql, () => digestTable(sql, table, { buckets: true }));
  assert.deepEqual(total, plain);
  assert.equal(buckets?.length, 256 * 12);
  assert.deepEqual(await inSnapshot(sql, () => digestTables(sql, [table, table])), [plain, plain]);
});

test("rows: odd tables have a digest", async (cluster) => {
  const sql = await cluster.database("odd");
  const names = Array.from({ length: 1600 }, (_, i) => `c${i} bool`);
  const everyOther = Array.from({ length: 1600 }, (_, i) => i % 3 === 0 ? "true" : "NULL");
  await sql.unsafe(`
    CREATE TABLE no_column ();
    INSERT INTO no_column DEFAULT VALUES;
    INSERT INTO no_column DEFAULT VALUES;
    CREATE TABLE widest (${names.join(", ")});
    INSERT INTO widest VALUES (${everyOther.join(", ")});
    CREATE SCHEMA "we""ird.schema";
    CREATE TABLE "we""ird.schema"."we""ird; name" ("we""ird.column" int4, "$1" text, t text, "E'\\n%s" text, "select" int8);
    INSERT INTO "we""ird.schema"."we""ird; name" VALUES (1, 'a', 'b', 'c', 5);
    CREATE TABLE huge (a text, b jsonb);
    INSERT INTO huge VALUES (repeat('0123456789', 1000000), to_jsonb(repeat('0123456789', 1000000)));
  `);
  const before = await digests(sql);
  assert.equal(before.no_column.split(" ")[0], "2");
  await sql.unsafe(`
    INSERT INTO no_column DEFAULT VALUES;
    UPDATE widest SET c1598 = true;
    UPDATE "we""ird.schema"."we""ird; name" SET t = 'B';
    UPDATE huge SET a = a || '!';
  `);
  const after = await digests(sql);
  for (const name of Object.keys(before)) assert.notEqual(after[name], before[name], name);
});

test("rows: lists what a dump carries, the biggest first, with its best key", async (cluster) => {
  const sql = await cluster.database("listed");
  await sql.unsafe(`
    CREATE UNLOGGED TABLE biggest (id int4, other int4 NOT NULL, code text NOT NULL, maybe int4 UNIQUE);
    INSERT INTO biggest SELECT i, i, i, i FROM generate_series(1, 3000) AS i;
    CREATE UNIQUE INDEX partial ON biggest (other) WHERE other > 0;
    CREATE UNIQUE INDEX computed ON biggest (lower(code));
    CREATE UNIQUE INDEX pair ON biggest (other, code) INCLUDE (id);
    CREATE TABLE parent (id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, up text GENERATED ALWAYS AS (upper(v)) STORED);
    CREATE TABLE child () INHERITS (parent);
    INSERT INTO parent (v) VALUES ('a');
    INSERT INTO child (v, id) VALUES ('b', 7), ('c', 8);
    CREATE TABLE parted (id int4) PARTITION BY RANGE (id);
    CREATE TABLE leaf PARTITION OF parted FOR VALUES FROM (0) TO (10);
    CREATE VIEW a_view AS SELECT 1;
    CREATE MATERIALIZED VIEW a_matview AS SELECT 1;
    CREATE MATERIALIZED VIEW unpopulated AS SELECT 1 WITH NO DATA;
    CREATE TEMP TABLE a_temporary ();
    CREATE TABLE settings (name text, is_default bool);
    CREATE TABLE internals (name text);
    INSERT INTO settings VALUES ('shipped', true), ('mine', false);
    CREATE EXTENSION hstore;
    ALTER EXTENSION hstore ADD TABLE settings;
    ALTER EXTENSION hstore ADD TABLE internals;
    UPDATE pg_extension SET extconfig = ARRAY['settings'::regclass], extcondition = ARRAY['WHERE NOT settings.is_default']
    WHERE extname = 'hstore';
  `);
  await inSnapshot(sql, async () => {
    const tables = await listTables(sql);
    assert.deepEqual(tables.map(({ name, key }) => [name, key]), [
      ["biggest", ["other", "code"]],
      ["a_matview", null],
      ["child", null],
      ["parent", ["id"]],
      ["settings", null],
      ["leaf", null],
    ]);
    assert.deepEqual((await digestTables(sql, tables)).map((found) => found.row_count), [3000, 1, 2, 1, 1, 0]);
    assert.deepEqual(tables.filter((table) => table.isMaterializedView).map(({ name }) => name), ["a_matview"]);
    assert.deepEqual((await listTables(sql, ({ name }) => name === "leaf")).length, 1);
  });
});

test("rows: a user's functions, operators, casts and settings change nothing", async (cluster) => {
  const sql = await cluster.database("hostile");
  await sql.unsafe(everyType);
  const before = await digests(sql);
  await sql.unsafe(`
    CREATE FUNCTION public.count() RETURNS int8 LANGUAGE sql AS 'SELECT 666::int8';
    CREATE FUNCTION public.concat(spot) RETURNS text LANGUAGE sql AS $$SELECT 'mine'$$;
    CREATE FUNCTION public.concat(mood) RETURNS text LANGUAGE sql AS $$SELECT 'mine'$$;
    CREATE FUNCTION public.hash_record_extended(record, int8) RETURNS int8 LANGUAGE plpgsql AS 'BEGIN RETURN 0; END';
    CREATE FUNCTION public.hashint4extended(int4, int8) RETURNS int8 LANGUAGE sql AS 'SELECT 0::int8';
    CREATE FUNCTION public.int8send(int8) RETURNS bytea LANGUAGE sql AS $$SELECT ''::bytea$$;
    CREATE FUNCTION public.spot_as_text(spot) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT 'mine'$$;
    CREATE CAST (spot AS text) WITH FUNCTION public.spot_as_text(spot) AS IMPLICIT;
    CREATE FUNCTION public.mood_as_text(mood) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT 'mine'$$;
    CREATE CAST (mood AS text) WITH FUNCTION public.mood_as_text(mood) AS IMPLICIT;
    CREATE FUNCTION public.float8_equal(float8, float8) RETURNS bool LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR public.= (LEFTARG = float8, RIGHTARG = float8, FUNCTION = public.float8_equal);
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
    ALTER DATABASE hostile SET search_path = pg_catalog;
    ALTER DATABASE hostile SET extra_float_digits = -15;
    ALTER DATABASE hostile SET "DateStyle" = 'SQL, DMY';
    ALTER DATABASE hostile SET "IntervalStyle" = 'sql_standard';
    ALTER DATABASE hostile SET "TimeZone" = 'Asia/Kathmandu';
    ALTER DATABASE hostile SET bytea_output = 'escape';
    ALTER DATABASE hostile SET lc_monetary = 'C.UTF-8';
    ALTER DATABASE hostile SET quote_all_identifiers = on;
    ALTER DATABASE hostile SET standard_conforming_strings = off;
    ALTER DATABASE hostile SET enable_hashagg = off;
    CREATE ROLE reader LOGIN;
    ALTER ROLE reader SET search_path = public, pg_catalog;
    GRANT SELECT ON every_type TO reader;
  `);
  assert.deepEqual(await digests(cluster.connect("hostile")), before);
  assert.deepEqual(await digests(cluster.connect("hostile", "reader")), before);
});

test("rows: what a role may not read, or only in part, is an error that names it", async (cluster) => {
  const sql = await cluster.database("denied");
  await sql.unsafe(`
    CREATE ROLE guest LOGIN;
    CREATE TABLE secret (id int4);
    INSERT INTO secret VALUES (1);
    CREATE TABLE shared (id int4);
    INSERT INTO shared VALUES (1);
    ALTER TABLE shared ENABLE ROW LEVEL SECURITY;
    CREATE POLICY half ON shared USING (id > 5);
    GRANT SELECT ON shared TO guest;
  `);
  const guest = cluster.connect("denied", "guest");
  await guest`SET row_security = off`;
  await inSnapshot(guest, async () => {
    const [secret, shared] = await listTables(guest);
    await assert.rejects(digestTable(guest, secret), { code: "PERMISSION_DENIED", message: /secret/ });
    await assert.rejects(digestTable(guest, shared), { code: "ROWS_HIDDEN", message: /shared/ });
    assert.equal((await listTables(guest)).length, 2, "the transaction goes on");
  });
});

test("rows: a table locked for too long is named", async (cluster) => {
  const sql = await cluster.database("locked");
  await sql.unsafe(
    "CREATE TABLE free (id int4); CREATE TABLE held (id int4); INSERT INTO free VALUES (1); INSERT INTO held VALUES (1)",
  );
  const other = cluster.connect("locked");
  await inSnapshot(sql, async () => {
    const tables = await listTables(sql);
    await other.unsafe("BEGIN; LOCK TABLE held");
    await sql`SET LOCAL lock_timeout = '50ms'`;
    await assert.rejects(digestTables(sql, tables), {
      code: "LOCK_TIMEOUT",
      message: /public\.held \(by process \d+\)/,
    });
    await other`ROLLBACK`;
    assert.equal((await digestTables(sql, tables)).length, 2);
  });
});

test("rows: databases in other encodings survive a restore", async (cluster) => {
  const names = {
    LATIN1: "chr(228) || chr(255)",
    SQL_ASCII: "convert_from('\\xfffe41', 'SQL_ASCII')",
  };
  for (const [encoding, word] of Object.entries(names)) {
    const options = `ENCODING '${encoding}' LOCALE 'C'`;
    const sql = await cluster.database(`in_${encoding}`.toLowerCase(), options);
    await sql.unsafe(`
      CREATE TABLE words (t text PRIMARY KEY, b char(5), j jsonb, v tsvector, a text[]);
      INSERT INTO words SELECT w, w, to_jsonb(w), to_tsvector('simple', w), ARRAY[w] FROM (SELECT ${word}) AS x (w);
    `);
    const restored = await cluster.restoredCopy(
      `in_${encoding}`.toLowerCase(),
      `restored_${encoding}`.toLowerCase(),
      options,
    );
    const before = await digests(sql);
    assert.deepEqual(await digests(restored), before);
    await sql`UPDATE words SET b = 'z'`;
    assert.notDeepEqual(await digests(sql), before);
  }
});

test("rows: locks go as soon as tables are read", async (cluster) => {
  const sql = await cluster.database("locks");
  await sql.unsafe("CREATE TABLE a (id int4 PRIMARY KEY); CREATE TABLE b (id int4 PRIMARY KEY)");
  await inSnapshot(sql, async () => {
    await digestTables(sql, await listTables(sql));
    const locks = await sql`SELECT relation::regclass FROM pg_locks WHERE pid = pg_backend_pid() AND relation >= 16384`;
    assert.deepEqual([...locks], []);
  });
});
