import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { connect } from "../../../lib/postgres/connection/connect.ts";
import { withDatabase } from "../../../lib/postgres/connection/connection_parameters.ts";
import { localesToMake } from "../../../lib/postgres/host_locales.ts";
import { makePreloadedCluster } from "../../../lib/postgres/preload.ts";
import { makeThrowawayCluster, type ThrowawayCluster } from "../../../lib/postgres/throwaway_cluster.ts";
import { findClientTools, findServerTools } from "../../../lib/postgres/tools.ts";
import { makeAccountSandbox } from "../../../lib/system/isolation/make_sandbox.ts";
import { makeBackup, manifestOf, runDrill } from "../../support/jobs.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { said } from "../../support/verdicts.ts";

const urlOf = ({ directory }: ThrowawayCluster, database: string) =>
  `postgresql://postgres@/${database}?host=${directory}`;

async function runIn({ parameters }: ThrowawayCluster, database: string, ...statements: string[]): Promise<void> {
  const sql = await connect(withDatabase(parameters, database), { settings: { search_path: null } });
  for (const statement of statements) await sql.unsafe(statement).simple();
  await sql.end({ timeout: 5 });
}

Deno.test("drill: the throwaway server preloads what the source's does, as far as this host has it", async (t) => {
  await using directory = await traceableDirectory();
  const source = await makeThrowawayCluster(await findServerTools(), {
    sandbox: await makeAccountSandbox(),
    settings: {
      shared_preload_libraries: "pg_stat_statements, auto_explain",
      "pg_stat_statements.max": "1234",
      "auto_explain.log_min_duration": "-1",
    },
  });
  try {
    await runIn(source, "postgres", "CREATE DATABASE shop TEMPLATE template0");
    await runIn(
      source,
      "shop",
      "CREATE EXTENSION pg_stat_statements; CREATE TABLE t AS SELECT 1 AS id; " +
        "CREATE MATERIALIZED VIEW m AS SELECT count(*) > 0 AS any FROM pg_stat_statements",
    );
    const path = await makeBackup(urlOf(source, "shop"), directory.path);
    const read = async (): Promise<Manifest> => JSON.parse(await Deno.readTextFile(manifestOf(path)));

    await t.step("with settings, and no secret among them", async () => {
      assert.deepEqual((await read()).postgres.preload, {
        libraries: ["pg_stat_statements", "auto_explain"],
        settings: [
          { name: "auto_explain.log_min_duration", value: "-1" },
          { name: "pg_stat_statements.max", value: "1234" },
        ],
      });
      const verdict = await runDrill(path);
      assert.equal(verdict.proof, "exact", said(verdict));
      assert.deepEqual(verdict.findings, []);
    });

    await t.step("a library that this host lacks is left out, and said", async () => {
      const manifest = await read();
      manifest.postgres.preload!.libraries = ["nowhere", "../../evil", "pg_stat_statements"];
      await Deno.writeTextFile(manifestOf(path), JSON.stringify(manifest));
      const verdict = await runDrill(path);
      assert.equal(verdict.proof, "exact", said(verdict));
      assert.match(
        verdict.notes!.find(({ code }) => code === "PRELOAD_LEFT_OUT")!.message,
        /nowhere, \.\.\/\.\.\/evil/,
      );
    });

    await t.step("nothing says so beforehand: what asks for it itself is preloaded in a second attempt", async () => {
      const { pgDump } = await findClientTools(1);
      for (const [format, file] of [["-Fc", "foreign.dump"], ["-Fp", "foreign.sql"]]) {
        const foreign = join(directory.path, file);
        await new Deno.Command(pgDump, { args: [format, "-f", foreign, urlOf(source, "shop")] }).output();
        const verdict = await runDrill(foreign);
        assert.equal(verdict.proof, "restored", said(verdict));
        assert.equal(verdict.phases.filter(({ name }) => name === "cluster").length, 2);
      }
    });
  } finally {
    await source.close();
  }
});

