import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const byName = <T extends { name: string }>(list: T[]) => Object.fromEntries(list.map((entry) => [entry.name, entry]));

async function listDatabases(server: TestServer): Promise<string[]> {
  const sql = await server.connect();
  const rows = await sql`SELECT datname FROM pg_database ORDER BY datname`;
  await sql.end();
  return rows.map(({ datname }) => datname);
}

Deno.test("smoke: passes on a bare machine, exactly, and leaves nothing behind", async () => {
  await using directory = await traceableDirectory();
  const { status, verdict, stderr } = await pgrehearse(["smoke"], { env: { TMPDIR: directory.path } });
  assert.equal(status, 0, stderr);
  assert.equal(verdict.verdict, "pass");
  assert.equal(verdict.proof, "exact");
  assert.equal(verdict.postgres.target, "throwaway");
  const { pre, post } = verdict;
  assert.deepEqual(pre, { phase: "workload", row_count: 24, chain_head_hash: pre!.chain_head_hash });
  assert.match(pre!.chain_head_hash!, /^[0-9a-f]{64}$/);
  assert.deepEqual(post, {
    phase: "verify",
    row_count: 24,
    chain_head_hash: pre!.chain_head_hash,
    verifier_walked: 24,
  });
  assert.deepEqual(verdict.assertions.map(({ name, ok }) => ({ name, ok })), [
    { name: "tables_after_wipe", ok: true },
    { name: "row_count", ok: true },
    { name: "chain_head_hash", ok: true },
    { name: "first_break_id", ok: true },
    { name: "verifier_walked", ok: true },
  ]);
  const phases = Object.keys(byName(verdict.phases));
  for (const phase of ["cluster", "migrate", "workload", "dump", "wipe", "restore", "verify"]) {
    assert.ok(phases.includes(phase), `${phase} is not among ${phases}`);
  }
  assert.match(stderr, /PASS/);
  assert.deepEqual(await directory.traces(), []);
});

Deno.test("smoke: two runs at once do not meet; --quiet says nothing; SMOKE_ROWS counts", async () => {
  await using directory = await traceableDirectory();
  const env = { TMPDIR: directory.path, SMOKE_ROWS: "5" };
  const [one, two] = await Promise.all([
    pgrehearse(["smoke", "--quiet"], { env }),
    pgrehearse(["smoke", "--quiet", "--rows", "7"], { env }),
  ]);
  assert.deepEqual([one.status, two.status], [0, 0]);
  assert.deepEqual([one.verdict.post?.row_count, two.verdict.post?.row_count], [5, 7]);
  assert.deepEqual([one.stderr, two.stderr], ["", ""]);
  assert.deepEqual(await directory.traces(), []);
});

Deno.test("smoke: runs in a directory that the server's account may not enter, with relative paths", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.chmod(cwd, 0o700);
  const { status, stderr } = await pgrehearse(["smoke", "--keep", "kept"], { cwd });
  assert.equal(status, 0, stderr);
  assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "kept")))).length, 4);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("smoke: --keep keeps dump, snapshots and verdict, readable by no other account", async () => {
  await using directory = await traceableDirectory();
  const keep = join(directory.path, "kept");
  const { status, verdict } = await pgrehearse(["smoke", "--keep", keep]);
  assert.equal(status, 0);
  const names = await Array.fromAsync(Deno.readDir(keep), ({ name }) => name);
  assert.deepEqual(names.sort(), ["post.json", "pre.json", "smoke.dump", "verdict.json"]);
  const read = async (name: string) => JSON.parse(await Deno.readTextFile(join(keep, name)));
  assert.deepEqual(await read("pre.json"), verdict.pre);
  assert.deepEqual(await read("post.json"), verdict.post);
  assert.deepEqual(await read("verdict.json"), verdict);
  assert.equal((await Deno.stat(keep)).mode! & 0o777, 0o700);
  for (const name of names) assert.equal((await Deno.stat(join(keep, name))).mode! & 0o777, 0o600, name);
});

