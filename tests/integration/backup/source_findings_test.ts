import assert from "node:assert/strict";
import { join } from "node:path";
import { connectionProblem } from "../../../lib/postgres/connection/connection_error.ts";
import type { ConnectionParameters } from "../../../lib/postgres/connection/connection_parameters.ts";
import { serverProblem } from "../../../lib/postgres/server_problem.ts";
import { patternParts } from "../../../lib/postgres/name_pattern.ts";
import { olderClient } from "../../../lib/postgres/tools.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";

Deno.test("a pattern means what it means to pg_dump", () => {
  const cases: [string, string[]][] = [
    ["orders", ["orders"]],
    ["Orders", ["orders"]],
    ['"Orders"', ["Orders"]],
    ['S2."O*"', ["s2", "O\\*"]],
    ["public.*", ["public", ".*"]],
    ['"a""b.c".d?', ['a"b\\.c', "d."]],
    ["a$b|[cd]", ["a\\$b|[cd]"]],
    ["int[]", ["int\\[\\]"]],
  ];
  for (const [pattern, parts] of cases) assert.deepEqual(patternParts(pattern), parts, pattern);
  assert.throws(() => patternParts('"open'), /PATTERN_INVALID|is not closed/);
});

Deno.test("a pg_dump of an older minor than the server's is warned of", () => {
  const server = { version: "15.20", versionNum: 150_020, major: 15 };
  assert.equal(olderClient("15.18", server)[0].code, "CLIENT_OLDER_THAN_SERVER");
  assert.deepEqual(olderClient("15.20", server), []);
  assert.deepEqual(olderClient("16.1", server), [], "another major is pg_dump's own affair");
});

Deno.test("damage is not our mistake, and a pooler is said to be one", () => {
  const damaged = Object.assign(new Error("invalid page in block 3"), { name: "PostgresError", code: "XX001" });
  assert.equal(serverProblem(damaged)?.code, "DATA_CORRUPTED");
  const outOfMemory = { name: "PostgresError", code: "53200" };
  const full = Object.assign(new Error("out of shared memory"), outOfMemory, { file: "lock.c" });
  assert.equal(serverProblem(full)?.code, "SERVER_OUT_OF_LOCKS", "whoever finds it full first, pg_dump or we");
  const starved = Object.assign(new Error("out of memory"), outOfMemory, { file: "mcxt.c" });
  assert.equal(serverProblem(starved)?.code, "SERVER_OUT_OF_RESOURCES");
  const parameters = { hosts: ["db"], ports: [6432], user: "u", database: "d" } as unknown as ConnectionParameters;
  const refused = { code: "08P01", message: "unsupported startup parameter in options: search_path" };
  assert.equal(connectionProblem(refused, parameters).code, "POOLER_IN_BETWEEN");
});

Deno.test("a drill that fails as the backup warned says what to do at the source", async (t) => {
  await using server = await startTestServer();
  const directory = await Deno.makeTempDir();
  const fixOf = async (store: string, sql: string, options: string[] = []) => {
    const database = await server.makeDatabase();
    const session = await server.connect(database);
    await session.unsafe(sql).simple();
    await session.end();
    const from = join(directory, store);
    const backup = await pgrehearse(["backup", "--db-url", server.url(database), "--to", from, ...options]);
    assert.equal(backup.status, 0, backup.stderr);
    const { status, verdict } = await pgrehearse(["drill", "--latest", "--from", from]);
    assert.equal(status, 1);
    const found = verdict.findings.find(({ code }: { code: string }) => code === "RESTORE_FAILED");
    assert.ok(found?.fix, "no RESTORE_FAILED");
    return found.fix;
  };

  await t.step("a part that needs what was not chosen", async () => {
    const sql = `CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('a'); CREATE TABLE t (m other.mood);
      INSERT INTO t VALUES ('a')`;
    assert.match(await fixOf("part", sql, ["--schema", "public"]), /PART_NEEDS_MORE.*Choose those objects too/);
  });

  await t.step("rows whose key points to rows that were left out", async () => {
    const sql = "CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE c (a int REFERENCES p); INSERT INTO p VALUES (1); " +
      "INSERT INTO c VALUES (1)";
    assert.match(await fixOf("rows", sql, ["--exclude-table-data", "p"]), /PART_NEEDS_ROWS.*rows of both tables/);
  });

  await t.step("a materialized view that names a table in a text", async () => {
    const sql = `CREATE TABLE doc (a int); INSERT INTO doc VALUES (1);
      CREATE MATERIALIZED VIEW m AS SELECT (query_to_xml('SELECT a FROM doc', true, false, ''))::text AS x`;
    assert.match(await fixOf("view", sql), /DEPENDS_ON_SEARCH_PATH.*names with their schemas/);
  });

  await t.step("a function that was taken out of its extension", async () => {
    const sql = "CREATE EXTENSION pg_trgm; ALTER EXTENSION pg_trgm DROP FUNCTION show_trgm(text)";
    assert.match(await fixOf("member", sql), /ALTER EXTENSION … ADD/);
  });

  await Deno.remove(directory, { recursive: true });
});

