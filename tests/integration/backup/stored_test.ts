import assert from "node:assert/strict";
import { join } from "node:path";
import { outcomeOf, pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const bucket = "s3://backups/shop";

Deno.test("backups in a bucket", async (t) => {
  await using server = await startTestServer();
  await using s3 = await startS3Server();
  await using directory = await traceableDirectory();
  const env = { ...s3.env, TMPDIR: directory.path };
  const run = (...args: string[]) => pgrehearse([...args, "--endpoint", s3.endpoint], { env });
  const sql = await server.connect();
  await sql`CREATE DATABASE shop`;
  await sql.end();
  const shop = await server.connect("shop");
  await shop.unsafe(`
    CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, 20000) AS n;
    SELECT lo_from_bytea(4711, 'a large object')`).simple();
  const backup = (...args: string[]) => run("backup", "--db-url", server.url("shop"), "--to", bucket, ...args);

  await t.step("a backup streams into the bucket, its manifest last, and a drill of it is exact", async () => {
    const made = await backup();
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.verdict.backup!.path, /^s3:\/\/backups\/shop\/shop-\d{8}T\d{6}Z\.dump$/);
    const written = s3.requests.filter(({ method }) => method === "PUT" || method === "POST").map(({ path }) => path);
    assert.match(written.at(-1)!, /\.manifest\.json$/);
    assert.match(written.find((path) => !path.endsWith(".claim"))!, /\.dump$/);
    const drilled = await run("drill", "--latest", "--from", bucket);
    assert.equal(drilled.status, 0, drilled.stderr);
    assert.equal(drilled.verdict.proof, "exact");
    assert.equal(drilled.verdict.backup!.sha256, made.verdict.backup!.sha256);
    const listed = await run("list", "--from", bucket);
    assert.match(listed.stderr, /pass \(exact\)/);
    assert.deepEqual(await directory.traces(), []);
  });

  await t.step("encrypted, and in directory format: exact with the identity, refused without", async () => {
    const identity = join(await Deno.makeTempDir(), "identity.txt");
    const { verdict: key } = await pgrehearse(["keygen", "--output", identity]);
    for (const format of ["custom", "directory"]) {
      const made = await backup("--encrypt", key.recipient!, "--format", format);
      assert.equal(made.status, 0, made.stderr);
      const path = made.verdict.backup!.path;
      const drilled = await run("drill", path, "--identity", identity);
      assert.equal(drilled.verdict.proof, "exact", drilled.stderr);
      const refused = await run("drill", path);
      assert.deepEqual([refused.status, refused.verdict.findings[0].code], [2, "IDENTITY_MISSING"]);
    }
    assert.deepEqual(await directory.traces(), []);
  });

  await t.step("an encrypted backup in a directory is drilled by its path, too", async () => {
    const store = await Deno.makeTempDir();
    const identity = join(store, "identity.txt");
    const { verdict: key } = await pgrehearse(["keygen", "--output", identity]);
    const made = await pgrehearse(
      ["backup", "--db-url", server.url("shop"), "--to", store, "--encrypt", key.recipient!],
      { env },
    );
    assert.equal(made.status, 0, made.stderr);
    const names = await Array.fromAsync(Deno.readDir(store), ({ name }) => name);
    assert.equal(names.filter((name) => name.endsWith(".dump.age")).length, 1);
    const drilled = await pgrehearse(["drill", "--latest", "--from", store, "--identity", identity], { env });
    assert.equal(drilled.verdict.proof, "exact", drilled.stderr);
    const { name } = drilled.verdict.backup!;
    for (const file of [`${name}.manifest.json`, `${name}.dump.age`, `${name}.dump`]) {
      const { verdict, stderr } = await pgrehearse(["drill", join(store, file), "--identity", identity], { env });
      assert.equal(verdict.proof, "exact", stderr);
    }
    await Deno.remove(store, { recursive: true });
  });

  await t.step("a bit changed in the bucket is found while it is fetched", async () => {
    s3.inject(({ path, method }) => method === "GET" && path.endsWith(".dump") ? { lie: "alter sent" } : undefined);
    const { status, verdict } = await run("drill", "--latest", "--from", bucket, "--identity", "/nonexistent");
    s3.inject(() => undefined);
    assert.notEqual(status, 0);
    assert.notEqual(verdict.verdict, "pass");
  });

  await t.step("a failing upload leaves no backup, no unfinished upload and no file", async () => {
    const before = await countBackups(run);
    s3.inject(({ path, method }) =>
      /^(PUT|POST)$/.test(method) && path.endsWith(".dump") ? { status: 403, code: "AccessDenied" } : undefined
    );
    const denied = await backup();
    s3.inject(({ path, method }) =>
      method === "PUT" && path.endsWith(".manifest.json") ? { status: 403, code: "AccessDenied" } : undefined
    );
    const unfinished = await backup();
    s3.inject(() => undefined);
    assert.deepEqual([denied.status, unfinished.status], [2, 2]);
    assert.equal(denied.verdict.findings[0].code, "STORE_FORBIDDEN");
    assert.match(denied.verdict.findings[0].message + denied.verdict.findings[0].fix, /s3:PutObject/);
    assert.deepEqual([...s3.unfinished], []);
    assert.equal(await countBackups(run), before);
    assert.deepEqual(await directory.traces(), []);
  });

  await t.step("a pg_dump that fails in the middle makes no backup", async () => {
    const before = await countBackups(run);
    const other = await server.connect("shop");
    await other.unsafe("CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(0.2)'");
    const program = startPgrehearse(
      ["backup", "--db-url", server.url("shop"), "--to", bucket, "--endpoint", s3.endpoint],
      { env },
    );
    await program.untilPhaseEnded("snapshot");
    await other.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump'`);
    const { status } = outcomeOf(await program.output());
    // It may have been quicker than we.
    if (status !== 0) assert.equal(await countBackups(run), before);
    await other.end();
    assert.deepEqual([...s3.unfinished], []);
  });

  await t.step("restore --swap from the bucket keeps safety backup and record there", async () => {
    const made = await backup();
    assert.equal(made.status, 0, made.stderr);
    await shop`DELETE FROM orders WHERE id = 1`;
    await shop.end();
    const target = ["--target-url", server.url("shop"), "--confirm", "shop", "--terminate-connections"];
    const authority = ["--operator", "ann", "--approved-by", "bob", "--reason", "ticket 7"];
    const restored = await run("restore", made.verdict.backup!.path, "--swap", ...target, ...authority);
    assert.equal(restored.status, 0, restored.stderr);
    assert.match(restored.verdict.restore_record!, /^s3:\/\/backups\/shop\/.*\.restore-.*\.json$/);
    const undone = await run("restore", "--undo", restored.verdict.restore_record!, ...target, ...authority);
    assert.equal(undone.status, 0, undone.stderr);
  });

  await shop.end();
});

async function countBackups(run: (...args: string[]) => ReturnType<typeof pgrehearse>): Promise<number> {
  const { verdict } = await run("list", "--from", bucket);
  return verdict.backups!.length;
}
