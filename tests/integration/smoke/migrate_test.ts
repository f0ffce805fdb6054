import assert from "node:assert/strict";
import { join } from "node:path";
import { insertAuditRows } from "../../../lib/chain/insert_audit_rows.ts";
import { migrate } from "../../../lib/chain/migrate.ts";
import { embeddedMigrations, readMigrations } from "../../../lib/chain/migrations.ts";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { startTestServer } from "../../support/server.ts";

async function appliedNames(sql: Sql): Promise<string[]> {
  return (await sql`SELECT name FROM schema_migrations ORDER BY applied_at`).map(({ name }) => name);
}

Deno.test("migrations", async (t) => {
  await using server = await startTestServer();

  const step = (name: string, files: Record<string, string>, test: (sql: Sql, directory: string) => Promise<void>) =>
    t.step(name, async () => {
      const directory = await Deno.makeTempDir();
      const sql = await server.connect(await server.makeDatabase());
      try {
        for (const [file, text] of Object.entries(files)) await Deno.writeTextFile(join(directory, file), text);
        await test(sql, directory);
      } finally {
        await sql.end();
        await Deno.remove(directory, { recursive: true });
      }
    });

  await step("a second run does nothing", {}, async (sql) => {
    await migrate(sql, embeddedMigrations);
    const [before] = await sql`SELECT max(applied_at)::text AS at, count(*) FROM schema_migrations`;
    await migrate(sql, embeddedMigrations);
    const [after] = await sql`SELECT max(applied_at)::text AS at, count(*) FROM schema_migrations`;
    assert.deepEqual(after, before);
  });

  await step("an edited applied migration is an error that names it", {}, async (sql) => {
    await migrate(sql, embeddedMigrations);
    const edited = embeddedMigrations.map((migration) => ({ ...migration, sha256: "0".repeat(64) }));
    await assert.rejects(migrate(sql, edited), { code: "MIGRATION_EDITED", message: /0001_audit_chain\.sql/ });
  });

  await step("other people's files run in name order, without *.down.sql and anything else", {
    "10_second.sql": "INSERT INTO t VALUES (1);",
    "09_first.sql": "CREATE TABLE t (n int);",
    "09_first.down.sql": "DROP TABLE t;",
    "README.md": "not SQL",
  }, async (sql, directory) => {
    await migrate(sql, await readMigrations(directory));
    assert.deepEqual(await appliedNames(sql), ["09_first.sql", "10_second.sql"]);
    assert.equal((await sql`SELECT * FROM t`).length, 1);
  });

  await step("where there are files for up and down, only those for up are migrations", {
    "000002_b.up.sql": "INSERT INTO t VALUES (1);",
    "000001_a.up.sql": "CREATE TABLE t (n int);",
    "000001_a.down.sql": "DROP TABLE t;",
    "seed.sql": "INSERT INTO t SELECT generate_series(1, 77);",
    "seed_demo.sql": "SELECT nonsense;",
  }, async (sql, directory) => {
    await migrate(sql, await readMigrations(directory));
    assert.deepEqual(await appliedNames(sql), ["000001_a.up.sql", "000002_b.up.sql"]);
    assert.equal((await sql`SELECT * FROM t`).length, 1);
  });

  await step("a file that brings its own BEGIN and COMMIT", {
    "1.sql": "BEGIN;\nCREATE TABLE t (n int);\nCOMMIT;\n",
    "2.sql": "INSERT INTO t VALUES (1);",
  }, async (sql, directory) => {
    await migrate(sql, await readMigrations(directory));
    await migrate(sql, await readMigrations(directory));
    assert.deepEqual(await appliedNames(sql), ["1.sql", "2.sql"]);
    assert.equal((await sql`SELECT * FROM t`).length, 1);
  });

  await step("a statement that must stand outside a transaction", {
    "1.sql": "CREATE TABLE t (n int);",
    "2.sql": "CREATE INDEX CONCURRENTLY i ON t (n);",
  }, async (sql, directory) => {
    await migrate(sql, await readMigrations(directory));
    assert.deepEqual(await appliedNames(sql), ["1.sql", "2.sql"]);
  });

  await step("a file that fails leaves nothing of itself, and is named with its line", {
    "1.sql": "CREATE TABLE kept (n int);",
    "2.sql": "CREATE TABLE undone (n int);\nSELECT nonsense;",
  }, async (sql, directory) => {
    await assert.rejects(migrate(sql, await readMigrations(directory)), {
      code: "MIGRATION_FAILED",
      message: 'Migration 2.sql:2 failed: column "nonsense" does not exist.',
    });
    assert.deepEqual(await appliedNames(sql), ["1.sql"]);
    const [tables] = await sql`SELECT to_regclass('kept')::text AS kept, to_regclass('undone')::text AS undone`;
    assert.deepEqual(tables, { kept: "kept", undone: null });
  });

  const theirs = {
    "1_a.up.sql": "CREATE TABLE a (n int);",
    "2_b.up.sql": "CREATE TABLE b (n int);",
    "10_c.up.sql": "CREATE TABLE c (n int);",
  };
  const tablesOf = async (sql: Sql) =>
    (await sql`SELECT relname FROM pg_class WHERE relname ~ '^[abc]$' ORDER BY 1`).map(({ relname }) => relname);

  for (
    const [tool, table] of [
      ["golang-migrate", "(version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (2, false)"],
      ["another tool", "(version text); INSERT INTO schema_migrations VALUES ('1'), ('002')"],
    ]
  ) {
    await step(
      `${tool}'s schema_migrations is believed and not touched, ours stands beside it`,
      theirs,
      async (sql, directory) => {
        await sql.unsafe(`CREATE TABLE schema_migrations ${table}`);
        const before = await sql`SELECT * FROM schema_migrations`;
        const migrations = await readMigrations(directory);
        await migrate(sql, migrations);
        await migrate(sql, migrations);
        assert.deepEqual(await tablesOf(sql), ["c"]);
        assert.deepEqual((await sql`SELECT name FROM pgrehearse_migrations`).map(({ name }) => name), ["10_c.up.sql"]);
        await migrate(sql, embeddedMigrations);
        assert.equal((await sql`SELECT * FROM pgrehearse_migrations`).length, 3);
        assert.deepEqual(await sql`SELECT * FROM schema_migrations`, before);
      },
    );
  }

  await step("migrations that make a schema_migrations of their own", {
    "1.sql": "CREATE TABLE schema_migrations (version text); INSERT INTO schema_migrations VALUES ('7');",
  }, async (sql, directory) => {
    await migrate(sql, await readMigrations(directory));
    await migrate(sql, await readMigrations(directory));
    assert.equal((await sql`SELECT * FROM pgrehearse_migrations`).length, 1);
    assert.equal((await sql`SELECT * FROM schema_migrations`).length, 1);
  });

  await step("a chain that others made is taken as it is", {}, async (sql) => {
    await migrate(sql, embeddedMigrations);
    await sql`DROP TABLE schema_migrations`;
    await sql`ALTER FUNCTION audit_events_begin_insert() RENAME TO their_function`;
    await migrate(sql, embeddedMigrations);
    const [{ table }] = await sql`SELECT to_regclass('schema_migrations')::text AS table`;
    assert.equal(table, null);
    assert.equal(await insertAuditRows(sql, 2_500, new AbortController().signal), 2_500);
  });

  await t.step("a directory without migrations, or none at all, is an error", async () => {
    const empty = await Deno.makeTempDir();
    await assert.rejects(readMigrations(empty), { code: "MIGRATIONS_UNREADABLE" });
    await assert.rejects(readMigrations(join(empty, "missing")), { code: "MIGRATIONS_UNREADABLE" });
    await Deno.remove(empty);
  });
});