Deno.test("what a backup warns of", async (t) => {
  await using server = await startTestServer();
  const directory = await Deno.makeTempDir();
  const admin = await server.connect();
  await admin.unsafe("CREATE ROLE reader LOGIN");
  let stores = 0;

  /** Backs up a database that `sql` made. */
  const step = (name: string, sql: string, test: (backup: typeof pgrehearse, database: string) => Promise<void>) =>
    t.step(name, async () => {
      const database = await server.makeDatabase();
      const session = await server.connect(database);
      await session.unsafe(sql).simple();
      await session.end();
      const backup: typeof pgrehearse = (args, invocation) =>
        pgrehearse(
          ["backup", "--db-url", server.url(database), "--to", join(directory, `store${++stores}`), ...args],
          invocation,
        );
      await test(backup, database);
    });
  const found = ({ verdict }: Awaited<ReturnType<typeof pgrehearse>>) =>
    verdict.findings.map(({ code, message }) => `${code} ${message}`);
  const one = (outcome: Awaited<ReturnType<typeof pgrehearse>>, expected: RegExp) => {
    const matching = found(outcome).filter((text) => expected.test(text));
    assert.equal(matching.length, 1, found(outcome).join("\n"));
  };

  const shop = `
    CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1);
    CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders); INSERT INTO lines VALUES (1, 1);
    CREATE TABLE "Customers" (id int PRIMARY KEY); INSERT INTO "Customers" VALUES (1);
    CREATE SCHEMA audit; CREATE TABLE audit.secret (id serial PRIMARY KEY); INSERT INTO audit.secret DEFAULT VALUES;
    CREATE TYPE audit.mood AS ENUM ('sad'); CREATE TABLE moods (m audit.mood); INSERT INTO moods VALUES ('sad');
    CREATE SEQUENCE audit.alone;
    GRANT SELECT ON orders, lines, "Customers", moods TO reader`;
  await step(
    "a selection: what matches nothing, what it needs and lacks, what need not be read",
    shop,
    async (backup, database) => {
      const misspelt = await backup(["--table", "orders", "--table", "custmers"]);
      assert.equal(misspelt.status, 2);
      assert.equal(misspelt.verdict.findings[0].code, "NOTHING_MATCHES");
      assert.match(misspelt.verdict.findings[0].fix, /Did you mean "Customers"\?/);
      assert.equal((await backup(["--schema", "audti"])).status, 2);
      assert.equal((await backup(["--table", "secret"])).status, 2, "not in the search_path");
      one(await backup(["--exclude-table", "lgos"]), /^PATTERN_MATCHES_NOTHING /);
      one(await backup(["--table", "lines"]), /^PART_NEEDS_MORE .*lines needs the table public\.orders/);
      one(await backup(["--exclude-table", "orders"]), /^PART_NEEDS_MORE .*lines needs the table public\.orders\.$/);
      one(await backup(["--schema", "public"]), /^PART_NEEDS_MORE .*moods needs the type audit\.mood\.$/);
      one(await backup(["--exclude-table-data", "orders"]), /^PART_NEEDS_ROWS .*lines needs the table public\.orders/);
      for (
        const whole of [["--table", "public.orders"], ["--table", '"Customers"', "--table", "orders"], [
          "--schema",
          "audit",
        ]]
      ) {
        assert.deepEqual(found(await backup(whole)), [], whole.join(" "));
      }
      const asReader = ["--db-url", server.url(database).replace("postgres@", "reader@")];
      assert.equal((await backup(asReader)).status, 2);
      const unread = await backup([...asReader, "--exclude-schema", "audit"]);
      assert.equal(unread.status, 0, unread.stderr);
      const alone = await backup([...asReader, "--table", "orders"]);
      assert.equal(alone.status, 0, alone.stderr);
    },
  );

  await step(
    "rows, columns and indexes of extensions' tables, and what lies in system schemas",
    `
    CREATE TABLE t AS SELECT 1 AS a;
    CREATE TABLE standard (id serial, v text); INSERT INTO standard (v) VALUES ('came with it');
    CREATE TABLE registered (id int, is_own boolean); INSERT INTO registered VALUES (1, false), (2, false);
    -- Members, as an extension's script makes them, all in this one transaction.
    ALTER EXTENSION plpgsql ADD TABLE standard;
    ALTER EXTENSION plpgsql ADD SEQUENCE standard_id_seq;
    ALTER EXTENSION plpgsql ADD TABLE registered;
    UPDATE pg_extension SET extconfig = ARRAY['registered'::regclass::oid], extcondition = ARRAY['WHERE is_own']
      WHERE extname = 'plpgsql'`,
    async (backup, database) => {
      const clean = await backup([]);
      assert.deepEqual(found(clean).filter((text) => /ROWS/.test(text)), []);
      const sql = await server.connect(database);
      await sql.unsafe(`
      INSERT INTO standard (v) VALUES ('mine'), ('mine, too');
      INSERT INTO registered VALUES (3, true); UPDATE registered SET id = 7 WHERE id = 2;
      ALTER TABLE registered ADD note text; CREATE INDEX mine ON standard (v);
      CREATE FUNCTION pg_catalog.lost() RETURNS int LANGUAGE sql AS 'SELECT 1'`).simple();
      await sql.unsafe(`
      SET allow_system_table_mods = on;
      CREATE TABLE information_schema.notes AS SELECT generate_series(1, 3) AS n`).simple();
      await sql.end();
      const backedUp = await backup([]);
      assert.equal(backedUp.status, 0, backedUp.stderr);
      one(backedUp, /^EXTENSION_ROWS_LEFT_OUT 2 rows of public\.standard/);
      one(backedUp, /^EXTENSION_ROWS_LEFT_OUT 1 rows of public\.registered/);
      one(backedUp, /^EXTENSION_CHANGES_LEFT_OUT .*standard_id_seq.*column note of public\.registered.*index mine/);
      one(backedUp, /^SYSTEM_SCHEMA_LEFT_OUT .*information_schema\.notes with its 3 rows.*pg_catalog\.lost\(\)/);
      const manifest = JSON.parse(await Deno.readTextFile(backedUp.verdict.backup!.manifest!));
      assert.equal(manifest.warnings.length, 4);
    },
  );

  await step(
    "functions of checks, indexes and generated columns that a restore cannot rely on",
    `
    CREATE TABLE dict (v text); INSERT INTO dict VALUES ('a');
    CREATE FUNCTION known(text) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.dict WHERE v = $1)';
    CREATE TABLE data (v text CHECK (known(v)));
    CREATE FUNCTION strip(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT btrim($1)';
    CREATE FUNCTION norm(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN lower(strip($1)); END';
    CREATE FUNCTION outer_norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT public.norm($1)';
    CREATE FUNCTION sound(text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = public AS 'SELECT strip($1)';
    CREATE FUNCTION parsed(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN strip($1);
    CREATE FUNCTION spoken(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT trim(leading ''from dict'' from $1) /* from dict */';
    CREATE TABLE people (
      name text, a text GENERATED ALWAYS AS (outer_norm(name)) STORED, b text GENERATED ALWAYS AS (sound(name)) STORED,
      CHECK (parsed(name) <> 'x'), CHECK (spoken(name) <> 'y')
    );
    INSERT INTO people (name) VALUES ('z ');
    CREATE INDEX by_norm ON people (norm(name));
    CREATE MATERIALIZED VIEW words AS SELECT word FROM ts_stat('SELECT to_tsvector(v) FROM dict')`,
    async (backup) => {
      const outcome = await backup([]);
      assert.equal(outcome.status, 0, outcome.stderr);
      one(outcome, /^DEPENDS_ON_ROWS .*known\(text\).*check data_v_check on public\.data.* reads public\.dict/);
      one(outcome, /^DEPENDS_ON_SEARCH_PATH .*norm\(text\).*index public\.by_norm.*strip\(\)/);
      one(outcome, /^DEPENDS_ON_SEARCH_PATH .*norm\(text\).*generated column public\.people\.a.*strip\(\)/);
      one(outcome, /^DEPENDS_ON_SEARCH_PATH .*materialized view public\.words.*dict/);
      assert.equal(found(outcome).length, 4, found(outcome).join("\n"));
    },
  );

  await step(
    "no row at all; and damage that the server would hide is refused",
    "CREATE TABLE a (n int)",
    async (backup, database) => {
      one(await backup([]), /^NO_ROWS The backup holds no rows: its one table is empty\.$/);
      await admin.unsafe(`ALTER DATABASE ${database} SET zero_damaged_pages = on`);
      const hidden = await backup([]);
      assert.equal(hidden.status, 2);
      assert.equal(hidden.verdict.findings[0].code, "DAMAGE_HIDDEN");
    },
  );

  await step(
    "large objects that the role may not read are named before anything is dumped",
    `
    SELECT lo_from_bytea(0, 'x');`,
    async (backup, database) => {
      const url = server.url(database).replace("postgres@", "reader@");
      const { status, verdict } = await backup(["--db-url", url]);
      assert.equal(status, 2);
      assert.match(verdict.findings[0].message, /may not read the large object \d+/);
    },
  );

  await admin.end();
  await Deno.remove(directory, { recursive: true });
});
