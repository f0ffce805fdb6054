import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { outcomeOf, pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { startTlsServer } from "../../support/tls_server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const manifestOf = async (path: string): Promise<Manifest> => JSON.parse(await Deno.readTextFile(path));

Deno.test("a server changes while all of its databases are backed up", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const sql = await server.connect();
  const all = async (store: string, ...args: string[]) =>
    await pgrehearse([
      "backup",
      "--all-databases",
      "--db-url",
      server.url(),
      "--to",
      join(directory.path, store),
      ...args,
    ]);
  for (const name of ["first", "dropped", "renamed", "closed"]) {
    await sql.unsafe(`CREATE DATABASE ${name}`);
    const inside = await server.connect(name);
    const rows = name === "first" ? 50_000 : 10;
    await inside.unsafe(`CREATE TABLE t AS SELECT n FROM generate_series(1, ${rows}) AS n`);
    await inside.end();
  }

  await t.step("what is dropped, renamed, closed or made meanwhile is followed, and said", async () => {
    // The biggest is begun first, and waits for a lock.
    const holder = await server.connect("first");
    await holder.unsafe("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE").simple();
    const child = startPgrehearse([
      ...[
        "backup",
        "--all-databases",
        "--db-url",
        server.url(),
        "--to",
        join(directory.path, "changing"),
        "--jobs",
        "1",
      ],
    ]);
    const waits = () =>
      sql`SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = 'first')`;
    while ((await waits()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await sql.unsafe("DROP DATABASE dropped");
    await sql.unsafe("ALTER DATABASE renamed RENAME TO now_called_so");
    await sql.unsafe("ALTER DATABASE closed ALLOW_CONNECTIONS false");
    await sql.unsafe("CREATE DATABASE late TEMPLATE now_called_so");
    await holder.unsafe("ROLLBACK");
    await holder.end();
    const { status, verdict, stderr } = outcomeOf(await child.output());
    assert.equal(status, 0, stderr);
    assert.deepEqual(verdict.restored!.map(({ database }) => database).sort(), ["first", "late", "now_called_so"]);
    assert.deepEqual(verdict.findings.map(({ code, object }) => [code, object]), [["DATABASE_LEFT_OUT", "closed"]]);
    assert.deepEqual(
      verdict.notes!.map(({ code }) => code).filter((code) => /^DATABASE/.test(code)).sort(),
      ["DATABASES_APPEARED", "DATABASE_LEFT_OUT", "DATABASE_RENAMED"],
    );
    const { set } = await manifestOf(verdict.backup!.manifest!);
    assert.deepEqual(
      set!.left_out!.filter(({ database }) => /dropped|closed/.test(database)).map(({ database, why }) =>
        `${database}: ${why}`
      ).sort(),
      ["closed: it no longer accepts connections", "dropped: it was dropped during the backup"],
    );
    const drilled = await pgrehearse(["drill", "--latest", "--from", join(directory.path, "changing")]);
    assert.deepEqual([drilled.status, drilled.verdict.restored!.length], [0, 3], drilled.stderr);
    await sql.unsafe("ALTER DATABASE closed ALLOW_CONNECTIONS true");
  });

  await t.step("status looks at every backup that is kept for what was left out on purpose", async () => {
    const store = join(directory.path, "kept");
    assert.equal((await all("kept", "--exclude-database", "closed")).status, 0);
    for (const database of ["first", "late", "now_called_so"]) {
      const { status, stderr } = await pgrehearse(["backup", "--db-url", server.url(database), "--to", store]);
      assert.equal(status, 0, stderr);
    }
    const without = (await pgrehearse(["status", "--from", store])).verdict.notes?.map(({ code }) => code) ?? [];
    assert.ok(!without.includes("DATABASES_NOT_BACKED_UP"), without.join());
    await sql.unsafe("CREATE DATABASE latest");
    assert.equal((await pgrehearse(["backup", "--db-url", server.url("late"), "--to", store])).status, 0);
    const { verdict } = await pgrehearse(["status", "--from", store]);
    const note = verdict.notes!.find(({ code }) => code === "DATABASES_NOT_BACKED_UP")!;
    assert.match(note.message, /\blatest\b/);
    assert.doesNotMatch(note.message, /closed|first/);
    await sql.unsafe("DROP DATABASE latest");
  });

  await t.step(
    "a whole server over databases that are there: beside them, or in their place if that is said",
    async () => {
      await using other = await startTestServer();
      const target = await other.connect();
      const store = join(directory.path, "changing");
      await target.unsafe("CREATE DATABASE late");
      await target.unsafe("CREATE DATABASE first");
      const inside = await other.connect("first");
      await inside.unsafe("CREATE TABLE precious AS SELECT 1 AS a");
      await inside.end();
      const names = async () =>
        (await target`SELECT datname FROM pg_database WHERE datname !~ '^(template|postgres)' ORDER BY 1`)
          .map(({ datname }) => datname.replace(/_\d{8}T\d{6}Z$/, ""));
      const restore = (...args: string[]) =>
        pgrehearse(["restore", "--all-databases", "--from", store, "--target-url", other.url(), ...args]);
      const refused = await restore("--swap");
      assert.deepEqual([refused.status, refused.verdict.findings[0].code], [2, "APPROVAL_MISSING"], refused.stderr);
      assert.deepEqual(await names(), ["first", "late"]);
      const beside = await restore();
      assert.equal(beside.status, 0, beside.stderr);
      assert.deepEqual(await names(), ["first", "first_restored", "late", "late_restored", "now_called_so_restored"]);
      const authority = ["--operator", "ann", "--approved-by", "bob", "--reason", "a test", "--confirm", "first"];
      const swapped = await restore("--swap", ...authority);
      assert.equal(swapped.status, 0, swapped.stderr);
      assert.deepEqual(swapped.verdict.restored!.map(({ proof }) => proof), ["exact", "exact", "exact"]);
      const kept = (await names()).filter((name) => name.startsWith("first"));
      assert.deepEqual(kept, ["first", "first_before", "first_restored"]);
      const [{ datname }] = await target`SELECT datname FROM pg_database WHERE datname LIKE 'first_before%'`;
      const old = await other.connect(datname);
      assert.equal((await old`SELECT FROM precious`).length, 1);
      await old.end();
      await target.end();
    },
  );

  await sql.end();
});

Deno.test("a password file lets a backup and a restore of several databases in", async () => {
  await using server = await startTlsServer();
  await using directory = await traceableDirectory();
  const store = join(directory.path, "store");
  await server.psql("CREATE ROLE app SUPERUSER LOGIN PASSWORD 'wonder: land'");
  for (const name of ["shop", "crm"]) {
    await server.psql(`CREATE DATABASE ${name}`);
    await server.psql("CREATE TABLE t AS SELECT 1 AS a", name);
  }
  const passwords = join(server.directory, "passwords");
  const lines = ["postgres", "template1", "shop", "crm", "*"].map((name) =>
    `127.0.0.1:${server.port}:${name}:app:wonder\\: land\n`
  );
  await Deno.writeTextFile(passwords, lines.join(""), { mode: 0o600 });
  const env = { PGPASSFILE: passwords, TMPDIR: directory.path };
  const url = `postgresql://app@127.0.0.1:${server.port}/postgres`;
  const made = await pgrehearse(["backup", "--all-databases", "--db-url", url, "--to", store], { env });
  assert.equal(made.status, 0, made.stderr);
  for (const name of ["shop", "crm"]) await server.psql(`DROP DATABASE ${name}`);
  const restored = await pgrehearse(
    ["restore", "--all-databases", "--from", store, "--target-url", url, "--swap", "--roles", "require"],
    { env },
  );
  assert.equal(restored.status, 0, restored.stderr);
  assert.deepEqual(restored.verdict.restored!.map(({ database, proof }) => [database, proof]).sort(), [
    ["crm", "exact"],
    ["shop", "exact"],
  ]);
  for (const { stdout, stderr } of [made, restored]) assert.ok(!(stdout + stderr).includes("wonder"));
  assert.equal((await server.psql("SELECT count(*) FROM t", "crm")).trim(), "1");
});
