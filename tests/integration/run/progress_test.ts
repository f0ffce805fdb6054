import assert from "node:assert/strict";
import { connect, type Sql } from "../../../lib/postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../../lib/postgres/connection/connection_parameters.ts";
import { streamDump } from "../../../lib/postgres/pg_dump.ts";
import { measuringDump } from "../../../lib/postgres/progress/dump_progress.ts";
import { whilePolling } from "../../../lib/postgres/progress/polling.ts";
import { measuringRestore } from "../../../lib/postgres/progress/restore_progress.ts";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import type { Amount } from "../../../lib/system/amount.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

const watcher = "pgrehearse progress";

/** Work that goes on until something was measured that is `enough`. */
function untilMeasured(enough: (amount: Amount) => boolean) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const amounts: Amount[] = [];
  const measure = (amount: Amount) => {
    amounts.push(amount);
    if (enough(amount)) resolve();
  };
  const timer = setTimeout(() => reject(new Error(`measured no more than ${JSON.stringify(amounts.at(-1))}`)), 20_000);
  return { amounts, measure, measured: promise.finally(() => clearTimeout(timer)) };
}

async function watchingSessions(sql: Sql): Promise<{ state: string; holds_snapshot: boolean; locks: number }[]> {
  return [
    ...await sql<{ state: string; holds_snapshot: boolean; locks: number }[]>`
    SELECT
      state,
      backend_xmin IS NOT NULL OR backend_xid IS NOT NULL AS holds_snapshot,
      (SELECT count(*)::integer FROM pg_locks WHERE pg_locks.pid = activity.pid) AS locks
    FROM pg_stat_activity AS activity WHERE application_name = ${watcher}`,
  ];
}

async function setUp(server: TestServer, statements: string): Promise<{ parameters: ConnectionParameters; sql: Sql }> {
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(statements);
  await sql.end(); // only then the server knows its statistics for certain
  return { parameters: withDatabase(server.parameters, name), sql: await server.connect(name) };
}

