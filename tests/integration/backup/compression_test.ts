import assert from "node:assert/strict";
import { join } from "node:path";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { runBackup, runDrill, runRestore } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { writeProgram } from "../../support/write_program.ts";
import { said } from "../../support/verdicts.ts";

const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const codes = ({ verdict, findings }: Verdict) => [verdict, ...findings.map(({ code }) => code)];

Deno.test("a dump is compressed as it was asked for, and its manifest says how", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql`CREATE TABLE t AS SELECT n AS id, 'row ' || n % 7 AS v FROM generate_series(1, 20000) AS n`;
  await sql.end();
  const dbUrl = server.url(name);
  const tools = await findClientTools(1);
  const chosen = tools.major < 16 ? { method: "gzip", level: 1 } : { method: "zstd", level: 1 };
  let stores = 0;
  const backUp = async (options: { compress?: string; format?: "custom" | "directory"; recipients?: string[] }) => {
    const verdict = await runBackup(dbUrl, join(directory.path, `store${++stores}`), options);
    assert.equal(verdict.verdict, "pass", said(verdict));
    const backup = verdict.backup!;
    const { dump }: Manifest = JSON.parse(await Deno.readTextFile(backup.manifest!));
    return { ...backup, compression: dump!.compression };
  };

  await t.step("in custom and directory format, encrypted or not, without a word or with one", async () => {
    const plain = await backUp({ compress: "none" });
    assert.deepEqual(plain.compression, { method: "none" });
    const slow = await backUp({ compress: "gzip:9" });
    assert.deepEqual(slow.compression, { method: "gzip", level: 9 });
    const fast = await backUp({ compress: "1" });
    assert.deepEqual(fast.compression, { method: "gzip", level: 1 });
    const usual = await backUp({});
    assert.deepEqual(usual.compression, chosen);
    assert.ok(slow.size_bytes < fast.size_bytes && fast.size_bytes < plain.size_bytes);
    for (const format of ["custom", "directory"] as const) {
      assert.deepEqual((await backUp({ format, recipients: [recipient] })).compression, chosen);
      assert.deepEqual((await backUp({ format, compress: "0" })).compression, { method: "none" });
    }
    for (const { path } of [plain, slow, usual]) {
      const drill = await runDrill(path, { into: server.url() });
      assert.equal(drill.proof, "exact", said(drill));
    }
  });

  await t.step("what pg_dump cannot write is refused before anything is made", async () => {
    const to = join(directory.path, "refused");
    for (const compress of tools.major < 16 ? ["zstd:3", "lz4", "gzip:77"] : ["zstd:77", "gzip:77"]) {
      const { status, verdict } = await pgrehearse(["backup", "--db-url", dbUrl, "--to", to, `-Z${compress}`]);
      assert.deepEqual([status, ...codes(verdict)], [2, "unknown", "COMPRESSION_UNSUPPORTED"], said(verdict));
    }
    const { status, verdict } = await pgrehearse(["backup", "--db-url", dbUrl, "--to", to, "--compress", "brotli"]);
    assert.deepEqual([status, ...codes(verdict)], [2, "unknown", "USAGE"], said(verdict));
    await assert.rejects(Deno.stat(to), Deno.errors.NotFound);
  });

  await t.step("what pg_restore cannot read is found before anything is restored", async () => {
    // There is no such build here: this one says what one without zstd says.
    const pgBin = join(directory.path, "without zstd");
    await Deno.mkdir(pgBin);
    await Deno.symlink(tools.pgRestore, join(pgBin, "pg_restore"));
    await writeProgram(
      join(pgBin, "pg_dump"),
      `#!/bin/sh
case "$*" in
--version) echo 'pg_dump (PostgreSQL) 99.1' ;;
*--compress=zstd*) echo 'pg_dump: error: this build does not support compression with zstd' >&2; exit 1 ;;
*) exec ${tools.pgDump} "$@" ;;
esac
`,
    );
    const backup = await backUp({ compress: "gzip:1" });
    const manifest = JSON.parse(await Deno.readTextFile(backup.manifest!));
    manifest.dump.compression = { method: "zstd", level: 1 };
    await Deno.writeTextFile(backup.manifest!, JSON.stringify(manifest));
    const sql = await server.connect();
    const databases = async () => (await sql`SELECT datname FROM pg_database ORDER BY 1`).map(({ datname }) => datname);
    const before = await databases();
    const drill = await runDrill(backup.path, { into: server.url(), pgBin });
    assert.deepEqual(codes(drill), ["unknown", "COMPRESSION_UNSUPPORTED"], said(drill));
    assert.equal(drill.phases.some(({ name }) => name === "database"), false);
    const restore = await runRestore(backup.path, server.url("restored"), { pgBin });
    assert.deepEqual(codes(restore), ["unknown", "COMPRESSION_UNSUPPORTED"], said(restore));

    // Of a dump without a manifest, its head says it: the number of the method.
    const foreign = join(directory.path, "foreign.dump");
    const bytes = await Deno.readFile(backup.path);
    bytes[6] = 15;
    bytes[11] = 3;
    await Deno.writeFile(foreign, bytes);
    const found = await runDrill(foreign, { into: server.url(), pgBin });
    assert.deepEqual(codes(found), ["unknown", "COMPRESSION_UNSUPPORTED"], said(found));
    assert.deepEqual(await databases(), before);
    await sql.end();
  });
});
