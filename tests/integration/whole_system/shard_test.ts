import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";

const server = await startTestServer();
const directory = await Deno.makeTempDir({ prefix: "pgr-shard-" });
Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await Deno.remove(directory, { recursive: true });
});

/** Fills databases and writes a configuration that names them. */
async function makeFleet(names: string[]): Promise<string> {
  const admin = await server.connect();
  for (const name of names) {
    await admin.unsafe(`CREATE DATABASE ${name}`);
    const sql = await server.connect(name);
    await sql.unsafe("CREATE TABLE orders AS SELECT n FROM generate_series(1, 50) AS n");
    await sql.end();
  }
  await admin.end();
  const path = join(directory, "pgrehearse.jsonc");
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      databases: Object.fromEntries(names.map((name) => [name, { url: server.url(name) }])),
      store: join(directory, "backups"),
      checks: names.map((database) => ({ kind: "rows", name: `orders of ${database}`, database, table: "orders" }))
        .map((check) => ({ ...check, minimum: 50 })),
    }),
  );
  return path;
}

Deno.test("shard: running every share backs up and drills each database once", async () => {
  const config = await makeFleet(["shop", "eu", "identity"]);
  const drilled: string[] = [];
  for (const shard of ["0/2", "1/2"]) {
    const backup = await pgrehearse(["backup", "--config", config, "--shard", shard]);
    assert.equal(backup.status, 0, backup.stderr);
    const { status, verdict, stderr } = await pgrehearse(["drill", "--config", config, `--shard=${shard}`]);
    assert.deepEqual([status, verdict.proof, verdict.config!.shard], [0, "exact", shard], stderr);
    assert.deepEqual(verdict.notes?.map(({ code }) => code) ?? [], []); // each share's backups are a set
    const names = verdict.restored!.map(({ database }) => database);
    assert.deepEqual(verdict.checks!.map(({ name, state }) => `${name}: ${state}`).sort(), [
      ...names.map((name) => `orders of ${name}: pass`).sort(),
    ]);
    drilled.push(...names);
  }
  assert.deepEqual(drilled, ["shop", "identity", "eu"]);
  const { verdict } = await pgrehearse(["list", "--from", join(directory, "backups")]);
  assert.equal(verdict.backup_count, 3);

  const tooMany = await pgrehearse(["drill", "--config", config, "--shard", "1/4"]);
  assert.deepEqual([tooMany.status, tooMany.verdict.findings[0].code], [2, "TOO_MANY_SHARDS"]);
});

Deno.test("shard: a text that is not a share, or a share without a configuration, is exit 2", async () => {
  for (const shard of ["2/2", "1", "0/0", "-1/2", "a/b"]) {
    const { status, verdict } = await pgrehearse(["drill", `--shard=${shard}`]);
    assert.deepEqual([status, verdict.findings[0].code], [2, "USAGE"], shard);
    assert.match(verdict.findings[0].message, /INDEX\/COUNT/);
  }
  const { status, verdict } = await pgrehearse(["backup", "--to", directory, "--shard", "0/1"]);
  assert.deepEqual([status, verdict.findings[0].message], [2, "--shard needs a configuration."]);
});