Deno.test("smoke on a named server", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const env = { TMPDIR: directory.path };

  await t.step("works in a scratch database and never touches the named one", async () => {
    const database = await server.makeDatabase();
    const before = await listDatabases(server);
    const { status, verdict, stderr } = await pgrehearse(["smoke", "--db-url", server.url(database)], { env });
    assert.equal(status, 0, stderr);
    assert.equal(verdict.postgres.target, "scratch");
    assert.deepEqual(await listDatabases(server), before);
    const sql = await server.connect(database);
    assert.equal((await sql`SELECT FROM pg_tables WHERE schemaname = 'public'`).length, 0);
    await sql.end();
    assert.deepEqual(await directory.traces(), []);
  });

  await t.step("drops scratch databases of dead runs, and only those", async () => {
    const sql = await server.connect();
    await sql`CREATE DATABASE pgrehearse_scratch_00000000000000aa`;
    await sql`CREATE DATABASE pgrehearse_scratch_ffffffffffffffab`;
    await sql`CREATE DATABASE pgrehearse_scratch_mine`;
    await sql`SELECT pg_advisory_lock(${(0xffffffffffffffabn - (1n << 64n)).toString()})`;
    const { status, stderr } = await pgrehearse(["smoke", "--db-url", server.url()], { env });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /dropped pgrehearse_scratch_00000000000000aa/);
    const left = (await listDatabases(server)).filter((name) => name.startsWith("pgrehearse"));
    assert.deepEqual(left, ["pgrehearse_scratch_ffffffffffffffab", "pgrehearse_scratch_mine"]);
    for (const name of left) await sql`DROP DATABASE ${sql(name)}`;
    await sql.end();
  });

  await t.step("--in-place uses an empty database and leaves it empty, with its grants", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    const readSchema = () =>
      sql`SELECT nspowner::regrole::text, nspacl::text, obj_description(oid) FROM pg_namespace WHERE nspname = 'public'`;
    const before = await readSchema();
    for (let run = 0; run < 2; run++) {
      const { status, verdict, stderr } = await pgrehearse(["smoke", "--in-place", "--db-url", server.url(database)]);
      assert.equal(status, 0, stderr);
      assert.equal(verdict.postgres.target, "in_place");
    }
    assert.equal((await sql`SELECT FROM pg_tables WHERE schemaname = 'public'`).length, 0);
    assert.deepEqual(await readSchema(), before);
    await sql.end();
  });

  await t.step("--in-place and workload take the connection from libpq's variables", async () => {
    const [host] = server.parameters.hosts;
    const env = { PGHOST: host, PGUSER: "postgres", PGDATABASE: await server.makeDatabase() };
    const inPlace = await pgrehearse(["smoke", "--in-place"], { env });
    assert.deepEqual([inPlace.status, inPlace.verdict.postgres.target], [0, "in_place"], inPlace.stderr);
    const workload = await pgrehearse(["workload", "--rows", "3"], { env });
    assert.equal(workload.status, 0, workload.stderr);
    const refused = await pgrehearse(["smoke", "--in-place"], { env });
    assert.deepEqual([refused.status, refused.verdict.findings[0].code], [2, "NOT_DISPOSABLE"]);
  });

  await t.step("--in-place refuses a database that holds no table, but something else", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql.unsafe("CREATE FUNCTION public.precious() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT lo_create(7)");
    const { status, verdict } = await pgrehearse(["smoke", "--in-place", "--db-url", server.url(database)]);
    assert.deepEqual([status, verdict.findings[0].code], [2, "NOT_DISPOSABLE"]);
    assert.match(verdict.findings[0].message, /1 function, 1 large object/);
    assert.equal((await sql`SELECT public.precious() AS n`)[0].n, 1);
    await sql.end();
  });

  await t.step("--in-place refuses a database that holds a table, in any schema, and touches nothing", async () => {
    for (const schema of ["public", "elsewhere"]) {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql.unsafe(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await sql.unsafe(`CREATE TABLE ${schema}.precious AS SELECT 1 AS n`);
      const { status, verdict } = await pgrehearse(["smoke", "--in-place", "--db-url", server.url(database)]);
      assert.equal(status, 2);
      assert.equal(verdict.verdict, "unknown");
      assert.equal(verdict.findings[0].code, "NOT_DISPOSABLE");
      assert.equal((await sql.unsafe(`SELECT n FROM ${schema}.precious`))[0].n, 1);
      assert.equal((await sql`SELECT FROM pg_tables WHERE tablename ~ 'audit|migrations'`).length, 0);
      await sql.end();
    }
  });

  await t.step("--in-place takes a database that is marked as disposable", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql`CREATE TABLE fixture AS SELECT 1 AS n`;
    await sql.unsafe(`COMMENT ON DATABASE ${database} IS 'pgrehearse: disposable'`);
    await sql.end();
    const { status, stderr } = await pgrehearse(["smoke", "--in-place", "--db-url", server.url(database)]);
    assert.equal(status, 0, stderr);
  });

  await t.step("workload and verify print the chain; a broken chain is exit 1", async () => {
    const database = await server.makeDatabase();
    const env = { DATABASE_URL: server.url(database) };
    const made = await pgrehearse(["workload", "--rows", "30"], { env });
    assert.equal(made.status, 0, made.stderr);
    assert.equal(made.verdict.phase, "workload");
    assert.equal(made.verdict.row_count, 30);
    const whole = await pgrehearse(["verify"], { env });
    assert.equal(whole.status, 0, whole.stderr);
    assert.equal(whole.verdict.phase, "verify");
    assert.equal(whole.verdict.chain_head_hash, made.verdict.chain_head_hash);
    assert.equal(whole.verdict.verifier_walked, 30);
    assert.equal("first_break_id" in whole.verdict || "first_break_pos" in whole.verdict, false);

    const sql = await server.connect(database);
    await sql`SET session_replication_role = replica`;
    await sql`DELETE FROM audit_events WHERE chain_position = 11`;
    await sql.end();
    const broken = await pgrehearse(["verify"], { env: { ...env, GITHUB_ACTIONS: "true" } });
    assert.equal(broken.status, 1);
    assert.equal(broken.verdict.verdict, "fail");
    assert.equal(broken.verdict.first_break_id, "audit-smoke-0011");
    assert.equal(broken.verdict.first_break_pos, 10);
    assert.match(broken.stderr, /^::error title=first_break_id::expected "", got "audit-smoke-0011"$/m);
  });

  await t.step("verify works on a chain that another program made, and writes nothing", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql.unsafe(`
      SET check_function_bodies = off;
      CREATE SCHEMA app;
      CREATE TABLE app.audit_events (id uuid PRIMARY KEY, row_hash bytea);
      CREATE TABLE app.audit_chain_head (id smallint PRIMARY KEY, row_hash bytea);
      INSERT INTO app.audit_events VALUES (gen_random_uuid(), '\\xab');
      INSERT INTO app.audit_chain_head VALUES (1, '\\xab');
      CREATE FUNCTION app.audit_events_verify_chain(
        OUT first_break_id text, OUT first_break_pos int, OUT row_count int
      ) LANGUAGE sql AS $$ SELECT NULL, -1, count(*)::int FROM audit_events $$`).simple();
    const whole = await pgrehearse(["verify", "--db-url", server.url(database)]);
    assert.equal(whole.status, 0, whole.stderr);
    assert.equal(whole.verdict.chain_head_hash, "ab");
    assert.equal(whole.verdict.verifier_walked, 1);

    await sql.unsafe(`
      CREATE OR REPLACE FUNCTION app.audit_events_verify_chain(
        OUT first_break_id text, OUT first_break_pos int, OUT row_count int
      ) LANGUAGE sql AS $$
        INSERT INTO audit_events VALUES (gen_random_uuid());
        SELECT NULL, -1, 0
      $$`).simple();
    const writing = await pgrehearse(["verify", "--db-url", server.url(database)]);
    assert.equal(writing.status, 2);
    assert.equal((await sql`SELECT FROM app.audit_events`).length, 1);
    await sql.end();
  });

  await t.step("verify holds the head against the last row, where the database's own function does not", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql.unsafe(`
      CREATE TABLE audit_events (id integer, prev_hash text, row_hash bytea);
      CREATE TABLE audit_chain_head (id integer, row_hash text);
      CREATE FUNCTION audit_events_verify_chain(
        OUT first_break_id text, OUT first_break_pos integer, OUT row_count integer
      ) LANGUAGE sql AS $$ SELECT NULL, -1, count(*)::integer FROM audit_events $$`).simple();
    const verify = async (rows: string, head: string) => {
      await sql.unsafe(`
        TRUNCATE audit_events, audit_chain_head;
        INSERT INTO audit_events SELECT * FROM (VALUES (1, '00', '\\xa1'::bytea), (2, 'A1', '\\xa2'), (3, 'a2', '\\xa3')) AS v (id)
        WHERE ${rows};
        INSERT INTO audit_chain_head SELECT 1, ${head}`).simple();
      const { status, verdict: { findings: [found] } } = await pgrehearse(["verify", "--db-url", server.url(database)]);
      return [status, found?.code, found?.object];
    };
    const whole = [0, undefined, undefined];
    assert.deepEqual(await verify("true", "'A3'"), whole);
    assert.deepEqual(await verify("false", "'00'"), whole, "nothing at all");
    assert.deepEqual(await verify("false", "NULL"), whole, "nothing at all");
    assert.deepEqual(await verify("id < 3", "'a3'"), [1, "CHAIN_BROKEN", "2"], "tail cut off");
    assert.deepEqual(await verify("false", "'a3'"), [1, "CHAIN_BROKEN", "audit_chain_head"], "all rows deleted");
    assert.deepEqual(await verify("true", "'a2'"), [1, "CHAIN_BROKEN", "3"], "head moved back");
    assert.deepEqual(await verify("true", "'ff'"), [1, "CHAIN_BROKEN", "3"], "head changed");
    assert.deepEqual(await verify("true", "NULL WHERE false"), [1, "CHAIN_BROKEN", "3"], "head missing");
    await sql.end();
  });

  await t.step("verify on a database without a chain could not verify", async () => {
    const { status, verdict } = await pgrehearse(["verify", "--db-url", server.url()]);
    assert.equal(status, 2);
    assert.equal(verdict.findings[0].code, "CHAIN_MISSING");
  });

  await t.step("a restore that loses a row is a fail, not a pass", async () => {
    // A CHECK of the table that is loaded last removes a row of the chain.
    const migrations = join(directory.path, "lossy");
    await Deno.mkdir(migrations);
    for (const name of ["0001_audit_chain.sql", "0002_verify_chain.sql"]) {
      await Deno.copyFile(new URL(`../../../migrations/${name}`, import.meta.url), join(migrations, name));
    }
    await Deno.writeTextFile(
      join(migrations, "0003_lossy.sql"),
      `CREATE FUNCTION lose(n integer) RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN
         IF current_setting('application_name') = 'pg_restore' THEN
           DELETE FROM public.audit_events WHERE chain_position = 3;
         END IF;
         RETURN true;
       END $$;
       CREATE TABLE loaded_last (n integer CHECK (lose(n)));
       INSERT INTO loaded_last VALUES (1);`,
    );
    const { status, verdict } = await pgrehearse(["smoke", "--migrations-path", migrations]);
    assert.equal(status, 1, JSON.stringify(verdict, null, 2));
    assert.equal(verdict.verdict, "fail");
    assert.equal(verdict.proof, undefined);
    assert.deepEqual(verdict.findings.map(({ code }) => code), ["CHAIN_DIFFERS", "CHAIN_BROKEN"]);
    assert.deepEqual([verdict.pre?.row_count, verdict.post?.row_count], [24, 23]);
    await Deno.remove(migrations, { recursive: true });
  });
});
