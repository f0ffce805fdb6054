import assert from "node:assert/strict";
import { join } from "node:path";
import { manifestSchema } from "../../../lib/manifest/manifest_schema.ts";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { sumFile } from "../../../lib/system/checksums.ts";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import { manifestOf, runBackup, runDrill } from "../../support/jobs.ts";
import { outcomeOf, pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { writeProgram } from "../../support/write_program.ts";

const shop = `
  CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, card text);
  INSERT INTO customers SELECT n, 'name ' || n, '4929-planted-' || n FROM generate_series(1, 2000) AS n;
  CREATE TABLE orders (id serial PRIMARY KEY, customer integer REFERENCES customers, total numeric);
  INSERT INTO orders (customer, total) SELECT n, n * 1.10 FROM generate_series(1, 2000) AS n;
  CREATE TABLE log (at timestamptz DEFAULT now(), line text);
  INSERT INTO log (line) SELECT 'line ' || n FROM generate_series(1, 1000) AS n;
  CREATE VIEW totals AS SELECT customer, sum(total) FROM orders GROUP BY customer;
  CREATE SCHEMA app;
  CREATE TABLE app.notes (id integer PRIMARY KEY, body text);
  INSERT INTO app.notes SELECT n, md5(n::text) FROM generate_series(1, 500) AS n;
  CREATE TABLE app.parted (id integer PRIMARY KEY, body text) PARTITION BY RANGE (id);
  CREATE TABLE app.parted_low PARTITION OF app.parted FOR VALUES FROM (0) TO (100);
  INSERT INTO app.parted SELECT n, 'part' FROM generate_series(1, 50) AS n;
  CREATE FUNCTION app.twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
  CREATE VIEW app.long AS SELECT id FROM app.notes WHERE length(body) > 3;
  SELECT lo_from_bytea(0, 'a large object');`;

async function makeShop(server: TestServer): Promise<{ name: string; sql: Sql }> {
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(shop).simple();
  return { name, sql };
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return []; // a refusal does not even make the directory
    throw error;
  }
}

const modeOf = async (path: string) => (await Deno.stat(path)).mode! & 0o777;

/** A directory of client programs whose pg_dump is a script; `$real` is the real one. */
async function fakeTools(parent: string, name: string, script: string): Promise<string> {
  const tools = await findClientTools(1);
  const directory = join(parent, name);
  await Deno.mkdir(directory);
  await Deno.symlink(tools.pgRestore, join(directory, "pg_restore"));
  const path = join(directory, "pg_dump");
  await writeProgram(path, `#!/bin/sh\nreal=${tools.pgDump}\n${script}\n`);
  return directory;
}

