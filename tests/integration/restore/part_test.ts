import assert from "node:assert/strict";
import { makeBackup, runRestore } from "../../support/jobs.ts";
import { run, startTestServer } from "../../support/server.ts";
import { codes } from "../../support/verdicts.ts";

const seed = `
  CREATE ROLE reader;
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TABLE t (
    id serial PRIMARY KEY, v text NOT NULL UNIQUE CHECK (v <> ''), m mood DEFAULT 'good',
    n int GENERATED ALWAYS AS IDENTITY
  );
  INSERT INTO t (v) SELECT n::text FROM generate_series(1, 20) AS n;
  CREATE INDEX t_lower ON t (lower(v));
  CREATE TRIGGER audit BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE RULE nothing AS ON DELETE TO t WHERE false DO ALSO NOTHING;
  ALTER TABLE t ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON t USING (true);
  CREATE STATISTICS st ON id, v FROM t;
  GRANT SELECT ON t TO reader;
  COMMENT ON COLUMN t.v IS 'a comment';
  COMMENT ON INDEX t_lower IS 'another';
  CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t);
  INSERT INTO child VALUES (1, 10);
  CREATE TABLE events (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE events_20 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY RANGE (id);
  CREATE TABLE events_20_1 PARTITION OF events_20 FOR VALUES FROM (1) TO (100);
  CREATE INDEX events_at ON events (at);
  COMMENT ON INDEX events_at IS 'of all of them';
  INSERT INTO events SELECT n, '2020-02-02' FROM generate_series(1, 30) AS n;
  CREATE VIEW report AS SELECT id, v, count(*) FROM events JOIN t USING (id) GROUP BY id, v;
  CREATE SCHEMA "S2";
  CREATE TABLE "S2"."O" (id int PRIMARY KEY);
  INSERT INTO "S2"."O" VALUES (1)`;

const tables = (...tables: string[]) => ({ subset: { schemas: [], tables } });
const schemas = (...schemas: string[]) => ({ subset: { schemas, tables: [] } });