Deno.test("drill: a server that preloads runs no background worker, and takes no path from a manifest", async () => {
  const settings = [
    { name: "auto_explain.log_min_duration", value: "-1" },
    { name: "auto_explain.log_level", value: "/bin/sh" },
    { name: "auto_explain.sample_rate", value: "x'; archive_command" },
    { name: "archive_command", value: "true" },
  ];
  const { cluster, leftOut } = await makePreloadedCluster(
    await findServerTools(),
    { libraries: ["$libdir/auto_explain", "pg_prewarm"], settings },
    { from: "shop", to: "restored" },
    { sandbox: await makeAccountSandbox() },
  );
  try {
    assert.deepEqual(leftOut, []);
    const sql = await connect(cluster.parameters);
    const [row] = await sql`
      SELECT
        current_setting('shared_preload_libraries') AS libraries,
        current_setting('auto_explain.log_min_duration') AS duration,
        current_setting('archive_command') AS command,
        (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type ~ 'prewarm|logical') AS workers`;
    await sql.end({ timeout: 5 });
    assert.deepEqual({ ...row }, {
      libraries: '"auto_explain", "pg_prewarm"',
      duration: "-1",
      command: "(disabled)",
      workers: 0,
    });
  } finally {
    await cluster.close();
  }
});

const locales = await localesToMake(["de_DE.UTF-8"]);

Deno.test({
  name: "drill: a locale that the host lacks is made for the drill, or named before anything is restored",
  ignore: locales.length === 0, // it is here already, or cannot be made here
  async fn(t) {
    await using directory = await traceableDirectory();
    const source = await makeThrowawayCluster(await findServerTools(), {
      sandbox: await makeAccountSandbox(),
      locales,
    });
    try {
      await runIn(
        source,
        "postgres",
        "CREATE DATABASE words TEMPLATE template0 LC_COLLATE 'de_DE.UTF-8' LC_CTYPE 'de_DE.utf8'",
      );
      await runIn(
        source,
        "words",
        `CREATE TABLE words (
           word text CHECK (word ~ '^\\w+$'), small text GENERATED ALWAYS AS (lower(word)) STORED,
           french text COLLATE "de_DE.utf8"
         )`,
        "INSERT INTO words VALUES ('ÄRGER'), ('Zürich'), ('ärger')",
        "CREATE COLLATION mine (locale = 'de_DE.UTF-8'); CREATE INDEX ON words (word COLLATE mine)",
      );
      const path = await makeBackup(urlOf(source, "words"), directory.path);

      await t.step("made", async () => {
        const verdict = await runDrill(path);
        assert.equal(verdict.proof, "exact", said(verdict));
        assert.deepEqual(verdict.findings, []);
      });

      await t.step("named", async () => {
        const manifest: Manifest = JSON.parse(await Deno.readTextFile(manifestOf(path)));
        Object.assign(manifest.database, { collation: "xx_YY.utf8", ctype: "xx_YY.utf8" });
        await Deno.writeTextFile(manifestOf(path), JSON.stringify(manifest));
        const verdict = await runDrill(path);
        assert.equal(verdict.verdict, "unknown", said(verdict));
        assert.deepEqual(verdict.findings.map(({ code }) => code), ["COLLATION_UNAVAILABLE"]);
        assert.match(verdict.findings[0].message, /xx_YY/);
        assert.ok(!verdict.phases.some(({ name }) => name === "restore"));
      });

      await t.step("a dump that another tool made holds more letters than those of ASCII", async () => {
        const { pgDump } = await findClientTools(1);
        await runIn(
          source,
          "words",
          `CREATE TABLE plain (word text CHECK (word ~ '^\\w+$')); INSERT INTO plain VALUES ('Zürich')`,
        );
        const foreign = join(directory.path, "plain.dump");
        await new Deno.Command(pgDump, { args: ["-Fc", "-t", "plain", "-f", foreign, urlOf(source, "words")] })
          .output();
        const verdict = await runDrill(foreign);
        assert.equal(verdict.proof, "restored", said(verdict));
      });
    } finally {
      await source.close();
    }
  },
});
