import assert from "node:assert/strict";
import { join } from "node:path";
import { makeBackup, runDrill } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { canInstallExtensions, installExtension } from "../../support/test_extension.ts";
import { pgDump, startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { codes, said } from "../../support/verdicts.ts";

Deno.test("schemas: a dump is restored whether it makes the schemas of its objects or not", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const at = (file: string) => join(directory.path, file);
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(`
    CREATE ROLE "Odd Owner";
    CREATE SCHEMA other; CREATE SCHEMA "Odd Ext"; CREATE SCHEMA types; CREATE SCHEMA "public too";
    CREATE EXTENSION hstore SCHEMA "Odd Ext";
    CREATE TABLE t (id int PRIMARY KEY, h "Odd Ext".hstore);
    INSERT INTO t SELECT n, 'a=>1' FROM generate_series(1, 20) AS n;
    CREATE FUNCTION types.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TYPE types.mood AS ENUM ('good');
    CREATE TABLE other.o (id int PRIMARY KEY);
    INSERT INTO other.o VALUES (1)`).simple();

  await t.step("public, as it is or as a user changed it, in every format and into every place", async () => {
    const into = server.url();
    const own = await server.makeDatabase();
    const inside = await server.connect(own);
    await inside.unsafe("CREATE TABLE t AS SELECT n AS id FROM generate_series(1, 20) AS n");
    for (
      const change of ["", `ALTER SCHEMA public OWNER TO "Odd Owner"; GRANT USAGE ON SCHEMA public TO "Odd Owner"`]
    ) {
      for (const session of [sql, inside]) await session.unsafe(change).simple();
      for (const format of ["custom", "directory"] as const) {
        const selection = ["--schema=public"];
        const path = await makeBackup(server.url(own), await Deno.makeTempDir({ dir: directory.path }), {
          format,
          selection,
        });
        const drilled = await runDrill(path, format === "custom" ? { into } : {});
        assert.equal(drilled.proof, "exact", said(drilled));
        if (format === "directory") continue;
        const target = await server.makeDatabase();
        const restored = await pgrehearse(["restore", path, "--target-url", server.url(target)]);
        assert.equal(restored.verdict.proof, "exact", restored.stderr);
      }
    }
    await inside.end();
    for (const [format, file] of [["-Fc", "public.dump"], ["-Fd", "public"], ["-Ft", "public.tar"]]) {
      await pgDump(server, name, [format, "-n", "public", "--extension", "hstore", "-f", at(file)]);
      const verdict = await runDrill(at(file), { into });
      assert.equal(verdict.proof, "restored", said(verdict));
    }
  });

  await t.step("a schema of that name and more is made", async () => {
    await pgDump(server, name, ["-Fc", "-n", "public*", "--extension", "hstore", "-f", at("two.dump")]);
    const kept = await runDrill(at("two.dump"), { into: server.url() });
    assert.equal(kept.proof, "restored", said(kept));
  });

  await t.step("schemas of extensions and of objects that are not tables, which the dump leaves out", async () => {
    await pgDump(server, name, ["-Fc", "-n", "public", "--extension", "hstore", "-f", at("extension.dump")]);
    await pgDump(server, name, ["-Fc", "-N", "Odd Ext", "-f", at("without.dump")]);
    await pgDump(server, name, ["-Fc", "-t", "other.*", "-f", at("tables.dump")]);
    for (const file of ["extension.dump", "without.dump", "tables.dump"]) {
      const verdict = await runDrill(at(file));
      assert.equal(verdict.proof, "restored", `${file}: ${said(verdict)}`);
    }
  });

  await t.step({
    name: "a schema that an extension makes by itself, in which users have tables",
    ignore: !canInstallExtensions,
    async fn() {
      await using extension = await installExtension(
        "queue",
        "CREATE SCHEMA queue; CREATE FUNCTION queue.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      );
      const name = await server.makeDatabase();
      const sql = await server.connect(name);
      await sql.unsafe(`
        CREATE EXTENSION ${extension.name};
        CREATE TABLE queue.event_1 (id int PRIMARY KEY DEFAULT queue.f());
        INSERT INTO queue.event_1 DEFAULT VALUES`).simple();
      await sql.end({ timeout: 5 });
      const drilled = await runDrill(await makeBackup(server.url(name), directory.path), { into: server.url() });
      assert.equal(drilled.proof, "exact", said(drilled));
      await pgDump(server, name, ["-Fc", "-f", at("queue.dump")]);
      const foreign = await runDrill(at("queue.dump"), { into: server.url() });
      assert.equal(foreign.proof, "restored", said(foreign));
    },
  });

  await t.step("rows, or indexes, without the tables that they belong to are named, and no bad backup", async () => {
    for (const [option, what] of [["--data-only", /rows/], ["--section=post-data", /indexes/]] as const) {
      await pgDump(server, name, ["-Fc", option, "-f", at("part.dump")]);
      const verdict = await runDrill(at("part.dump"), { into: server.url() });
      assert.equal(verdict.verdict, "unknown", said(verdict));
      assert.deepEqual(codes(verdict), ["DUMP_WITHOUT_DEFINITIONS"]);
      assert.match(verdict.findings[0].message, what);
    }
    for (const option of ["--schema-only", "--section=pre-data"]) {
      await pgDump(server, name, ["-Fc", option, "-f", at("part.dump")]);
      const verdict = await runDrill(at("part.dump"), { into: server.url() });
      assert.equal(verdict.proof, "restored", said(verdict));
    }
  });
  await sql.end({ timeout: 5 });
});
