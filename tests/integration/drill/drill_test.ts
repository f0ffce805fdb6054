import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import { makeBackup, manifestOf, runDrill } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { shop } from "../../support/shop.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { writeProgram } from "../../support/write_program.ts";
import { codes, said } from "../../support/verdicts.ts";

async function makeShop(server: TestServer): Promise<string> {
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(shop).simple();
  await sql.end();
  return name;
}

async function listDatabases(server: TestServer): Promise<string[]> {
  const sql = await server.connect();
  const rows = await sql`SELECT datname FROM pg_database ORDER BY datname`;
  await sql.end();
  return rows.map(({ datname }) => datname);
}

Deno.test("drill", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const name = await makeShop(server);
  const into = server.url();
  const dump = await makeBackup(server.url(name), join(directory.path, "store"));

  await t.step("a throwaway cluster, of dump or manifest: exact, every phase timed, nothing left behind", async () => {
    await using temporary = await traceableDirectory();
    const { status, verdict, stderr } = await pgrehearse(["drill", manifestOf(dump)], {
      env: { TMPDIR: temporary.path },
    });
    assert.equal(status, 0, stderr);
    assert.equal(verdict.proof, "exact");
    assert.equal(verdict.postgres.target, "throwaway");
    assert.equal(verdict.backup!.path, dump);
    assert.ok(verdict.backup!.size_bytes > 0);
    assert.deepEqual(verdict.compared, { ...verdict.compared, tables: 2, rows: 600, sequences: 1, large_objects: 1 });
    const phases = verdict.phases.map((phase) => phase.name);
    const expected = [
      "fetch",
      "checksum",
      "preflight",
      "cluster",
      "globals",
      "database",
      "restore",
      "capture",
      "compare",
      "cleanup",
    ];
    assert.deepEqual(phases, expected);
    assert.deepEqual(await temporary.traces(), []);
  });

  await t.step("--latest takes the newest finished one, of the database that is named", async () => {
    const from = join(directory.path, "many");
    await Deno.mkdir(from);
    const manifest = JSON.parse(await Deno.readTextFile(manifestOf(dump)));
    const copies = [["test", "2025-01-01"], ["test", "2025-03-03"], ["test-2", "2025-04-04"], ["zz", "2025-02-02"]];
    for (const [name, day] of copies) {
      const copy = join(from, `${name}-${day.replaceAll("-", "")}T000000Z`);
      await Deno.copyFile(dump, `${copy}.dump`);
      await Deno.copyFile(dump.replace(/dump$/, "globals.sql"), `${copy}.globals.sql`);
      const own = {
        ...manifest,
        snapshot: { ...manifest.snapshot, taken_at: `${day}T00:00:00Z` },
        database: { ...manifest.database, name },
      };
      await Deno.writeTextFile(`${copy}.manifest.json`, JSON.stringify(own));
    }
    await Deno.copyFile(dump, join(from, "test-20260101T000000Z.dump")); // unfinished: no manifest
    await Deno.copyFile(dump, join(from, "test-20260202T000000Z.dump.partial"));
    const newest = async (...args: string[]) => {
      const outcome = await pgrehearse(["drill", "--latest", "--from", from, "--trust-dump", "--into", into, ...args]);
      assert.equal(outcome.status, 0, outcome.stdout);
      return outcome.verdict.backup!.name;
    };
    // The server has no database of that name, and needs none.
    assert.equal(await newest("--database", "test"), "test-20250303T000000Z");
    assert.equal(await newest("--database", "test-2"), "test-2-20250404T000000Z");
    const none = await pgrehearse(["drill", "--latest", "--from", from, "--database", "nothing"]);
    assert.equal(none.status, 2);
    assert.deepEqual(codes(none.verdict), ["NO_BACKUP"]);
    for (const args of [["drill"], ["drill", "--latest"], ["drill", dump, "--latest", "--from", from]]) {
      const { status, stdout } = await pgrehearse(args).catch((error) => ({ status: 2, stdout: String(error) }));
      assert.equal(status, 2, stdout);
    }
  });

  await t.step("--into: a scratch database, dropped afterwards, also after a fail", async () => {
    const before = await listDatabases(server);
    const passed = await runDrill(dump, { into });
    assert.equal(passed.proof, "exact", said(passed));
    assert.equal(passed.postgres.target, "scratch");
    const broken = join(directory.path, "broken.dump");
    await Deno.copyFile(dump, broken);
    const manifest = JSON.parse(await Deno.readTextFile(manifestOf(dump)));
    manifest.rows[0].row_count++;
    await Deno.writeTextFile(manifestOf(broken), JSON.stringify(manifest));
    const failed = await runDrill(broken, { into });
    assert.equal(failed.verdict, "fail");
    assert.deepEqual(codes(failed), ["ROW_COUNT_DIFFERS"]);
    assert.deepEqual(await listDatabases(server), before);
  });

  await t.step("--into a server that lacks a role or is too old: told clearly, nothing made", async () => {
    await using other = await startTestServer();
    const before = await listDatabases(other);
    const lacking = await runDrill(dump, { into: other.url() });
    assert.equal(lacking.verdict, "unknown");
    assert.deepEqual(codes(lacking), ["ROLE_MISSING"]);
    assert.match(lacking.findings[0].message, /seller/);
    const newer = join(directory.path, "newer.dump");
    await Deno.copyFile(dump, newer);
    const manifest = JSON.parse(await Deno.readTextFile(manifestOf(dump)));
    manifest.postgres.server_version_num = 990_001;
    await Deno.writeTextFile(manifestOf(newer), JSON.stringify(manifest));
    for (const options of [{ into: other.url() }, {}]) {
      const old = await runDrill(newer, options);
      assert.equal(old.verdict, "unknown");
      assert.deepEqual(codes(old), ["SERVER_TOO_OLD"]);
      assert.match(old.findings[0].message, /99/);
    }
    assert.deepEqual(await listDatabases(other), before);
  });

  await t.step("--keep-running says how to reach and how to remove it, and both commands work", async () => {
    const shell = async (command: string) => {
      const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", command] }).output();
      assert.ok(success, `${command}: ${new TextDecoder().decode(stderr)}`);
      return new TextDecoder().decode(stdout).trim();
    };
    const before = await listDatabases(server);
    for (const args of [[], ["--trust-dump", "--into", into]]) {
      await using temporary = await traceableDirectory();
      const drill = await pgrehearse(["drill", dump, "--keep-running", ...args], { env: { TMPDIR: temporary.path } });
      assert.equal(drill.status, 0, drill.stderr);
      const reach = /To reach the restored database: (.*)/.exec(drill.stderr)![1];
      const remove = /To remove it: (.*)/.exec(drill.stderr)![1];
      assert.ok(drill.verdict.notes!.some(({ code, message }) => code === "KEPT_RUNNING" && message.includes(remove)));
      assert.equal(await shell(`${reach} -Atc 'SELECT count(*) FROM items'`), "300");
      await shell(remove);
      assert.deepEqual(await temporary.traces(), []);
    }
    assert.deepEqual(await listDatabases(server), before);
  });

  await t.step("--timeout covers all of it, and cleans up", async () => {
    await using temporary = await traceableDirectory();
    const { status, verdict } = await pgrehearse(["drill", dump, "--timeout", "300ms"], {
      env: { TMPDIR: temporary.path },
    });
    assert.equal(status, 2);
    assert.deepEqual(codes(verdict), ["TIMEOUT"]);
    assert.deepEqual(await temporary.traces(), []);
  });

  await t.step("what pg_restore says is in the verdict, even where it ends with status 0", async () => {
    const tools = await findClientTools(1);
    const talking = join(directory.path, "talking");
    await Deno.mkdir(talking);
    for (const program of ["initdb", "postgres", "pg_dump"]) {
      await Deno.symlink(join(dirname(tools.pgRestore), program), join(talking, program));
    }
    const script = `#!/bin/sh\n${tools.pgRestore} "$@" || exit\necho 'pg_restore: warning: planted' >&2\n`;
    await writeProgram(join(talking, "pg_restore"), script);
    const verdict = await runDrill(dump, { into, pgBin: talking });
    assert.equal(verdict.verdict, "pass", said(verdict));
    assert.deepEqual(verdict.notes?.map(({ code, message }) => [code, message]), [
      ["RESTORE_SAID", "pg_restore: warning: planted"],
    ]);
  });
});
