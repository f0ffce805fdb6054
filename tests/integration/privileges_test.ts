import assert from "node:assert/strict";
import { join } from "node:path";
import type { DrillOptions } from "../../lib/jobs/drill/drill_options.ts";
import type { Manifest } from "../../lib/manifest/manifest.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { makeBackup, manifestOf, runDrill } from "../support/jobs.ts";
import { startTestServer } from "../support/server.ts";
import { traceableDirectory } from "../support/traces.ts";
import granted from "../../lib/selftest/granted.sql" with { type: "text" };

const said = (verdict: Verdict) => JSON.stringify(verdict, null, 2);
const found = ({ findings }: Verdict) => findings.map(({ code, object }) => `${code} ${object}`);

Deno.test("privileges", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(granted).simple();
  await sql.unsafe(`ALTER DATABASE ${name} OWNER TO seller`);
  const dump = await makeBackup(server.url(name), join(directory.path, "store"));

  await t.step("a drill restores owners and grants of every kind, compares them, and says so", async () => {
    const verdict = await runDrill(dump);
    assert.equal(verdict.verdict, "pass", said(verdict));
    assert.deepEqual(verdict.covers, [
      "rows",
      "large_objects",
      "sequences",
      "definitions",
      "owners",
      "grants",
      "default_privileges",
    ]);
  });

  const manifest = JSON.parse(await Deno.readTextFile(manifestOf(dump)));
  /** Drills the same dump with a manifest that says something else. */
  async function drillWith(change: (manifest: Manifest) => void, options: Partial<DrillOptions> = {}) {
    const copy = structuredClone(manifest);
    change(copy);
    await Deno.writeTextFile(manifestOf(dump), JSON.stringify(copy));
    return await runDrill(dump, options);
  }

  await t.step("what the manifest has otherwise is named: who, what, on what", async () => {
    const verdict = await drillWith(({ definitions, privileges }) => {
      const { grants, changed, large_objects } = privileges!;
      const of = (object: string) => grants.find(({ objects }) => objects.includes(object))!;
      of("market.orders").grants.push("DELETE TO idle BY OWNER");
      of("market.of_chief").grants.splice(0, 9, "ALL TO OWNER BY OWNER");
      of("for role chief on schemas").grants.push("CREATE TO idle BY OWNER");
      changed.find(({ objects }) => objects.includes("pg_catalog.pg_ls_waldir()"))!.grants.push("ALL TO idle BY OWNER");
      large_objects.find(({ ids }) => ids === "101")!.owner = "idle";
      definitions.find(({ identity }) => identity === "market.closed")!.owner = "idle";
    });
    assert.deepEqual(found(verdict), [
      "OWNER_DIFFERS market.closed",
      "GRANT_MISSING market.of_chief",
      "GRANT_EXTRA market.of_chief",
      "GRANT_MISSING market.orders",
      "OWNER_DIFFERS 101",
      "DEFAULT_PRIVILEGES_DIFFER for role chief on schemas",
      "GRANT_MISSING pg_catalog.pg_ls_waldir()",
    ], said(verdict));
    assert.deepEqual(verdict.findings[3].expected, ["DELETE TO idle BY OWNER"]);
    assert.deepEqual(verdict.assertions.find(({ name }) => name === "privileges_differing")!.actual, 7);
  });

  await t.step("without privileges, and of a manifest that has none, the proof covers none", async () => {
    for (
      const [change, options] of [
        [() => {}, { privileges: false }],
        [(copy: Manifest) => delete copy.privileges, {}],
      ] as const
    ) {
      const verdict = await drillWith(change, options);
      assert.equal(verdict.verdict, "pass", said(verdict));
      assert.deepEqual(verdict.covers, ["rows", "large_objects", "sequences", "definitions"]);
      assert.ok(!verdict.assertions.some(({ name }) => name === "privileges_differing"));
    }
  });

  await t.step(
    "into a server: where its superuser finds all roles, and else it is said that they were left out",
    async () => {
      const whole = await drillWith(() => {}, { into: server.url() });
      assert.equal(whole.verdict, "pass", said(whole));
      assert.ok(whole.covers!.includes("grants"));
      const part = await drillWith(({ privileges }) => privileges!.grants[0].grants.push("ALL TO nobody BY OWNER"), {
        into: server.url(),
      });
      assert.equal(part.verdict, "pass", said(part));
      assert.ok(!part.covers!.includes("grants"));
      assert.match(part.notes!.find(({ code }) => code === "PRIVILEGES_LEFT_OUT")!.message, /has no role nobody\./);
    },
  );

  await t.step("grants to roles that are gone, and by them, are no fault of the backup", async () => {
    const gone = await server.makeDatabase();
    const sql = await server.connect(gone);
    await sql.unsafe(`
      CREATE ROLE gone_giver; CREATE ROLE gone_taker; CREATE ROLE gone_owner;
      CREATE SCHEMA s AUTHORIZATION gone_owner; CREATE TABLE s.t (a integer); ALTER TABLE s.t OWNER TO gone_owner;
      GRANT USAGE ON SCHEMA s TO gone_giver; GRANT SELECT ON s.t TO gone_giver WITH GRANT OPTION; SET ROLE gone_giver;
      GRANT SELECT ON s.t TO reader; RESET ROLE; GRANT SELECT ON s.t TO gone_taker;
      DELETE FROM pg_authid WHERE rolname IN ('gone_giver', 'gone_taker')`).simple();
    await sql.end();
    const verdict = await runDrill(await makeBackup(server.url(gone), join(directory.path, "gone")));
    assert.equal(verdict.verdict, "pass", said(verdict));
    assert.ok(verdict.covers!.includes("grants"));
  });

  await sql.end();
});
