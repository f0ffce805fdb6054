import assert from "node:assert/strict";
import { join } from "node:path";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { codesOf, copyOf, flipByte, runPhysicalDrill } from "../../support/physical_drills.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

const warningsOf = ({ findings }: Verdict) =>
  findings.filter(({ severity }) => severity === "warning").map(({ code }) => code).sort();

function passes(verdict: Verdict): void {
  assert.deepEqual([verdict.verdict, codesOf(verdict)], ["pass", []], JSON.stringify(verdict.findings, null, 1));
}

/** Every file below a directory, with its size and when it was written. */
async function treeOf(directory: string): Promise<string> {
  const { stdout } = await new Deno.Command("find", { args: [directory, "-printf", "%P %s %T@\\n"] }).output();
  return new TextDecoder().decode(stdout).split("\n").sort().join("\n");
}

Deno.test("physical drill beside production: it touches nothing, and follows what the WAL asks for", async (t) => {
  await using primary = await startPhysicalPrimary({ superuser: "root_of_it" });
  const { archive, directory } = primary;
  const trap = join(directory, "trapped");
  const early = await primary.makeDirectory("tablespaces/early");
  const late = await primary.makeDirectory("tablespaces/late");
  const sql = await primary.connect();
  await sql.unsafe(`CREATE TABLESPACE early LOCATION '${early}'`);
  await sql`CREATE TABLE public.orders (id integer PRIMARY KEY, note text) TABLESPACE early`;
  await sql`INSERT INTO public.orders SELECT n, md5(n::text) FROM generate_series(1, 2000) AS n`;
  await sql`CREATE UNLOGGED TABLE public.sessions AS SELECT 1 AS id`;
  await sql`CREATE DATABASE subscriber`;
  await sql`CREATE PUBLICATION everything FOR TABLE public.orders`;
  await sql`SELECT pg_create_logical_replication_slot('feed', 'pgoutput')`;
  const subscriber = await primary.connect("subscriber");
  await subscriber`CREATE TABLE public.orders (id integer PRIMARY KEY, note text)`;
  await subscriber.unsafe(
    `CREATE SUBSCRIPTION feed CONNECTION '${primary.url()}' PUBLICATION everything
     WITH (create_slot = false, slot_name = 'feed', copy_data = false, enabled = true)`,
  );
  await subscriber.end();
  // Traps, for whoever obeys what the backup says.
  for (const name of ["archive_cleanup_command", "recovery_end_command", "restore_command"]) {
    await sql.unsafe(`ALTER SYSTEM SET ${name} = 'touch ${trap}'`);
  }
  await sql.unsafe(`ALTER SYSTEM SET primary_conninfo = '${primary.url()}'`);
  await sql`ALTER SYSTEM SET primary_slot_name = 'standby'`;
  await sql`ALTER SYSTEM SET shared_preload_libraries = 'no_such_library'`;
  await sql`ALTER SYSTEM SET listen_addresses = '*'`;
  await sql`SELECT pg_create_physical_replication_slot('standby', true)`;
  await sql`ALTER ROLE root_of_it SET session_preload_libraries = 'no_such_library'`;
  const mapping = `--tablespace-mapping=${early}=${join(directory, "backups/early")}`;
  const base = await primary.backUp("base", mapping);
  const tars: string[] = [];
  for (const how of [["none"], ["client-gzip:1"], ["client-lz4:1"], ["client-zstd:1"]]) {
    tars.push(await primary.backUp(`tar_${how[0].slice(7, 9)}`, "--format=tar", `--compress=${how[0]}`));
  }
  await sql.unsafe(`CREATE TABLESPACE late LOCATION '${late}'`);
  await sql`CREATE TABLE public.invoices TABLESPACE late AS SELECT n AS id FROM generate_series(1, 1000) AS n`;
  await sql`ALTER ROLE root_of_it RESET session_preload_libraries`;
  await sql.unsafe("BEGIN; INSERT INTO public.orders VALUES (-1, 'prepared'); PREPARE TRANSACTION 'transfer-4711'")
    .simple();
  await sql`CHECKPOINT`;
  await primary.archiveAll();
  // From here on the slot is not read, unless the recovered server does: there the subscription is still enabled.
  const disabling = await primary.connect("subscriber");
  await disabling`ALTER SUBSCRIPTION feed DISABLE`;
  await disabling.end();
  while ((await sql`SELECT FROM pg_replication_slots WHERE active`).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const before = {
    slots: await sql`SELECT slot_name, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots ORDER BY 1`,
    archive: await treeOf(archive),
    tablespaces: await treeOf(join(directory, "tablespaces")),
    backups: await treeOf(join(directory, "backups")),
  };

  await t.step(
    "latest, in full: subscriptions, slots, tablespaces and commands of the source are left alone",
    async () => {
      const verdict = await runPhysicalDrill(base, { walArchive: archive, verify: "full" });
      passes(verdict);
      assert.equal(verdict.proof, "recovered");
      assert.deepEqual(verdict.covers?.slice(-3), ["tables", "indexes with every row", "pages"]);
      assert.ok(warningsOf(verdict).includes("UNLOGGED_TABLES"), JSON.stringify(verdict.findings));
      assert.ok(warningsOf(verdict).includes("PREPARED_TRANSACTIONS"), JSON.stringify(verdict.findings));
    },
  );
  for (const tar of tars) {
    await t.step(`a tar with its tablespace: ${tar.slice(-2)}`, async () => {
      passes(await runPhysicalDrill(tar, { walArchive: archive, verify: "standard" }));
    });
  }
  await t.step("a directory of several: the newest is taken, and one by its name", async () => {
    const verdict = await runPhysicalDrill(join(directory, "backups"), { walArchive: archive });
    passes(verdict);
    assert.equal(verdict.backup?.name, "tar_zs");
    assert.equal((await runPhysicalDrill(join(directory, "backups"), { set: "base" })).backup?.name, "base");
  });
  await t.step("a tablespace that was not copied with it", async () => {
    const copy = await copyOf(base);
    const [oid] = await Array.fromAsync(Deno.readDir(join(copy, "pg_tblspc")), ({ name }) => name);
    await Deno.remove(join(copy, "pg_tblspc", oid));
    await Deno.symlink("/nowhere/at/all", join(copy, "pg_tblspc", oid));
    assert.deepEqual(codesOf(await runPhysicalDrill(copy)), ["PHYSICAL_BACKUP_INCOMPLETE"]);
    await Deno.remove(copy, { recursive: true });
  });
  await t.step("the tar of a tablespace is missing", async () => {
    const copy = await copyOf(tars[0]);
    for await (const { name } of Deno.readDir(copy)) {
      if (/^\d+\.tar$/.test(name)) await Deno.remove(join(copy, name));
    }
    assert.deepEqual(codesOf(await runPhysicalDrill(copy, { walArchive: archive })), ["PHYSICAL_BACKUP_INCOMPLETE"]);
    await Deno.remove(copy, { recursive: true });
  });
  await t.step("a tar cut short", async () => {
    const copy = await copyOf(tars[1]);
    await Deno.truncate(join(copy, "base.tar.gz"), 500_000);
    assert.deepEqual(codesOf(await runPhysicalDrill(copy)), ["PHYSICAL_RESTORE_FAILED"]);
    await Deno.remove(copy, { recursive: true });
  });
  await t.step("nothing of production was touched", async () => {
    const after = {
      slots: await sql`SELECT slot_name, restart_lsn, confirmed_flush_lsn FROM pg_replication_slots ORDER BY 1`,
      archive: await treeOf(archive),
      tablespaces: await treeOf(join(directory, "tablespaces")),
      backups: await treeOf(join(directory, "backups")),
    };
    assert.deepEqual({ ...after, slots: [...after.slots] }, { ...before, slots: [...before.slots] });
    assert.equal(await Deno.stat(trap).then(() => true, () => false), false);
  });
  await sql`ROLLBACK PREPARED 'transfer-4711'`;
  await sql`ALTER SYSTEM RESET ALL`;
  await sql.end();

  await t.step("settings that the WAL raises are followed", async () => {
    await primary.restart("max_connections=40", "max_prepared_transactions=7");
    await primary.archiveAll();
    passes(await runPhysicalDrill(base, { walArchive: archive }));
  });
});

Deno.test("physical drill: timelines, and a standby's backup", async (t) => {
  await using primary = await startPhysicalPrimary();
  const { archive } = primary;
  const sql = await primary.connect();
  await sql`CREATE TABLE public.orders AS SELECT n AS id FROM generate_series(1, 5000) AS n`;
  const base = await primary.backUp("base", "--wal-method=none");
  await using standby = await primary.makeStandby();
  await sql`INSERT INTO public.orders SELECT n FROM generate_series(1, 5000) AS n`;
  await sql`CHECKPOINT`;
  await standby.untilCaughtUp();
  const ofStandby = await standby.backUp("of_standby");
  await primary.archiveAll();

  await t.step("a standby's backup is recovered like another", async () => {
    passes(await runPhysicalDrill(ofStandby, { walArchive: archive, verify: "standard" }));
  });

  await standby.untilCaughtUp();
  await standby.promote();
  const promoted = await standby.connect();
  await promoted`INSERT INTO public.orders SELECT n FROM generate_series(1, 7000) AS n`;
  await standby.archiveAll();
  await promoted.end();
  await t.step("recovery follows a promotion to its timeline", async () => {
    const verdict = await runPhysicalDrill(base, { walArchive: archive });
    passes(verdict);
    assert.match(verdict.recovery!.newest_wal!, /^00000002/);
  });
  await t.step("the history of the newer timeline is missing", async () => {
    const copy = await copyOf(archive);
    await Deno.remove(join(copy, "00000002.history"));
    assert.deepEqual(codesOf(await runPhysicalDrill(base, { walArchive: copy })), ["TIMELINE_UNREACHABLE"]);
    await Deno.remove(copy, { recursive: true });
  });
  await t.step(
    "a backup of the old primary, taken after the promotion, does not lead to the new timeline",
    async () => {
      await sql`INSERT INTO public.orders SELECT n FROM generate_series(1, 5000) AS n`;
      const dead = await primary.backUp("dead");
      assert.deepEqual(codesOf(await runPhysicalDrill(dead, { walArchive: archive })), ["TIMELINE_UNREACHABLE"]);
    },
  );
  await sql.end();
});

Deno.test("physical drill: what only a look at tables and indexes finds", async (t) => {
  await using primary = await startPhysicalPrimary({ checksums: false });
  const sql = await primary.connect();
  await sql`CREATE TABLE public.orders (id integer, note text)`;
  await sql`INSERT INTO public.orders SELECT n, md5(n::text) FROM generate_series(1, 5000) AS n`;
  await sql`CREATE INDEX orders_note ON public.orders (note)`;
  await sql`CHECKPOINT`;
  const [{ path }] = await sql<{ path: string }[]>`SELECT pg_relation_filepath('public.orders_note') AS path`;
  const sound = await primary.backUp("sound", "--no-manifest");

  await t.step("a page of an index changed, where pages have no checksums", async () => {
    const copy = await copyOf(sound);
    for (let at = 8_192 + 24; at < 8_192 + 64; at += 4) await flipByte(join(copy, path), at);
    const verdict = await runPhysicalDrill(copy, { verify: "standard" });
    assert.deepEqual(codesOf(verdict), ["RELATION_CORRUPT"], JSON.stringify(verdict.findings, null, 1));
    assert.deepEqual(warningsOf(verdict), ["PHYSICAL_NOT_VERIFIABLE", "PHYSICAL_NOT_VERIFIABLE"]);
    await Deno.remove(copy, { recursive: true });
  });
  await t.step("a row that its index lacks: full finds it, standard does not look", async () => {
    await sql`UPDATE pg_index SET indisready = false WHERE indexrelid = 'public.orders_note'::regclass`;
    await sql`INSERT INTO public.orders VALUES (0, 'in no index')`;
    await sql`UPDATE pg_index SET indisready = true WHERE indexrelid = 'public.orders_note'::regclass`;
    await sql`UPDATE pg_database SET datcollversion = '1.0' WHERE datname = 'postgres'`;
    const base = await primary.backUp("inconsistent");
    const standard = await runPhysicalDrill(base, { verify: "standard" });
    passes(standard);
    assert.ok(!standard.covers!.includes("indexes with every row"));
    assert.ok(warningsOf(standard).includes("INDEX_ORDER_SUSPECT"), JSON.stringify(standard.findings));
    const full = await runPhysicalDrill(base, { verify: "full" });
    assert.deepEqual(codesOf(full), ["RELATION_CORRUPT"], JSON.stringify(full.findings, null, 1));
    assert.match(full.findings.find(({ code }) => code === "RELATION_CORRUPT")!.message, /orders_note/);
  });
  await t.step(
    "an index of an extension that this host has not: it was not looked at, and is not corrupt",
    async () => {
      await sql`CREATE EXTENSION citext SCHEMA public`;
      await sql`CREATE TABLE public.names AS SELECT n::text::public.citext AS name FROM generate_series(1, 50) AS n`;
      await sql`CREATE INDEX names_name ON public.names (name)`;
      await sql`UPDATE pg_proc SET probin = '$libdir/no_such_library' WHERE probin LIKE '%citext'`;
      const verdict = await runPhysicalDrill(await primary.backUp("extended"), { verify: "standard" });
      passes(verdict);
      assert.ok(warningsOf(verdict).includes("RELATIONS_NOT_CHECKED"), JSON.stringify(verdict.findings));
      assert.match(JSON.stringify(verdict.findings), /no_such_library/);
    },
  );
  await sql.end();
});