Deno.test("progress of tools", async (test) => {
  await using server = await startTestServer();

  await test.step("progress: a dump is measured in bytes of tables, by the one that pg_dump is at", async () => {
    const { parameters, sql } = await setUp(
      server,
      `CREATE TABLE a_first AS SELECT md5(n::text) FROM generate_series(1, 20000) AS n;
       CREATE TABLE b_second AS SELECT n, md5(n::text) || md5((-n)::text) AS text FROM generate_series(1, 300000) AS n;
       CREATE TABLE c_third AS SELECT md5(n::text) FROM generate_series(1, 20000) AS n;
       ANALYZE`,
    );
    const tables = await sql<{ oid: number; schema: string; name: string; estimatedSizeBytes: number }[]>`
      SELECT oid, 'public' AS schema, relname AS name, (relpages * 8192)::integer AS "estimatedSizeBytes"
      FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname`;
    const [first, second] = tables.map(({ estimatedSizeBytes }) => estimatedSizeBytes);
    const { amounts, measure, measured } = untilMeasured(({ unit, done }) => unit === "bytes" && done > first);
    const tools = await findClientTools(15);
    await measuringDump(parameters, { tables: () => tables, measure }, async () => {
      const dump = streamDump(parameters, { tools });
      // What pg_dump writes is not read until it was measured: it waits in the middle of a table.
      for (let bytes = 0; bytes < 600_000;) bytes += ((await dump.next()).value as Uint8Array).length;
      await measured;
      while (!(await dump.next()).done);
    });
    const { what, total, done } = amounts.find(({ done }) => done > first)!;
    assert.equal(what, "public.b_second");
    assert.ok(done < first + second, "the second table is not done");
    assert.ok(total! >= tables.reduce((sum, { estimatedSizeBytes }) => sum + estimatedSizeBytes, 0));
    const steps = amounts.map(({ done }) => done);
    assert.deepEqual(steps, steps.toSorted((a, b) => a - b));
    assert.deepEqual(await watchingSessions(sql), []);
    await sql.end();
  });

  await test.step("progress: a restore is measured in rows, then in indexes", async () => {
    const { parameters, sql } = await setUp(
      server,
      `CREATE TABLE done (n integer);
       INSERT INTO done SELECT generate_series(1, 500);
       CREATE TABLE being_copied (n integer);
       CREATE FUNCTION slowly(n integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql
         AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN n; END $$`,
    );
    const rows = untilMeasured(({ unit, done }) => unit === "rows" && done === 500 + 300);
    const indexes = untilMeasured(({ unit }) => unit === "indexes");
    const measure = (amount: Amount) => {
      rows.measure(amount);
      indexes.measure(amount);
    };
    await measuringRestore(parameters, { expected: { rows: 800, indexes: 1 }, measure }, async () => {
      const copy = await sql`COPY being_copied FROM STDIN`.writable();
      copy.write(Array.from({ length: 300 }, (_, n) => `${String(n).padStart(9, "0")}\n`).join(""));
      await rows.measured;
      const watching = await connect(server.parameters);
      for (const { state, holds_snapshot, locks } of await watchingSessions(watching)) {
        if (state === "idle") assert.deepEqual([holds_snapshot, locks], [false, 0]);
      }
      await watching.end();
      await new Promise((resolve) => copy.end(resolve));
      await sql`CREATE INDEX ON being_copied (slowly(n))`;
      await indexes.measured;
    });
    const copying = rows.amounts.find(({ what }) => what)!;
    assert.deepEqual({ ...copying, done: 800 }, { done: 800, total: 800, unit: "rows", what: "public.being_copied" });
    const building = indexes.amounts.find(({ unit }) => unit === "indexes")!;
    assert.equal(building.total, 1);
    assert.match(building.what!, /^public\.being_copied: /);
    assert.deepEqual(await watchingSessions(sql), []);
    await sql.end();
  });

  await test.step("progress: whatever fails in its session, the work goes on, and its own failure is the one told", async () => {
    const slow = () => new Promise((resolve) => setTimeout(resolve, 1_500, "made"));
    const broken = () => Promise.reject(new Error("no such view"));
    assert.equal(await whilePolling(server.parameters, broken, slow), "made");
    const unreachable = { ...server.parameters, hosts: ["/nonexistent"] };
    assert.equal(await whilePolling(unreachable, () => Promise.resolve(), slow), "made");
    const failing = () => slow().then(() => Promise.reject(new Error("the work's own")));
    await assert.rejects(whilePolling(server.parameters, broken, failing), /the work's own/);
  });

  await test.step("progress: short work gets no session, and one that hangs delays no run", async () => {
    let polled = 0;
    await whilePolling(server.parameters, async () => void polled++, () => Promise.resolve());
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    assert.equal(polled, 0);
    const { promise, resolve } = Promise.withResolvers<void>();
    const hang = async (sql: Sql) => {
      resolve();
      await sql`SELECT pg_sleep(60)`;
    };
    await whilePolling(server.parameters, hang, () => promise);
    const sql = await server.connect();
    for (let left = 50; left > 0 && (await watchingSessions(sql)).length > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await sql.end();
  });

  await test.step("progress: where connections are short, it takes none", async () => {
    const admin = await server.connect();
    const others = [admin];
    try {
      const [{ most }] = await admin<{ most: number }[]>`
        SELECT
          current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
            AS most`;
      others.push(...await Promise.all(Array.from({ length: most - 8 }, () => server.connect())));
      let polled = 0;
      await whilePolling(
        server.parameters,
        async () => void polled++,
        () => new Promise((resolve) => setTimeout(resolve, 2_000)),
      );
      assert.equal(polled, 0);
    } finally {
      await Promise.all(others.map((sql) => sql.end({ timeout: 0 })));
    }
  });
});