Deno.test("restore of a part", async (t) => {
  await using server = await startTestServer();
  const store = await Deno.makeTempDir();
  await run(server, "postgres", "CREATE DATABASE shop");
  await run(server, "shop", seed);
  const dump = await makeBackup(server.url("shop"), store);
  const into = (options: Parameters<typeof runRestore>[2]) => runRestore(dump, server.url("elsewhere"), options);
  const inPlace = (options: Parameters<typeof runRestore>[2]) =>
    runRestore(dump, server.url("shop"), { mode: "in_place", ...options });
  const describe = (table: string) =>
    run(
      server,
      "shop",
      `SELECT (SELECT count(*) FROM pg_index WHERE indrelid = '${table}'::regclass) AS indexes,
        (SELECT count(*) FROM pg_constraint WHERE '${table}'::regclass IN (conrelid, confrelid)) AS constraints,
        (SELECT count(*) FROM pg_trigger WHERE tgrelid = '${table}'::regclass) AS triggers,
        (SELECT count(*) FROM pg_policy WHERE polrelid = '${table}'::regclass) AS policies,
        (SELECT count(*) FROM pg_rewrite WHERE ev_class = '${table}'::regclass) AS rules,
        (SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = '${table}'::regclass) AS statistics,
        (SELECT count(*) FROM pg_attrdef WHERE adrelid = '${table}'::regclass) AS defaults,
        (SELECT count(*) FROM pg_description WHERE objoid = '${table}'::regclass) AS comments,
        (SELECT relrowsecurity FROM pg_class WHERE oid = '${table}'::regclass) AS secured,
        (SELECT relacl::text FROM pg_class WHERE oid = '${table}'::regclass) AS acl`,
    );

  await t.step("that nothing matches is refused, with the nearest name", async () => {
    for (const part of [tables("ordesr"), tables("t", "nope"), tables("s2.o"), schemas("S3"), tables('"T"')]) {
      const verdict = await into(part);
      assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "NOTHING_SELECTED"]);
      assert.equal(verdict.proof, undefined);
    }
    assert.match((await into(tables("S2.0"))).findings[0].fix, /Did you mean S2\.O\?/);
    assert.deepEqual(await run(server, "postgres", "SELECT FROM pg_database WHERE datname LIKE 'elsewhere%'"), []);
  });

  await t.step("and a swap exclude each other", async () => {
    const verdict = await runRestore(dump, server.url("shop"), { mode: "swap", ...tables("t") });
    assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "SELECTION_SWAPPED"]);
  });

  await t.step("comes with all that it needs, and is compared with it", async () => {
    const verdict = await into(tables("public.child", "T"));
    assert.equal(verdict.proof, "exact", JSON.stringify(verdict.findings));
    assert.equal(verdict.compared!.tables, 2);
    assert.ok(verdict.compared!.definitions >= 12);
    assert.equal((await into(tables("S2.O"))).proof, "exact");
    assert.equal((await into(schemas("S2"))).proof, "exact");
    const events = await into(tables("events"));
    assert.deepEqual([events.proof, events.compared!.rows], ["exact", 30]);
    const partition = await into(tables("events_20_1"));
    assert.deepEqual([partition.proof, partition.compared!.rows], ["exact", 30], JSON.stringify(partition.findings));
  });

  await t.step(
    "without the table that a foreign key names says so; without one that a view needs is refused",
    async () => {
      const child = await into(tables("child"));
      assert.deepEqual([child.proof, ...codes(child)], ["exact", "FOREIGN_KEYS_LEFT_OUT"]);
      const view = await into(tables("report"));
      assert.deepEqual([view.verdict, ...codes(view)], ["unknown", "SELECTION_INCOMPLETE"]);
    },
  );

  await t.step("in place needs what depends on it, and brings back all that belongs to a table", async () => {
    const before = await describe("t");
    await run(server, "shop", "DELETE FROM t WHERE id <> 10");
    const alone = await inPlace(tables("t"));
    assert.deepEqual([alone.verdict, ...codes(alone)], ["unknown", "IN_PLACE_BLOCKED"]);
    assert.match(alone.findings[0].message, /view public\.report depends/);
    const verdict = await inPlace(tables("t", "report"));
    assert.equal(verdict.proof, "exact", JSON.stringify(verdict.findings));
    assert.deepEqual(await describe("t"), before);
    assert.equal((await run(server, "shop", "SELECT FROM t")).length, 20);
    await assert.rejects(run(server, "shop", "INSERT INTO child VALUES (2, 99)"));
  });

  await t.step("in place names what the live table had and has no more", async () => {
    await run(server, "shop", "ALTER TABLE t ADD COLUMN note text; CREATE INDEX newer ON t (note)");
    const verdict = await inPlace(tables("t", "report"));
    assert.equal(verdict.verdict, "fail");
    assert.deepEqual(codes(verdict), ["LIVE_OBJECT_LOST", "LIVE_OBJECT_LOST"]);
    const said = verdict.findings.map(({ message, detail }) => `${message} ${detail}`).join("\n");
    assert.match(said, /index public\.newer/);
    assert.match(said, /column note of public\.t/);
  });

  await t.step("in place, rows that others' foreign keys miss roll everything back", async () => {
    await run(server, "shop", "INSERT INTO t (v) VALUES ('new'); INSERT INTO child SELECT 3, max(id) FROM t");
    const verdict = await inPlace(tables("t", "report"));
    assert.deepEqual([verdict.verdict, codes(verdict)[0]], ["fail", "RESTORE_FAILED"]);
    assert.equal((await run(server, "shop", "SELECT FROM t")).length, 21);
    await run(server, "shop", "DELETE FROM child WHERE id = 3; DELETE FROM t WHERE v = 'new'");
  });

  await t.step("in place, a whole database comes back, also over partitions and under newer objects", async () => {
    await run(server, "shop", "DELETE FROM events; DELETE FROM child; DROP FUNCTION touch CASCADE");
    await run(server, "shop", `CREATE TABLE "S2".newer (feeling mood); ALTER TABLE events ADD COLUMN more int`);
    const verdict = await inPlace({});
    assert.deepEqual(
      codes(verdict).toSorted(),
      ["LIVE_OBJECT_LOST", "LIVE_OBJECT_LOST", "LIVE_OBJECT_LOST", "TABLE_UNEXPECTED"],
      JSON.stringify(verdict.findings, null, 1),
    );
    assert.match(verdict.findings.find(({ code }) => code === "TABLE_UNEXPECTED")!.message, /newer than the backup/);
    assert.equal((await run(server, "shop", "SELECT FROM events")).length, 30);
    await run(server, "shop", `DROP TABLE "S2".newer`);
    assert.equal((await inPlace({})).proof, "exact");
  });

  await t.step("in place, what is newer and needs a table stops it beforehand", async () => {
    await run(server, "shop", "CREATE TABLE newer (t int REFERENCES t); DELETE FROM events");
    const verdict = await inPlace({});
    assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "IN_PLACE_BLOCKED"]);
    assert.match(verdict.findings[0].message, /newer_t_fkey/);
    assert.match(verdict.findings[0].fix, /--swap/);
    assert.equal((await run(server, "shop", "SELECT FROM events")).length, 0);
  });

  await Deno.remove(store, { recursive: true });
});
