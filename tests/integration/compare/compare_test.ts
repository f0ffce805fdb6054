import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { manifestSchema } from "../../../lib/manifest/manifest_schema.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { makeBackup, manifestOf } from "../../support/jobs.ts";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { run, startTestServer, type TestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { said } from "../../support/verdicts.ts";

const shop = `
  CREATE EXTENSION pgcrypto;
  CREATE TABLE orders (id integer PRIMARY KEY, status text, total numeric);
  INSERT INTO orders SELECT n, CASE WHEN n % 10 = 0 THEN 'open' ELSE 'paid' END, n FROM generate_series(1, 3000) AS n;
  CREATE TABLE lines (id integer PRIMARY KEY, body text);
  INSERT INTO lines SELECT n, 'line ' || n FROM generate_series(1, 500) AS n;
  CREATE TABLE gone (id serial PRIMARY KEY, status text);
  INSERT INTO gone (status) SELECT 'x' FROM generate_series(1, 10);
  CREATE TABLE numbered (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer);
  INSERT INTO numbered (n) SELECT n FROM generate_series(1, 20) AS n;
  CREATE SEQUENCE tickets; SELECT setval('tickets', 40);
  CREATE SEQUENCE invoices CACHE 5;
  CREATE INDEX by_status ON orders (status);
  CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
  CREATE VIEW open AS SELECT id FROM orders WHERE status = 'open';
  CREATE MATERIALIZED VIEW totals AS SELECT status, sum(total) FROM orders GROUP BY status;
  SELECT lo_from_bytea(4711, 'a large object');`;

/** What somebody's restore may have made of it. */
const damage = `
  DROP EXTENSION pgcrypto;
  UPDATE orders SET total = total + 1 WHERE id IN (17, 1234);
  DELETE FROM lines WHERE id > 495;
  INSERT INTO lines VALUES (9000, 'new');
  DROP TABLE gone;
  CREATE TABLE extra (id integer);
  SELECT setval('tickets', 41);
  ALTER SEQUENCE invoices CACHE 1;
  SELECT setval('numbered_id_seq', 3);
  DROP INDEX by_status;
  CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 3';
  CREATE VIEW uncalled AS SELECT 1 AS n;
  SELECT lo_put(4711, 0, 'A');`;

const told = ({ findings }: Verdict) => findings.map(({ code, object }) => `${code} ${object}`).sort();

async function copyDatabase(server: TestServer, from: string, to: string): Promise<void> {
  await run(server, "postgres", `CREATE DATABASE ${to} TEMPLATE ${from}`);
}

