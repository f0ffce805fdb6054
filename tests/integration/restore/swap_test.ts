import assert from "node:assert/strict";
import { promoteRestore } from "../../../lib/jobs/restore/promote_restore.ts";
import type { RestoreOptions } from "../../../lib/jobs/restore/restore_target.ts";
import { jobOptions, makeBackup, runRestore } from "../../support/jobs.ts";
import { outcomeOf, startPgrehearse } from "../../support/pgrehearse.ts";
import { run, startTestServer, type TestServer } from "../../support/server.ts";
import { codes } from "../../support/verdicts.ts";

/** Inserts and commits all the time, whatever cuts its connection. */
function startWriter(server: TestServer, database: string) {
  const acknowledged: number[] = [];
  let isOver = false;
  const ended = (async () => {
    let next = 1000;
    while (!isOver) {
      const sql = await server.connect(database).catch(() => undefined);
      try {
        while (sql && !isOver) {
          const id = next++;
          await sql`INSERT INTO public.orders VALUES (${id})`;
          acknowledged.push(id);
        }
      } catch {
        // Cut off, or the table is gone: it tries again.
      } finally {
        await sql?.end({ timeout: 0 });
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  return {
    acknowledged,
    async untilItWrote(count: number) {
      while (acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    async stop() {
      isOver = true;
      await ended;
    },
  };
}

Deno.test("restore in the place of a database", async (t) => {
  await using server = await startTestServer();
  const store = await Deno.makeTempDir();
  await run(server, "postgres", "CREATE DATABASE shop");
  await run(server, "shop", "CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2)");
  const dump = await makeBackup(server.url("shop"), store);
  const replace = (options: Partial<RestoreOptions>) =>
    runRestore(dump, server.url("shop"), { terminateConnections: true, ...options });
  const ids = async (database: string) => (await run(server, database, "SELECT id FROM orders")).map(({ id }) => id);

  for (const mode of ["in_place", "swap"] as const) {
    await t.step(`${mode}: no row that was acknowledged to a writer is lost`, async () => {
      const writer = startWriter(server, "shop");
      await writer.untilItWrote(5);
      const verdict = await replace({ mode, safetyBackup: true });
      await writer.untilItWrote(writer.acknowledged.length + 5);
      await writer.stop();
      assert.equal(verdict.proof, "exact", JSON.stringify(verdict.findings));
      const record = JSON.parse(await Deno.readTextFile(verdict.restore_record!));
      const { safety_backup, kept_as } = record.before;
      const safety = await runRestore(safety_backup, server.url("safety"));
      const [restored] = safety.notes!.filter(({ code }) => code === "RESTORED_BESIDE");
      const found = new Set([...await ids("shop"), ...await ids(restored.object!)]);
      assert.deepEqual(writer.acknowledged.filter((id) => !found.has(id)), []);
      assert.deepEqual(
        JSON.parse(await Deno.readTextFile(safety_backup.replace(/dump$/, "manifest.json"))).purpose,
        "safety",
      );
      if (kept_as) assert.deepEqual((await ids(kept_as)).toSorted(), (await ids(restored.object!)).toSorted());
      await run(server, "postgres", `DROP DATABASE "${restored.object}"`);
    });
  }

  await t.step("typing a different name from the one asked for touches nothing", async () => {
    const asked: string[] = [];
    const ask = (question: string) => Promise.resolve((asked.push(question), "shopp"));
    for (const mode of ["in_place", "swap"] as const) {
      const verdict = await replace({ mode, ask, confirm: undefined });
      assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "APPROVAL_MISSING"]);
      assert.match(verdict.findings[0].message, /You typed "shopp"/);
    }
    assert.match(
      asked[0],
      /Overwrites shop on .* \(1 table, \d+(\.\d)? MB, no sessions\)\nwith shop-.*, taken .* ago/,
    );
    assert.match(asked[1], /Replaces shop/);
    const refused = await replace({ mode: "swap", ask, confirm: undefined, operator: undefined });
    assert.deepEqual([...codes(refused), asked.length], ["APPROVAL_MISSING", 2]);
  });

  await t.step("--promote puts what was restored beside in place, if it is what was backed up", async () => {
    await run(server, "shop", "DELETE FROM orders");
    const beside = await runRestore(dump, server.url("again"));
    const record = beside.restore_record!;
    const [{ object: restored }] = beside.notes!.filter(({ code }) => code === "RESTORED_BESIDE");
    const promote = (options: object = {}) =>
      promoteRestore({
        ...jobOptions(),
        ...{ mode: "swap", subset: { schemas: [], tables: [] }, safetyBackup: false, targetUrl: server.url("shop") },
        ...{ operator: "ann", approvedBy: "bob", reason: "a test", confirm: "shop", promote: record },
        ...options,
      });
    const unasked = await promote({ approvedBy: undefined });
    assert.deepEqual([unasked.verdict, ...codes(unasked)], ["unknown", "APPROVAL_MISSING"]);
    await run(server, restored!, "INSERT INTO orders VALUES (3)");
    const changed = await promote();
    assert.deepEqual([changed.verdict, ...codes(changed)], ["fail", "ROW_COUNT_DIFFERS"]);
    assert.deepEqual(await ids("shop"), []);
    await run(server, restored!, "DELETE FROM orders WHERE id = 3");
    const promoted = await promote({ promote: undefined, from: store });
    assert.equal(promoted.proof, "exact", JSON.stringify(promoted.findings));
    assert.deepEqual(await ids("shop"), [1, 2]);
    const twice = await promote();
    assert.deepEqual([twice.verdict, ...codes(twice)], ["unknown", "RECORD_DOES_NOT_MATCH"]);
  });

  const swap = [
    ...["restore", dump, "--target-url", server.url("shop"), "--swap", "--confirm", "shop"],
    ...["--operator", "ann", "--approved-by", "bob", "--reason", "a test"],
  ];

  await t.step("a swap that is stopped leaves the database as it was, and says what is kept", async () => {
    await run(server, "shop", "INSERT INTO orders VALUES (4)");
    const program = startPgrehearse(swap);
    await program.untilPhaseEnded("keep_others_out");
    program.kill("SIGTERM");
    const { status, verdict } = outcomeOf(await program.output());
    assert.equal(status, 143);
    const { code, fix } = verdict.findings[0];
    assert.equal(code, "INTERRUPTED");
    assert.match(fix, / shop was not changed\. The restored copy is kept as shop_restored_\w+\./);
    assert.deepEqual(await ids("shop"), [1, 2, 4]);
    const promoted = await promoteRestore({
      ...{ ...jobOptions(), mode: "swap", subset: { schemas: [], tables: [] }, safetyBackup: false },
      ...{ targetUrl: server.url("shop"), operator: "ann", approvedBy: "bob", reason: "a test", confirm: "shop" },
      promote: verdict.restore_record!,
    });
    assert.equal(promoted.proof, "exact", JSON.stringify(promoted.findings));
    assert.deepEqual(await ids("shop"), [1, 2]);
  });

  await t.step("a swap that is killed while others are kept out gives the database its name back", async () => {
    await run(server, "shop", "INSERT INTO orders VALUES (5)");
    const program = startPgrehearse(swap);
    await program.untilPhaseEnded("keep_others_out");
    program.kill("SIGKILL");
    await program.output();
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const found = await run(server, "postgres", "SELECT FROM pg_database WHERE datname = 'shop' AND datallowconn");
      if (found.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(await ids("shop"), [1, 2, 5]);
  });

  await t.step("a database that holds no table, and something else, is not empty", async () => {
    const objects = {
      "large object": "SELECT lo_create(77)",
      "function": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "type": "CREATE TYPE e AS ENUM ('a')",
      "publication": "CREATE PUBLICATION p",
      "cast": "CREATE CAST (text AS xid) WITH INOUT",
      "view": "CREATE VIEW v AS SELECT 1",
      "sequence": "CREATE SEQUENCE s",
    };
    for (const [kind, statement] of Object.entries(objects)) {
      const database = await server.makeDatabase();
      await run(server, database, statement);
      for (const mode of ["in_place", "swap"] as const) {
        const verdict = await runRestore(dump, server.url(database), { mode, operator: undefined });
        assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "APPROVAL_MISSING"], kind);
        assert.match(verdict.findings[0].message, new RegExp(`holds 1 ${kind}\\.`));
      }
    }
  });

  await t.step("a template is not replaced: every new database would be a copy of the backup", async () => {
    for (const mode of ["in_place", "swap"] as const) {
      const verdict = await runRestore(dump, server.url("template1"), { mode });
      assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "TARGET_IS_TEMPLATE"]);
    }
  });

  await t.step("a database that takes no connections is named, and how to open it", async () => {
    await run(server, "postgres", "CREATE DATABASE closed ALLOW_CONNECTIONS false");
    const verdict = await runRestore(dump, server.url("closed"), { mode: "swap" });
    assert.deepEqual([verdict.verdict, ...codes(verdict)], ["unknown", "CONNECTIONS_NOT_ALLOWED"]);
  });

  await Deno.remove(store, { recursive: true });
});
