import assert from "node:assert/strict";
import { compareDefinitions } from "../../../lib/manifest/compare/compare_definitions.ts";
import { captureDefinitions, type Definition } from "../../../lib/manifest/definitions/definitions.ts";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { startTestServer } from "../../support/server.ts";

const schema = `
  CREATE TABLE orders (id int, state text, words tsvector, CONSTRAINT one PRIMARY KEY (id) WITH (fillfactor = 70))
    WITH (fillfactor = 80, toast.autovacuum_enabled = off);
  ALTER TABLE orders ALTER state SET (n_distinct = 5);
  ALTER TABLE orders ADD CONSTRAINT apart EXCLUDE USING btree (state WITH =) WITH (fillfactor = 60);
  CREATE INDEX by_state ON orders ((state || '(pg_kept=1)')) WITH (deduplicate_items = off);
  CREATE INDEX by_id ON orders (id);
  CREATE INDEX by_words ON orders USING gist (words tsvector_ops (siglen = 100));
  CREATE VIEW open WITH (security_barrier) AS SELECT id, state FROM orders WHERE state = 'open';
  CREATE FOREIGN DATA WRAPPER files;
  CREATE SERVER elsewhere FOREIGN DATA WRAPPER files OPTIONS (pg_attver '1');
  CREATE FOREIGN TABLE far (a int OPTIONS (pg_attver '1')) SERVER elsewhere OPTIONS (pg_relver '1')`;

/** Gives every column and relation what a newer minor keeps there, so that the catalogs look as its own do. */
const newerMinor = `
  SET allow_system_table_mods = on;
  UPDATE pg_attribute SET attoptions = (
      SELECT array_agg(o) FILTER (WHERE o !~ '^pg_attver') FROM unnest(attoptions) AS o
    ) || '{pg_attver=7}'
  WHERE attrelid IN ('orders'::regclass, 'open'::regclass, 'by_words'::regclass, 'far'::regclass) AND attnum > 0`;

/** The same with options with unknown names. */
const nextMinor = `
  SET allow_system_table_mods = on;
  UPDATE pg_attribute SET attoptions = attoptions || '{pg_next=1}'
  WHERE attrelid IN ('orders'::regclass, 'by_words'::regclass) AND attnum > 0;
  UPDATE pg_class SET reloptions = reloptions || '{pg_relnext=x y}'
  WHERE oid IN (
    SELECT unnest(ARRAY[c.oid, c.reltoastrelid]) FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace
  )`;

/** What a user may set with each of them, and a restore may lose. */
const userOptions = [
  ["ALTER TABLE orders ALTER state SET (n_distinct = 6)", "public.orders"],
  ["ALTER TABLE orders ALTER id SET (n_distinct_inherited = 6)", "public.orders"],
  ["ALTER TABLE orders RESET (fillfactor)", "public.orders"],
  ["ALTER TABLE orders SET (toast.autovacuum_enabled = on)", "public.orders"],
  ["ALTER INDEX one SET (fillfactor = 71)", "one on public.orders"],
  ["ALTER INDEX apart SET (fillfactor = 61)", "apart on public.orders"],
  ["ALTER INDEX by_state RESET (deduplicate_items)", "public.by_state"],
  ["ALTER VIEW open RESET (security_barrier)", "public.open"],
  ["ALTER SERVER elsewhere OPTIONS (SET pg_attver '2')", "elsewhere"],
  ["ALTER FOREIGN TABLE far OPTIONS (SET pg_relver '2')", "public.far"],
  ["ALTER FOREIGN TABLE far ALTER a OPTIONS (SET pg_attver '2')", "public.far"],
];

Deno.test("options in the catalogs", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect(await server.makeDatabase());
  await sql.unsafe(`SET search_path = public; ${schema}`);

  let plain: Definition[] = [];
  await inRollback(sql, async () => void (plain = await captureDefinitions(sql)));

  await t.step("what a newer minor keeps for itself is not part of a definition", async () => {
    await inRollback(sql, async () => {
      await sql.unsafe(newerMinor);
      const [{ count }] = await sql`SELECT count(*)::int FROM pg_attribute WHERE 'pg_attver=7' = ANY (attoptions)`;
      assert.ok(count > 5);
      assert.deepEqual(await captureDefinitions(sql), plain);
    });
  });

  for (const [change, object] of userOptions) {
    await t.step(`what a user set is: ${change}`, async () => {
      await inRollback(sql, async () => {
        await sql.unsafe(`${change}; ${newerMinor}`);
        const { findings, notes } = await compare(plain, await captureDefinitions(sql));
        assert.deepEqual(findings.map(({ code, object }) => [code, object]), [["DEFINITION_DIFFERS", object]]);
        assert.deepEqual(notes, []);
      });
    });
  }

  await t.step("an unknown option is one note, however many objects have it, and not a finding", async () => {
    await inRollback(sql, async () => {
      await sql.unsafe(`${newerMinor}; ${nextMinor}`);
      const found = await captureDefinitions(sql);
      const [{ indexdef }] = await sql`SELECT pg_get_indexdef('by_words'::regclass) AS indexdef`;
      assert.match(indexdef, /siglen='100', pg_attver='7', pg_next='1'\)/);
      for (const [before, now] of [[plain, found], [found, plain]]) {
        const { findings, notes = [] } = await compare(before, now);
        assert.deepEqual(findings, []);
        assert.deepEqual(notes.map(({ code, object, message }) => [code, object, message.split(".")[0]]), [
          ["UNKNOWN_OPTION_DIFFERS", "apart on public.orders", "The option pg_relnext differs on apart on public"],
          ["UNKNOWN_OPTION_DIFFERS", "public.by_words", "The option pg_next differs on public"],
        ]);
      }
      assert.deepEqual(await compare(found, found), { findings: [], notes: [] });
    });
  });
  await sql.end();
});

function compare(before: Definition[], now: Definition[]) {
  type Both = Parameters<typeof compareDefinitions>;
  return compareDefinitions(
    { definitions: before, postgres: { server: "15.18", server_version_num: 150018 } } as Both[0],
    { definitions: now } as Both[1],
    {},
  );
}

async function inRollback(sql: Sql, work: () => Promise<void>): Promise<void> {
  await sql.unsafe("BEGIN; SET LOCAL search_path = public");
  try {
    await work();
  } finally {
    await sql.unsafe("ROLLBACK");
  }
}
