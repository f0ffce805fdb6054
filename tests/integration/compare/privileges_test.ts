import assert from "node:assert/strict";
import { join } from "node:path";
import { compare } from "../../../lib/jobs/compare/compare.ts";
import type { DrillOptions } from "../../../lib/jobs/drill/drill_backup.ts";
import { captureInSession } from "../../../lib/manifest/capture_database.ts";
import { privilegeNames, rightsOf } from "../../../lib/manifest/privileges/rights.ts";
import { privilegeWords } from "../../../lib/manifest/privileges/grants.ts";
import { captureDefinitions } from "../../../lib/manifest/definitions/definitions.ts";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { jobOptions, makeBackup, manifestOf, runDrill } from "../../support/jobs.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import granted from "../../../lib/selftest/granted.sql" with { type: "text" };
import { said } from "../../support/verdicts.ts";

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
      "rights",
      "globals",
      "database_properties",
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
      const ofDatabase = verdict.covers!.filter((what) => !/^(globals|database_properties)$/.test(what));
      assert.deepEqual(ofDatabase, ["rows", "large_objects", "sequences", "definitions"]);
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

  await t.step("what roles can do is what the server says that they can", async () => {
    await sql.unsafe("BEGIN");
    const { privileges, definitions, postgres } = await captureInSession(sql, {});
    const rights = rightsOf({ ...privileges!, definitions, version: postgres.server_version_num });
    const said = await sql<{ role: string; kind: string; object: string; privilege: string }[]>`
      WITH roles AS (SELECT oid, rolname::text AS role FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_'),
      given AS (
        SELECT unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'USAGE',
          'CREATE', 'EXECUTE']) AS word
      ),
      asked AS (SELECT word AS privilege, word AS asked FROM given UNION ALL SELECT word || '*', word || ' WITH GRANT OPTION' FROM given),
      relation AS (SELECT *, 'market.' || quote_ident(relname) AS identity FROM pg_class WHERE relnamespace = 'market'::regnamespace)
      SELECT role, CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'materialized_view' END AS kind, identity AS object, privilege
      FROM roles, relation AS c, asked
      WHERE relkind IN ('r', 'v', 'm') AND asked ~ '^(SELECT|INSERT|UPDATE|DELETE|TRUNCATE|REFERENCES|TRIGGER)'
        AND has_table_privilege(roles.oid, c.oid, asked)
      UNION ALL
      SELECT role, 'sequence', identity, privilege FROM roles, relation AS c, asked
      WHERE relkind = 'S' AND asked ~ '^(SELECT|UPDATE|USAGE)' AND has_sequence_privilege(roles.oid, c.oid, asked)
      UNION ALL
      SELECT role, 'column', identity || '.' || quote_ident(attname), privilege
      FROM roles, asked, relation AS c JOIN pg_attribute AS a ON attrelid = c.oid
      WHERE attacl IS NOT NULL AND asked ~ '^(SELECT|INSERT|UPDATE|REFERENCES)' AND has_column_privilege(roles.oid, c.oid, attnum, asked)
      UNION ALL
      SELECT role, 'schema', nspname, privilege FROM roles, pg_namespace AS n, asked
      WHERE nspname IN ('market', 'public') AND asked ~ '^(USAGE|CREATE)' AND has_schema_privilege(roles.oid, n.oid, asked)
      UNION ALL
      SELECT role, CASE prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
        format('market.%I(%s)', proname, oidvectortypes(proargtypes)), privilege
      FROM roles, pg_proc AS p, asked
      WHERE pronamespace = 'market'::regnamespace AND asked ~ '^EXECUTE' AND has_function_privilege(roles.oid, p.oid, asked)
      UNION ALL
      SELECT role, CASE typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'composite_type' END, 'market.' || typname, privilege
      FROM roles, pg_type AS t, asked
      WHERE typname IN ('mood', 'positive', 'pair') AND asked ~ '^USAGE' AND has_type_privilege(roles.oid, t.oid, asked)
      UNION ALL
      SELECT role, 'foreign_server', srvname, privilege FROM roles, pg_foreign_server AS s, asked
      WHERE asked ~ '^USAGE' AND has_server_privilege(roles.oid, s.oid, asked)
      UNION ALL
      SELECT role, 'foreign_data_wrapper', fdwname, privilege FROM roles, pg_foreign_data_wrapper AS w, asked
      WHERE asked ~ '^USAGE' AND has_foreign_data_wrapper_privilege(roles.oid, w.oid, asked)`;
    await sql.unsafe("ROLLBACK");
    const lines = new Set(
      said.map(({ role, kind, object, privilege }) => `${role}: ${privilege} on ${kind} ${object}`),
    );
    const own = new Set<string>();
    for (const { name } of privileges!.roles.filter((role) => !role.is_superuser && !/^pg_/.test(role.name))) {
      for (const kind of new Set(said.map(({ kind }) => kind))) {
        for (const [object, mask] of rights.on(name, kind)) {
          if (/^(pg_catalog|information_schema)\./.test(object)) continue;
          const plain = mask & (1 << privilegeWords.length) - 1;
          for (const word of [...privilegeNames(plain), ...privilegeNames(mask ^ plain)]) {
            own.add(`${name}: ${word} on ${kind} ${object}`);
          }
        }
      }
    }
    assert.ok(own.size > 300);
    assert.deepEqual([...own].filter((line) => !lines.has(line)), []);
    assert.deepEqual([...lines].filter((line) => !own.has(line)), []);
  });

  await t.step("on a server with other memberships the same grants are other rights", async () => {
    await sql.unsafe(
      "GRANT readers TO idle; REVOKE seller FROM deputy; ALTER ROLE guard NOBYPASSRLS; CREATE ROLE eve IN ROLE seller",
    ).simple();
    const verdict = await drillWith(() => {}, { into: server.url() });
    assert.deepEqual(found(verdict), [
      "ROLE_CAN_LESS deputy",
      "ROW_SECURITY_DIFFERS deputy",
      "ROW_SECURITY_DIFFERS guard",
      "ROLE_CAN_MORE idle",
      "ROW_SECURITY_DIFFERS idle",
      "ROLE_CAN_MORE eve",
    ], said(verdict));
    assert.match(verdict.findings[0].message, /^deputy no longer has: .* on the \w+ (\w+ )?market\b/);
    assert.equal(verdict.findings.at(-1)!.severity, "warning");

    const compared = (privileges?: boolean) =>
      compare({ ...jobOptions(), manifest: manifestOf(dump), dbUrl: server.url(name), privileges });
    assert.deepEqual(found(await compared(true)), found(verdict));
    assert.deepEqual(found(await compared()), []);
  });

  await t.step("owners and grants of an earlier build's manifest are compared in the same words", async () => {
    await Deno.writeTextFile(manifestOf(dump), JSON.stringify(manifest));
    const copy: Manifest = structuredClone(manifest);
    delete copy.privileges;
    await sql.unsafe("BEGIN");
    copy.definitions = (await captureDefinitions(sql)).map(({ acl = [], column_acl = [], ...definition }) => ({
      ...definition,
      ...acl.length + column_acl.length > 0 && { acl: [...acl, ...column_acl] },
    }));
    await sql.unsafe("ROLLBACK");
    const earlier = join(directory.path, "earlier.manifest.json");
    const compared = async () => {
      await Deno.writeTextFile(earlier, JSON.stringify(copy));
      return found(
        await compare({ ...jobOptions(), manifest: earlier, dbUrl: server.url(name), privileges: true }),
      );
    };
    assert.deepEqual(await compared(), []);
    const of = (identity: string) => copy.definitions.find((each) => each.identity === identity)!;
    of("market.sorted").owner = "idle";
    of("market.orders").acl!.push("idle=d/seller", "column id: idle=w/seller");
    of("market.seen").acl = undefined;
    assert.deepEqual(await compared(), [
      "OWNER_DIFFERS market.sorted",
      "GRANT_MISSING market.orders.id",
      "GRANT_MISSING market.orders",
      "GRANT_EXTRA market.seen",
    ]);
  });

  await t.step("grants to roles that are gone, and by them, are not a fault of the backup", async () => {
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