Deno.test("backup", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const { name, sql } = await makeShop(server);
  const url = server.url(name);
  let stores = 0;
  const newStore = () => join(directory.path, `store${++stores}`);

  await t.step(
    "writes dump and manifest, whole, readable by no other account, and no value or password in them",
    async () => {
      const to = join(newStore(), "below");
      // As it is often named: relative, and not there yet.
      const [cwd, below] = [directory.path, to.slice(directory.path.length + 1)];
      const secret = url.replace("postgres@", "postgres:planted-password@");
      const { status, verdict, stdout, stderr } = await pgrehearse(["backup", "--db-url", secret, "--to", below], {
        cwd,
      });
      assert.equal(status, 0, stdout + stderr);
      const { path, manifest: manifestPath, ...backup } = verdict.backup!;
      assert.match(backup.name, new RegExp(`^${name}-\\d{8}T\\d{6}Z$`));
      assert.deepEqual(
        await namesIn(to),
        ["dump", "globals.sql", "manifest.json"].map((suffix) => `${backup.name}.${suffix}`),
      );
      assert.equal(await modeOf(to), 0o700);
      for (const file of await namesIn(to)) assert.equal(await modeOf(join(to, file)), 0o600, file);
      const text = await Deno.readTextFile(manifestPath!);
      const manifest = manifestSchema.parse(JSON.parse(text));
      const { sizeBytes, sha256 } = await sumFile(path);
      const { format, files, selection } = manifest.dump!;
      assert.deepEqual([format, selection, manifest.dump!.path], ["custom", [], `${backup.name}.dump`]);
      assert.deepEqual(files, [{ path: `${backup.name}.dump`, size_bytes: sizeBytes, sha256 }]);
      assert.deepEqual([backup.size_bytes, backup.sha256], [sizeBytes, sha256]);
      assert.equal(manifest.database.name, name);
      assert.match(manifest.snapshot.wal_lsn, /^[0-9A-F]+\/[0-9A-F]+$/);
      assert.equal(manifest.rows.find((table) => table.name === "customers")?.row_count, 2000);
      assert.equal(manifest.large_objects.count, 1);
      for (const planted of ["4929-planted", "planted-password", "name 17"]) {
        assert.equal((text + stdout + stderr).includes(planted), false, planted);
      }
      for (const phase of ["preflight", "snapshot", "dump", "manifest", "checksum", "write", "cleanup"]) {
        assert.ok(verdict.phases.some((found) => found.name === phase), phase);
      }
      const drill = await runDrill(path, { into: server.url() });
      assert.equal(drill.proof, "exact", JSON.stringify(drill.findings));
    },
  );

  await t.step("directory format: a hash for each file, and its drill is exact", async () => {
    const to = newStore();
    const verdict = await runBackup(url, to, { format: "directory", jobs: 3 });
    assert.equal(verdict.verdict, "pass", JSON.stringify(verdict.findings));
    const { path } = verdict.backup!;
    assert.equal(await modeOf(path), 0o700);
    const manifest = manifestSchema.parse(JSON.parse(await Deno.readTextFile(manifestOf(path))));
    const files = await namesIn(path);
    assert.ok(files.includes("toc.dat") && files.length > 5, files.join());
    assert.deepEqual(
      manifest.dump!.files.map((file) => file.path),
      files.map((file) => join(manifest.dump!.path, file)),
    );
    for (const file of manifest.dump!.files) {
      const found = await sumFile(join(to, file.path));
      assert.deepEqual(found, { sizeBytes: file.size_bytes, sha256: file.sha256 });
      assert.equal(await modeOf(join(to, file.path)), 0o600);
    }
    const drill = await runDrill(path, { into: server.url(), jobs: 3 });
    assert.equal(drill.proof, "exact", JSON.stringify(drill.findings));
  });

  await t.step("a part of a database: recorded, and its drill compares exactly what is in it", async () => {
    const parts: [selection: string[], tables: number, definitions: string[]][] = [
      [["--schema=app"], 2, ["table app.parted", "view app.long", "function app.twice(integer)", "schema app"]],
      [["--exclude-schema=app"], 3, ["table public.log", "view public.totals"]],
      [["--table=customers", "--table=app.no*"], 2, ["table public.customers", "table app.notes"]],
      [["--exclude-table=log", "--exclude-table=app.parted*"], 3, ["view public.totals", "table app.notes"]],
      [["--exclude-table-data=log", "--exclude-table-data=public.orders*"], 5, ["table public.log"]],
    ];
    for (const [selection, tables, definitions] of parts) {
      const args = ["backup", "--quiet", "--db-url", url, "--to", newStore(), "--format=directory", ...selection];
      const { status, verdict, stdout } = await pgrehearse(args);
      assert.equal(status, 0, stdout);
      const manifest = manifestSchema.parse(JSON.parse(await Deno.readTextFile(verdict.backup!.manifest!)));
      assert.deepEqual(manifest.dump!.selection, selection);
      assert.equal(manifest.rows.length, tables, `${selection}: ${manifest.rows.map((table) => table.name)}`);
      const known = manifest.definitions.map(({ kind, identity }) => `${kind} ${identity}`);
      for (const definition of definitions) assert.ok(known.includes(definition), `${definition} is not in ${known}`);
      const drill = await runDrill(verdict.backup!.path, { into: server.url() });
      assert.equal(drill.proof, "exact", `${selection}: ${JSON.stringify(drill, null, 2)}`);
    }
  });

  await t.step("data left out by a pattern that a materialized view matches, too: it comes back empty", async () => {
    const name = await server.makeDatabase();
    const sql = await server.connect(name);
    await sql.unsafe(`
      CREATE TABLE sales (total int);
      INSERT INTO sales VALUES (1), (2);
      CREATE MATERIALIZED VIEW sums AS SELECT sum(total) AS total FROM sales;
      CREATE INDEX sums_total ON sums (total);
      CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
      CREATE SCHEMA app;
      CREATE MATERIALIZED VIEW app.over_sums AS SELECT * FROM sums`);
    await sql.end();
    for (const selection of [["--exclude-table-data=public.s*", "--exclude-table-data=app.*"], ["--table=s*"]]) {
      const args = ["backup", "--quiet", "--db-url", server.url(name), "--to", newStore(), ...selection];
      const { status, verdict, stdout } = await pgrehearse(args);
      assert.equal(status, 0, stdout);
      const drill = await runDrill(verdict.backup!.path, { into: server.url() });
      assert.equal(drill.proof, "exact", `${selection}: ${JSON.stringify(drill, null, 2)}`);
    }
  });

  await t.step("a pg_dump that fails, or leaves out a table, leaves nothing behind", async () => {
    const failures = [
      [
        "DUMP_FAILED",
        2,
        `[ "$1" = --version ] && exec $real --version
        $real "$@" && echo 'pg_dump: error: query failed: planted' >&2; exit 1`,
      ],
      [
        "DUMP_INCOMPLETE",
        1,
        `[ "$1" = --version ] && exec $real --version
        exec $real --exclude-table-data=log "$@"`,
      ],
      [
        "DISK_FULL",
        2,
        `[ "$1" = --version ] && exec $real --version
        echo 'pg_dump: error: could not write to output file: No space left on device' >&2; exit 1`,
      ],
      ["PG_DUMP_TOO_OLD", 2, `echo 'pg_dump (PostgreSQL) 11.22'`],
    ] as const;
    for (const [code, status, script] of failures) {
      const to = newStore();
      const pgBin = await fakeTools(directory.path, code, script);
      const args = ["backup", "--db-url", url, "--to", to, "--pg-bin", pgBin];
      const outcome = await pgrehearse(args);
      assert.equal(outcome.verdict.findings[0]?.code, code, outcome.stdout);
      assert.equal(outcome.status, status);
      assert.deepEqual(await namesIn(to), []);
      assert.doesNotMatch(outcome.stdout, /\.ts:/);
    }
  });

  await t.step("killed or asked to stop in the middle of the dump, it leaves nothing behind", async () => {
    const slow = await fakeTools(
      directory.path,
      "slow",
      `[ "$1" = --version ] && exec $real --version
      for argument; do case $argument in --file=*) file=\${argument#--file=};; esac; done
      echo PGDMP >"$file"; echo dumping >"${directory.path}/dumping"; sleep 60`,
    );
    for (const [signal, status] of [["SIGKILL", 137], ["SIGTERM", 143], ["SIGINT", 130]] as const) {
      const to = newStore();
      const program = startPgrehearse(["backup", "--db-url", url, "--to", to, "--pg-bin", slow]);
      const marker = join(directory.path, "dumping");
      while (!await Deno.stat(marker).catch(() => false)) await new Promise((resolve) => setTimeout(resolve, 20));
      await Deno.remove(marker);
      assert.equal((await namesIn(to)).length, 1, "the dump is being written");
      program.kill(signal);
      const output = await program.output();
      assert.equal(output.status, status, output.stderr);
      for (let tries = 0; (await namesIn(to)).length > 0; tries++) {
        assert.ok(tries < 100, `${signal}: ${await namesIn(to)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });

  await t.step("what the role may not read is refused beforehand, all of it named", async () => {
    await sql.unsafe(`CREATE ROLE clerk LOGIN; GRANT SELECT ON customers, app.notes TO clerk`).simple();
    const to = newStore();
    const clerk = url.replace("postgres@", "clerk@");
    const denied = await pgrehearse(["backup", "--db-url", clerk, "--to", to]);
    assert.equal(denied.status, 2);
    assert.equal(denied.verdict.findings[0].code, "PERMISSION_DENIED");
    for (const table of ["app.notes", "app.parted", "public.log", "public.orders", "public.orders_id_seq"]) {
      assert.match(denied.verdict.findings[0].message, new RegExp(table));
    }
    assert.doesNotMatch(denied.verdict.findings[0].message, /public\.customers/);
    assert.deepEqual(await namesIn(to), []);

    await sql.unsafe(`GRANT pg_read_all_data TO clerk`);
    const unreadable = await pgrehearse(["backup", "--db-url", clerk, "--to", to]);
    assert.equal(unreadable.status, 2, unreadable.stdout);
    assert.equal(unreadable.verdict.findings[0].code, "PERMISSION_DENIED");
    assert.match(unreadable.verdict.findings[0].message, /large object \d+/);
    assert.deepEqual(await namesIn(to), []);
  });

  await t.step("row security: refused naming the tables; accepted, it is said loudly for ever after", async () => {
    const [{ oid }] = await sql`SELECT oid FROM pg_largeobject_metadata`;
    await sql.unsafe(`
      GRANT SELECT ON LARGE OBJECT ${oid} TO clerk;
      ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
      CREATE POLICY half ON customers USING (id % 2 = 0);
      ALTER TABLE log ENABLE ROW LEVEL SECURITY`).simple();
    const clerk = url.replace("postgres@", "clerk@");
    const to = newStore();
    const refused = await pgrehearse(["backup", "--db-url", clerk, "--to", to]);
    assert.equal(refused.status, 2);
    assert.equal(refused.verdict.findings[0].code, "ROWS_HIDDEN");
    assert.match(refused.verdict.findings[0].message, /public\.customers, public\.log /);
    assert.deepEqual(await namesIn(to), []);

    // The foreign key of orders needs the hidden half of the customers.
    const only = ["--exclude-table=orders", "--exclude-table=totals", "--enable-row-security"];
    const made = await pgrehearse(["backup", "--db-url", clerk, "--to", to, ...only]);
    assert.equal(made.status, 0, made.stdout);
    const { path, manifest: manifestPath, row_security_enabled } = made.verdict.backup!;
    assert.equal(row_security_enabled, true);
    const manifest = manifestSchema.parse(JSON.parse(await Deno.readTextFile(manifestPath!)));
    assert.equal(manifest.row_security_enabled, true);
    assert.equal(manifest.rows.find((table) => table.name === "customers")?.row_count, 1000);
    const drill = await pgrehearse(["drill", path, "--trust-dump", "--into", server.url(), "--keep-running"]);
    assert.equal(drill.status, 0, drill.stdout);
    const kept = /pgrehearse_kept_\w+/.exec(drill.stderr)![0];
    const compare = await pgrehearse(["compare", "--db-url", server.url(kept), "--manifest", manifestPath!]);
    assert.equal(compare.status, 0, compare.stdout);
    for (const outcome of [made, drill, compare]) {
      assert.ok(outcome.verdict.findings.some(({ code }) => code === "ROW_SECURITY_ENABLED"), outcome.stdout);
      assert.match(outcome.stderr, /--enable-row-security/);
    }
    await sql.unsafe(`ALTER TABLE customers DISABLE ROW LEVEL SECURITY; ALTER TABLE log DISABLE ROW LEVEL SECURITY`)
      .simple();
  });

  await t.step("a locked table: waits, says so, and gives up after --lock-timeout", async () => {
    const locker = await server.connect(name);
    await locker.unsafe("BEGIN; LOCK TABLE orders").simple();
    const to = newStore();
    const args = ["backup", "--db-url", url, "--to", to, "--lock-timeout"];
    const waiting = startPgrehearse([...args, "60s"]);
    const given = await pgrehearse([...args, "300ms"]);
    assert.equal(given.status, 2);
    assert.equal(given.verdict.findings[0].code, "LOCK_TIMEOUT");
    assert.match(given.verdict.findings[0].message, /public\.orders|orders \(by process \d+\)/);
    const stopped = startPgrehearse([...args, "0"]);
    await Promise.all([waiting, stopped].map((program) => program.untilItSays("waiting for a table")));
    stopped.kill("SIGTERM");
    assert.equal((await stopped.output()).status, 143);
    assert.equal((await namesIn(to)).length, 1); // of the one that still waits
    await locker.unsafe("ROLLBACK");
    const { status, stdout } = outcomeOf(await waiting.output());
    assert.equal(status, 0, stdout);
    await locker.end();
  });

  await t.step("a target that cannot be written to, or has too little room, is refused", async () => {
    const file = join(directory.path, "file");
    await Deno.writeTextFile(file, "");
    for (const to of [join(file, "below"), "/proc/nowhere"]) {
      const { status, verdict, stdout } = await pgrehearse(["backup", "--db-url", url, "--to", to]);
      assert.equal(status, 2, stdout);
      assert.equal(verdict.findings[0].code, "CANNOT_MAKE_DIRECTORY");
    }
    const mount = await new Deno.Command("mount", { args: ["--version"] }).output().catch(() => undefined);
    if (Deno.uid() !== 0 || !mount?.success) return;
    const small = newStore();
    await Deno.mkdir(small);
    const mounted = await new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small] })
      .output();
    if (!mounted.success) return; // a container may not
    try {
      const { status, verdict, stdout } = await pgrehearse(["backup", "--db-url", url, "--to", small]);
      assert.equal(status, 2, stdout);
      assert.equal(verdict.findings[0].code, "DISK_FULL");
      assert.deepEqual(await namesIn(small), []);
    } finally {
      await new Deno.Command("umount", { args: [small] }).output();
    }
  });

  await sql.end();
});