Deno.test("compare", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const source = await server.makeDatabase();
  await run(server, source, shop);
  const distribution = ["orders:status", "gone:status"].map((target) => ({ target, hashValues: false }));
  const dump = await makeBackup(server.url(source), join(directory.path, "store"), { distribution });
  const manifestPath = manifestOf(dump);
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(manifestPath));
  const compare = (database: string, ...args: string[]) =>
    pgrehearse(["compare", "--db-url", server.url(database), "--manifest", manifestPath, ...args]);

  /** The same manifest, changed. */
  async function altered(name: string, change: (manifest: Manifest) => void): Promise<string> {
    const copy = structuredClone(manifest);
    change(copy);
    const path = join(directory.path, `${name}.manifest.json`);
    await Deno.writeTextFile(path, JSON.stringify(copy));
    return path;
  }

  await t.step("a faithful copy is exactly the same, and nothing is written to it", async () => {
    await copyDatabase(server, source, "faithful");
    const { status, verdict, stdout } = await compare("faithful");
    assert.equal(status, 0, stdout);
    assert.equal(verdict.proof, "exact");
    assert.deepEqual([verdict.findings, verdict.notes], [[], []]);
  });

  await t.step("every difference is a finding: its code, the object, and what to do", async () => {
    await copyDatabase(server, source, "damaged");
    await run(server, "damaged", damage);
    const { status, verdict, stderr } = await compare("damaged");
    assert.equal(status, 1, stderr);
    assert.equal(verdict.proof, undefined);
    assert.deepEqual(told(verdict), [
      "COMMENT_MISSING extension pgcrypto",
      "DEFINITION_DIFFERS public.twice(integer)",
      "DISTRIBUTION_DIFFERS public.gone:status",
      "EXTENSION_MISSING pgcrypto",
      "INDEX_MISSING public.by_status",
      "LARGE_OBJECTS_DIFFER large objects",
      "ROWS_DIFFER public.orders",
      "ROW_COUNT_DIFFERS public.lines",
      "SEQUENCE_BEHIND public.numbered_id_seq",
      "SEQUENCE_DIFFERS public.invoices",
      "SEQUENCE_MISSING public.gone_id_seq",
      "SEQUENCE_VALUE_DIFFERS public.tickets",
      "TABLE_MISSING public.gone",
      "TABLE_UNEXPECTED public.extra",
      "VIEW_UNEXPECTED public.uncalled",
    ], said(verdict));
    const found = (code: string) => verdict.findings.find((finding) => finding.code === code)!;
    for (const { code, message, fix } of verdict.findings) {
      assert.match(message, /\.$/, code);
      assert.match(fix, /\.$/, code);
    }
    assert.deepEqual(
      found("DEFINITION_DIFFERS").detail!.split("\n").filter((line) => /^[-+]/.test(line)).map((line) => line[0]),
      ["-", "+"],
    );
    assert.match(found("DEFINITION_DIFFERS").detail!, /n \* 3/);
    // Where: two rows lie in two of 256 buckets.
    assert.match(found("ROWS_DIFFER").message, /By id they differ in [12] of 256 buckets/);
    assert.match(found("ROW_COUNT_DIFFERS").message, /has 496 rows; expected 500/);
    assert.match(stderr, /ROWS_DIFFER.*public\.orders/);
  });

  await t.step("--source-url names the keys of rows that differ, 20 at most", async () => {
    await run(server, "damaged", "UPDATE lines SET body = '' WHERE id <= 100");
    const { verdict } = await compare("damaged", "--source-url", server.url(source));
    const detail = (code: string) => verdict.findings.find((finding) => finding.code === code)!.detail!.split("\n");
    assert.deepEqual(detail("ROWS_DIFFER").sort(), ['changed: {"id":"1234"}', 'changed: {"id":"17"}']);
    assert.equal(detail("ROW_COUNT_DIFFERS").length, 20);
    const secret = server.url(source).replace("postgres@", "nobody:planted-password@");
    const refused = await compare("damaged", "--source-url", secret);
    assert.equal(refused.verdict.findings.some(({ code }) => code === "ROWS_DIFFER"), true);
    assert.equal((refused.stdout + refused.stderr).includes("planted-password"), false);
  });

  await t.step("a materialized view may differ, as a note; nothing else may with it", async () => {
    await run(server, source, "INSERT INTO orders VALUES (9001, 'late', 1)");
    const stale = await makeBackup(server.url(source), join(directory.path, "stale"));
    await copyDatabase(server, source, "refreshed");
    await run(server, "refreshed", "REFRESH MATERIALIZED VIEW totals");
    const args = (database: string) => ["compare", "--db-url", server.url(database), "--manifest", manifestOf(stale)];
    const refreshed = await pgrehearse(args("refreshed"));
    assert.equal(refreshed.status, 0, refreshed.stdout);
    assert.deepEqual(refreshed.verdict.notes?.map(({ code, object }) => [code, object]), [
      ["MATERIALIZED_VIEW_DIFFERS", "public.totals"],
    ]);
    assert.match(refreshed.stderr, /MATERIALIZED_VIEW_DIFFERS/);
    await run(server, "refreshed", "UPDATE lines SET body = 'other' WHERE id = 1");
    const both = await pgrehearse(args("refreshed"));
    assert.equal(both.status, 1);
    assert.deepEqual(told(both.verdict), ["ROWS_DIFFER public.lines"]);
    await run(server, source, "DELETE FROM orders WHERE id = 9001");
  });

  await t.step(
    "a sequence may be anywhere between its values before and after the dump, and nowhere else",
    async () => {
      const moved = (before: string, after: string) =>
        altered(`moved_${before}_${after}`, ({ sequences }) => {
          const tickets = sequences.find(({ name }) => name === "tickets")!;
          tickets.before.last_value = before;
          tickets.after.last_value = after;
        });
      for (
        const [before, after, status] of [["30", "50", 0], ["40", "41", 0], ["20", "39", 1], ["41", "50", 1]] as const
      ) {
        const path = await moved(before, after);
        const outcome = await pgrehearse(["compare", "--db-url", server.url("faithful"), "--manifest", path]);
        assert.equal(outcome.status, status, outcome.stdout);
        assert.deepEqual(outcome.verdict.notes?.map(({ code, object }) => [code, object]), [
          ["SEQUENCE_MOVED", "public.tickets"],
        ]);
        assert.deepEqual(told(outcome.verdict), status === 0 ? [] : ["SEQUENCE_VALUE_DIFFERS public.tickets"]);
      }
    },
  );

  await t.step("other versions and collations are notes", async () => {
    const path = await altered("elsewhere", (manifest) => {
      manifest.postgres.server = "14.3";
      manifest.database.collation_version = "2.17";
      const extension = manifest.definitions.find(({ kind }) => kind === "extension")!;
      extension.definition = extension.definition.replace(/^VERSION .*$/m, "VERSION 0.9");
    });
    const { status, verdict, stdout } = await pgrehearse([
      "compare",
      "--db-url",
      server.url("faithful"),
      "--manifest",
      path,
    ]);
    assert.equal(status, 0, stdout);
    assert.deepEqual(verdict.notes?.map(({ code }) => code).sort(), [
      "COLLATION_VERSION_DIFFERS",
      "EXTENSION_VERSION_DIFFERS",
      "SERVER_VERSION_DIFFERS",
    ]);
  });

  await t.step("an audit chain that differs, and one that is missing", async () => {
    const chained = await server.makeDatabase();
    const made = await pgrehearse(["workload", "--rows", "20", "--db-url", server.url(chained)]);
    assert.equal(made.status, 0, made.stdout);
    const backup = await makeBackup(server.url(chained), join(directory.path, "chained"));
    await copyDatabase(server, chained, "longer");
    await pgrehearse(["workload", "--rows", "1", "--db-url", server.url("longer")]);
    for (const [database, count] of [[chained, 0], ["longer", 1], ["faithful", 1]] as const) {
      const args = ["compare", "--db-url", server.url(database), "--manifest", manifestOf(backup)];
      const { verdict } = await pgrehearse(args);
      const findings = verdict.findings.filter(({ code }) => code === "CHAIN_DIFFERS");
      assert.equal(findings.length, count, said(verdict));
    }
  });

  await t.step("readers refuse a file that is not a manifest, a newer one, and one beyond 256 MiB", async () => {
    const file = (name: string) => join(directory.path, name);
    await Deno.writeTextFile(file("cut"), (await Deno.readTextFile(manifestPath)).slice(0, 500));
    await Deno.writeTextFile(file("other"), `{"schema": "something/v1"}`);
    await Deno.writeTextFile(file("lacking"), `{"schema": "pgrehearse.manifest/v1"}`);
    await Deno.writeTextFile(file("newer"), `{"schema": "pgrehearse.manifest/v2"}`);
    await Deno.writeTextFile(file("huge"), "{");
    await Deno.truncate(file("huge"), 256 * 1024 * 1024 + 1);
    const refusals = [
      ["cut", "MANIFEST_INVALID"],
      ["other", "MANIFEST_INVALID"],
      ["lacking", "MANIFEST_INVALID"],
      ["newer", "MANIFEST_TOO_NEW"],
      ["huge", "MANIFEST_TOO_LARGE"],
      ["nowhere", "MANIFEST_UNREADABLE"],
    ];
    for (const [name, code] of refusals) {
      const args = ["compare", "--db-url", server.url("faithful"), "--manifest", file(name)];
      const { status, verdict, stdout } = await pgrehearse(args);
      assert.equal(status, 2, stdout);
      assert.equal(verdict.findings[0].code, code, stdout);
      assert.doesNotMatch(stdout, /\.ts:/);
    }
  });

  await t.step(
    "manifest prints one that compares, without any row's value or password; a refusal is a verdict",
    async () => {
      await copyDatabase(server, source, "planted");
      await run(
        server,
        "planted",
        `CREATE TABLE secrets (id integer PRIMARY KEY, value text, kind text);
      INSERT INTO secrets VALUES (1, 'planted-value', 'planted-kind');
      CREATE EXTENSION postgres_fdw;
      CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
      CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'x', password 'planted-mapping');
      CREATE SUBSCRIPTION sub CONNECTION 'host=far password=planted-subscription' PUBLICATION p WITH (connect = false)`,
      );
      const url = server.url("planted").replace("postgres@", "postgres:planted-url@");
      const args = ["manifest", "--db-url", url, "--distribution", "secrets:kind", "--hash-values"];
      const { status, stdout, stderr } = await startPgrehearse(args).output();
      assert.equal(status, 0, stderr);
      const printed = manifestSchema.parse(JSON.parse(stdout));
      assert.equal(printed.distribution[0].is_hashed, true);
      assert.doesNotMatch(stdout + stderr, /planted-/);
      const path = join(directory.path, "printed.json");
      await Deno.writeTextFile(path, stdout);
      const same = await pgrehearse(["compare", "--db-url", server.url("planted"), "--manifest", path]);
      assert.equal(same.status, 0, same.stdout);
      await run(server, "planted", "ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub");

      const refused = await pgrehearse([
        "manifest",
        "--db-url",
        server.url("planted"),
        "--distribution",
        "nothing:at_all",
      ]);
      assert.equal(refused.status, 2);
      assert.equal(refused.verdict.findings[0].code, "DISTRIBUTION_TARGET_MISSING");
    },
  );
});
