import assert from "node:assert/strict";
import { join } from "node:path";
import type { IncidentRecord } from "../../../lib/jobs/restore/incident_record.ts";
import { freeName } from "../../../lib/jobs/restore/free_name.ts";
import type { TargetServer } from "../../../lib/jobs/restore/restore_target.ts";
import { outcomeOf, pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { run, startTestServer, type TestServer } from "../../support/server.ts";

const seed = `
  CREATE SCHEMA billing;
  CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL);
  CREATE TABLE billing.invoices (id int PRIMARY KEY, amount numeric NOT NULL);
  CREATE TABLE billing.lines (invoice int REFERENCES billing.invoices, n int);
  INSERT INTO orders SELECT n, 'c' || n FROM generate_series(1, 100) AS n;
  INSERT INTO billing.invoices SELECT n, n * 1.10 FROM generate_series(1, 50) AS n;
  INSERT INTO billing.lines SELECT n, 1 FROM generate_series(1, 50) AS n;
  GRANT SELECT ON orders TO reader;
  ALTER TABLE billing.invoices OWNER TO accountant`;

const authority = ["--operator", "ann", "--approved-by", "bob", "--reason", "ticket 7"];

/** Each makes a record one that is not of the exchange. */
const forgeries: ((record: IncidentRecord) => unknown)[] = [
  (record) => ({ ...record, target: { ...record.target, system_identifier: "1" } }),
  (record) => ({ ...record, target: { ...record.target, database: "staging" } }),
  (record) => ({ ...record, renamed: [...record.renamed, { from: "x", to: "staging", oid: 5 }] }),
  (record) => ({ ...record, renamed: record.renamed.map((each) => ({ ...each, oid: each.oid + 1 })) }),
  (record) => ({
    ...record,
    renamed: record.renamed.map((each) => ({ ...each, from: each.from === "shop" ? "shop" : "x" })),
  }),
  (record) => ({
    ...record,
    renamed: record.renamed.map((each) => ({ ...each, to: each.to === "shop" ? "shop" : "staging" })),
  }),
];

async function names(server: TestServer, like: string): Promise<string[]> {
  const sql = await server.connect();
  const rows = await sql`SELECT datname FROM pg_database WHERE datname LIKE ${like} ORDER BY datname`;
  await sql.end();
  return rows.map(({ datname }) => datname);
}

async function readRecord(path: string): Promise<IncidentRecord> {
  return JSON.parse(await Deno.readTextFile(path));
}

Deno.test("restore", async (t) => {
  await using server = await startTestServer();
  const store = await Deno.makeTempDir();
  await run(server, "postgres", "CREATE ROLE reader");
  await run(server, "postgres", "CREATE ROLE accountant");
  await run(server, "postgres", "CREATE DATABASE shop");
  await run(server, "shop", seed);
  const made = await pgrehearse(["backup", "--db-url", server.url("shop"), "--to", store]);
  assert.equal(made.status, 0, made.stderr);
  const dump = made.verdict.backup!.path;
  const restore = (database: string, ...args: string[]) =>
    pgrehearse(["restore", dump, "--target-url", server.url(database), ...args]);

  const undo = (...args: string[]) =>
    pgrehearse([
      ...["restore", "--undo", ...args, "--target-url", server.url("shop"), ...authority, "--confirm", "shop"],
    ]);

  await t.step("over its own source, without saying so, is refused", async () => {
    const { status, verdict } = await restore("shop");
    assert.equal(status, 2);
    assert.equal(verdict.findings[0].code, "TARGET_IS_SOURCE");
    assert.deepEqual(await names(server, "shop%"), ["shop"]);
  });

  await t.step("by default goes into a new database, exact with owners and grants, and is on record", async () => {
    await run(server, "postgres", "CREATE DATABASE staging");
    await run(server, "staging", "CREATE TABLE untouched AS SELECT 1 AS n");
    const { status, verdict, stderr } = await restore("staging", "--operator", "ann");
    assert.equal(status, 0, stderr);
    assert.equal(verdict.proof, "exact");
    const [restored] = await names(server, "staging_restored_%");
    assert.match(restored, /^staging_restored_\d{8}T\d{6}Z$/);
    assert.deepEqual([...await run(server, "staging", "SELECT n FROM untouched")], [{ n: 1 }]);
    const [{ acl, owner }] = await run(
      server,
      restored,
      `SELECT relacl::text AS acl, (SELECT relowner::regrole::text FROM pg_class WHERE relname = 'invoices') AS owner
       FROM pg_class WHERE relname = 'orders'`,
    );
    assert.match(acl, /reader=r/);
    assert.equal(owner, "accountant");

    const record = await readRecord(verdict.restore_record!);
    assert.equal(record.state, "finished");
    assert.equal(record.verdict, "pass");
    assert.equal(record.operator, "ann");
    assert.equal(record.restored_database, restored);
    assert.equal(record.backup.sha256, made.verdict.backup!.sha256);
    assert.deepEqual(record.before?.tables, 1);
    assert.equal(record.data_loss_window.from, made.verdict.backup!.snapshot_at);
    assert.ok(record.phases.some(({ name }) => name === "restore"));
    assert.match(await Deno.readTextFile(verdict.restore_record!.replace(/json$/, "md")), /# Restore of staging/);
    assert.equal((await Deno.stat(verdict.restore_record!)).mode! & 0o777, 0o600);
  });

  await t.step("a name that is taken already gets a number", async () => {
    const admin = await server.connect();
    const target = { admin, name: "staging" } as unknown as TargetServer;
    const [restored] = await names(server, "staging_restored_%");
    assert.equal(await freeName(target, restored.slice("staging".length)), `${restored}_2`);
    await admin.end();
  });

  await t.step("where nothing is, or nothing in it, no approval is needed", async () => {
    const absent = await restore("brand_new", "--swap");
    assert.equal(absent.status, 0, absent.stderr);
    assert.deepEqual(await names(server, "brand_new%"), ["brand_new"]);
    await run(server, "postgres", "CREATE DATABASE hollow");
    const empty = await restore("hollow", "--in-place");
    assert.equal(empty.status, 0, empty.stderr);
    assert.equal((await run(server, "hollow", "SELECT FROM orders")).length, 100);
  });

  await t.step("replacing something needs everything that an auditor asks for, and names all of it", async () => {
    for (const mode of ["--swap", "--in-place"]) {
      const { status, verdict } = await restore("shop", mode, "--confirm", "shp");
      assert.equal(status, 2);
      const [{ code, message }] = verdict.findings;
      assert.equal(code, "APPROVAL_MISSING");
      for (const option of ["--operator", "--approved-by", "--reason", "--confirm shop"]) {
        assert.ok(message.includes(option));
      }
      assert.equal((await readRecord(verdict.restore_record!)).verdict, "unknown");
    }
    assert.deepEqual(await names(server, "shop%"), ["shop"]);
  });

  await t.step("refuses while others are connected, unless told to end them", async () => {
    const other = await server.connect("shop");
    await other`SELECT 1`;
    const refused = await restore("shop", "--swap", ...authority, "--confirm", "shop");
    assert.equal(refused.status, 2);
    assert.equal(refused.verdict.findings[0].code, "CONNECTIONS_OPEN");
    assert.deepEqual(await names(server, "shop%"), ["shop"]);
    const allowed = await restore("shop", "--swap", ...authority, "--confirm", "shop", "--terminate-connections");
    assert.equal(allowed.status, 0, allowed.stderr);
    await other.end({ timeout: 0 });
    // What it tells to undo it does so as it is written.
    const { message } = allowed.verdict.notes!.find(({ code }) => code === "SWAPPED")!;
    const command = /pgrehearse (restore --undo .*)/.exec(message)![1];
    const words = await new Deno.Command("sh", { args: ["-c", `printf '%s\\n' ${command}`] }).output();
    const undone = await pgrehearse(new TextDecoder().decode(words.stdout).trim().split("\n"));
    assert.equal(undone.status, 0, undone.stderr);
  });

  await t.step("--swap keeps the old one, its safety backup and its settings; --undo renames back", async () => {
    await run(server, "postgres", "ALTER DATABASE shop SET search_path = billing, public");
    await run(server, "postgres", "ALTER DATABASE shop SET statement_timeout = '7s'");
    await run(server, "postgres", "REVOKE CONNECT ON DATABASE shop FROM PUBLIC");
    await run(server, "postgres", "GRANT CONNECT ON DATABASE shop TO reader");
    await run(server, "shop", "INSERT INTO public.orders VALUES (101, 'after the backup')");
    const { status, verdict, stderr } = await restore("shop", "--swap", ...authority, "--confirm", "shop");
    assert.equal(status, 0, stderr);
    assert.equal((await run(server, "shop", "SELECT FROM public.orders")).length, 100);
    const record = await readRecord(verdict.restore_record!);
    assert.equal((await run(server, record.before!.kept_as!, "SELECT FROM public.orders")).length, 101);
    const [{ settings }] = await run(
      server,
      "shop",
      `SELECT setconfig::text AS settings FROM pg_db_role_setting
       WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'shop')`,
    );
    assert.equal(settings, '{"search_path=billing, public",statement_timeout=7s}');
    const [{ acl }] = await run(server, "shop", "SELECT datacl::text AS acl FROM pg_database WHERE datname = 'shop'");
    assert.match(acl, /reader=c/);
    assert.doesNotMatch(acl, /[{,]=[^/]*c/);
    const drilled = await pgrehearse(["drill", record.before!.safety_backup!]);
    assert.equal(drilled.verdict.proof, "exact", drilled.stderr);
    assert.equal(drilled.verdict.compared!.rows, 201);

    const unasked = await pgrehearse([
      ...["restore", "--undo", verdict.restore_record!, "--target-url"],
      server.url("shop"),
    ]);
    assert.deepEqual([unasked.status, unasked.verdict.findings[0].code], [2, "APPROVAL_MISSING"]);
    for (const forge of forgeries) {
      const path = join(store, "forged.restore-20260101T000000Z.json");
      await Deno.writeTextFile(path, JSON.stringify(forge(structuredClone(record))));
      const forged = await undo(path);
      assert.deepEqual([forged.status, forged.verdict.findings[0].code], [2, "RECORD_DOES_NOT_MATCH"], `${forge}`);
      await Deno.remove(path);
    }
    assert.equal((await run(server, "shop", "SELECT FROM public.orders")).length, 100);
    // Without a record: the only one that fits what is there now.
    const undone = await undo("--from", store);
    assert.equal(undone.status, 0, undone.stderr);
    assert.equal((await run(server, "shop", "SELECT FROM public.orders")).length, 101);
    const twice = await undo(verdict.restore_record!);
    assert.equal(twice.status, 2);
    assert.equal(twice.verdict.findings[0].code, "RECORD_DOES_NOT_MATCH");
  });

  await t.step(
    "--in-place brings the rows back; why no safety backup was made is on record",
    async () => {
      const unsafe = ["--confirm", "shop", "--no-safety-backup"];
      const { status, verdict, stderr } = await restore("shop", "--in-place", ...authority, ...unsafe);
      assert.equal(status, 0, stderr);
      assert.equal(verdict.proof, "exact");
      assert.equal((await run(server, "shop", "SELECT FROM public.orders")).length, 100);
      assert.match((await readRecord(verdict.restore_record!)).before!.no_safety_backup!, /ticket 7/);
    },
  );

  await t.step("--in-place is refused beforehand where something newer is in the way", async () => {
    // What the dump would drop is needed by something that is not in the dump.
    await run(server, "shop", "CREATE VIEW public.report AS SELECT * FROM public.orders");
    await run(server, "shop", "DELETE FROM billing.lines");
    const { status, verdict } = await restore("shop", "--in-place", ...authority, "--confirm", "shop");
    assert.equal(status, 2);
    assert.equal(verdict.findings[0].code, "IN_PLACE_BLOCKED");
    assert.match(verdict.findings[0].message, /view public\.report depends/);
    assert.match(verdict.findings[0].fix, /--swap/);
    assert.equal((await run(server, "shop", "SELECT FROM public.report")).length, 100);
    assert.equal((await run(server, "shop", "SELECT FROM billing.lines")).length, 0);
    assert.equal((await readRecord(verdict.restore_record!)).verdict, "unknown");
    assert.deepEqual(await names(server, "shop_in_place%"), []);
  });

  await t.step("only a schema, or only a table, is compared for just that", async () => {
    const schema = await restore("part", "--schema", "billing");
    assert.equal(schema.status, 0, schema.stderr);
    assert.deepEqual([schema.verdict.compared!.tables, schema.verdict.compared!.rows], [2, 100]);
    const table = await restore("part", "--table", "invoices");
    assert.equal(table.status, 0, table.stderr);
    assert.deepEqual([table.verdict.compared!.tables, table.verdict.compared!.rows], [1, 50]);
  });

  await t.step("a damaged dump is refused before anything is touched", async () => {
    const copies = await Deno.makeTempDir();
    const name = dump.slice(dump.lastIndexOf("/") + 1).replace(/\.dump$/, "");
    await Deno.copyFile(dump.replace(/\.dump$/, ".manifest.json"), join(copies, `${name}.manifest.json`));
    const bytes = await Deno.readFile(dump);
    bytes[bytes.length - 10] ^= 1;
    await Deno.writeFile(join(copies, `${name}.dump`), bytes);
    const { status, verdict } = await pgrehearse([
      ...["restore", join(copies, `${name}.dump`), "--target-url", server.url("elsewhere")],
    ]);
    assert.equal(status, 2);
    assert.equal(verdict.findings[0].code, "DUMP_ALTERED");
    assert.deepEqual(await names(server, "elsewhere%"), []);
    await Deno.remove(copies, { recursive: true });
  });

  await t.step("after kill -9 a record exists, and the next run clears the half-made database away", async () => {
    const program = startPgrehearse(["restore", dump, "--target-url", server.url("killed")]);
    await program.untilPhaseEnded("database");
    program.kill("SIGKILL");
    await program.output();
    const records = (await Array.fromAsync(Deno.readDir(store), ({ name }) => name)).filter((name) =>
      name.endsWith(".json") && name.includes(".restore-")
    ).sort();
    assert.equal((await readRecord(join(store, records.at(-1)!))).state, "started");
    const next = outcomeOf(await startPgrehearse(["restore", dump, "--target-url", server.url("killed")]).output());
    assert.equal(next.status, 0, next.stderr);
    assert.deepEqual(await names(server, "pgrehearse_scratch%"), []);
    assert.equal((await names(server, "killed%")).length, 1);
  });

  await t.step("on a server without the roles, a warning says what is left out", async () => {
    await using bare = await startTestServer();
    const { status, verdict, stderr } = await pgrehearse(["restore", dump, "--target-url", bare.url("shop")]);
    assert.equal(status, 0, stderr);
    const [finding] = verdict.findings;
    assert.deepEqual([finding.code, finding.severity], ["GRANTS_LEFT_OUT", "warning"]);
    assert.match(finding.message, /accountant, reader/);
  });

  await Deno.remove(store, { recursive: true });
});
