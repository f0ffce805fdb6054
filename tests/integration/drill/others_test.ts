import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { makeBackup, manifestOf, runDrill } from "../../support/jobs.ts";
import { shop } from "../../support/shop.ts";
import { pgDump, startTestServer } from "../../support/server.ts";
import { canInstallExtensions, installExtension } from "../../support/test_extension.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { codes, said } from "../../support/verdicts.ts";

Deno.test("drill of other databases and other people's dumps", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const into = server.url();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(shop).simple();
  await sql.end();

  await t.step("without a manifest, in every format, the proof is `restored` and never more", async () => {
    const foreign = join(directory.path, "foreign");
    await Deno.mkdir(foreign);
    const at = (file: string) => join(foreign, file);
    await pgDump(server, name, ["-Fc", "-f", at("custom")]);
    await pgDump(server, name, ["-Fd", "-f", at("folder")]);
    await pgDump(server, name, ["-Ft", "-f", at("some.tar")]);
    await pgDump(server, name, ["-Fp", "-f", at("plain.sql")]);
    await pgDump(server, name, ["-Fp", "--inserts", "-f", at("inserts.sql")]);
    const compress = async (from: string, to: string, by: (bytes: Uint8Array) => Uint8Array) =>
      await Deno.writeFile(at(to), by(await Deno.readFile(at(from))));
    await compress("plain.sql", "plain.sql.gz", gzipSync);
    await compress("plain.sql", "plain.sql.zst", zstdCompressSync);
    await compress("custom", "custom.gz", gzipSync);
    await compress("some.tar", "some.tar.zst", zstdCompressSync);
    // A throwaway cluster lacks the policy's role, and for an archive it is not made.
    const archives = ["custom", "folder", "some.tar", "custom.gz", "some.tar.zst"];
    const scripts = ["plain.sql", "inserts.sql", "plain.sql.gz", "plain.sql.zst"];
    for (const file of [...archives, ...scripts]) {
      const verdict = await runDrill(at(file), { into });
      assert.equal(verdict.verdict, "pass", `${file}: ${said(verdict)}`);
      assert.equal(verdict.proof, "restored", file);
    }
    const script = await runDrill(at("plain.sql"));
    assert.equal(script.proof, "restored", said(script));
  });

  await t.step("an empty database fails, unless --allow-empty", async () => {
    const empty = await server.makeDatabase();
    const backup = await makeBackup(server.url(empty), join(directory.path, "empty"));
    const foreign = join(directory.path, "empty.sql");
    await pgDump(server, empty, ["-f", foreign]);
    for (const path of [backup, foreign]) {
      const failed = await runDrill(path, { into });
      assert.equal(failed.verdict, "fail", said(failed));
      const errors = failed.findings.filter(({ severity }) => severity !== "warning"); // that no table is there warns, too
      assert.deepEqual(errors.map(({ code }) => code), ["EMPTY_DATABASE"]);
      const allowed = await runDrill(path, { into, allowEmpty: true });
      assert.equal(allowed.verdict, "pass", said(allowed));
      assert.equal(allowed.proof, path === backup ? "exact" : "restored");
    }
  });

  await t.step("a database without any table is not empty if it holds anything else", async () => {
    const kinds = {
      "large objects": "SELECT lo_from_bytea(0, 'large')",
      "a materialized view": "CREATE MATERIALIZED VIEW m AS SELECT 1 AS n",
      "a foreign table": "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; " +
        "CREATE FOREIGN TABLE f (n int) SERVER s",
      "a function": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    };
    for (const [kind, statements] of Object.entries(kinds)) {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql.unsafe(statements).simple();
      await sql.end();
      const own = await runDrill(await makeBackup(server.url(database), join(directory.path, database)), { into });
      assert.equal(own.proof, "exact", `${kind}: ${said(own)}`);
      const foreign = join(directory.path, `${database}.dump`);
      await pgDump(server, database, ["-Fc", "-f", foreign]);
      const restored = await runDrill(foreign, { into });
      assert.equal(restored.proof, "restored", `${kind}: ${said(restored)}`);
    }
  });

  await t.step(
    "encoding and collation are those of the source, or named where the server has them not",
    async () => {
      const sql = await server.connect();
      const variants = [
        ["latin", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", "LATIN1"],
        ["icu", "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LC_COLLATE 'C' LC_CTYPE 'C'", "UTF8"],
      ];
      for (const [kind, options, encoding] of variants) {
        await sql.unsafe(`CREATE DATABASE ${kind} TEMPLATE template0 ${options}`);
        const inside = await server.connect(kind);
        await inside.unsafe(
          "CREATE TABLE words (word text PRIMARY KEY); INSERT INTO words VALUES ('Zürich'), ('Ä'), ('z')",
        )
          .simple();
        await inside.end();
        const path = await makeBackup(server.url(kind), join(directory.path, kind));
        for (const options of [{ into }, {}]) {
          const verdict = await runDrill(path, options);
          assert.equal(verdict.proof, "exact", said(verdict));
          assert.deepEqual([verdict.findings, verdict.notes ?? []], [[], []]);
        }
        const manifest = JSON.parse(await Deno.readTextFile(manifestOf(path)));
        assert.equal(manifest.database.encoding, encoding);
        assert.equal(manifest.database.locale_provider, kind === "icu" ? "icu" : "libc");
        const lacking = join(directory.path, kind, "lacking.dump");
        await Deno.copyFile(path, lacking);
        manifest.database = { ...manifest.database, collation: "xx_YY.utf8", ctype: "xx_YY.utf8" };
        await Deno.writeTextFile(manifestOf(lacking), JSON.stringify(manifest));
        const verdict = await runDrill(lacking, { into });
        assert.equal(verdict.verdict, "unknown", said(verdict));
        assert.deepEqual(codes(verdict), ["COLLATION_UNAVAILABLE"]);
      }
      await sql.end();
    },
  );

  await t.step({
    name: "an extension that the host lacks is named, before anything is restored",
    ignore: !canInstallExtensions,
    async fn() {
      await using extension = await installExtension(
        "lacking",
        "CREATE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 42';",
        "relocatable = true\n",
      );
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql.unsafe(`CREATE EXTENSION ${extension.name}; CREATE TABLE t AS SELECT answer() AS n`).simple();
      await sql.end();
      const path = await makeBackup(server.url(database), join(directory.path, "extension"));
      const there = await runDrill(path, { into });
      assert.equal(there.proof, "exact", said(there));
      await extension.remove();
      const lacking = await runDrill(path, { into });
      assert.equal(lacking.verdict, "unknown");
      assert.deepEqual(codes(lacking), ["EXTENSION_UNAVAILABLE"]);
      assert.match(lacking.findings[0].message, new RegExp(extension.name));
    },
  });
});
