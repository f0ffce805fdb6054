import assert from "node:assert/strict";
import { join } from "node:path";
import type { IncidentRecord } from "../../../lib/jobs/restore/incident_record.ts";
import granted from "../../../lib/selftest/granted.sql" with { type: "text" };
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { makeBackup, runRestore } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { said } from "../../support/verdicts.ts";

const found = ({ findings }: Verdict) => findings.map(({ code, object }) => `${code} ${object}`);
const mapping = (roles: [string, string][], owner?: string) => ({ owner, roles: new Map(roles) });

const hostile = `it's "odd", TO x BY y=r/z`;
/** Roles that change places, are equal but for case, become one, or get names that look like SQL. */
const everyRole: [string, string][] = [
  ["seller", "Seller"],
  ["Seller", "seller"],
  ["readers", `"; DROP TABLE market.orders; --`],
  [hostile, "set"],
  ["PUBLIC", "public x"],
  ["OWNER", "with"],
  ["naïve", "größe, TO a"],
  ["a", "b"],
  ["b", "a"],
  ["c", "a\\b'c"],
  ["chief", "boss"],
  ["idle", "Idle $1"],
];

Deno.test("roles are mapped", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe(granted).simple();
  await sql.unsafe(`
    CREATE USER MAPPING FOR "Seller" SERVER far_server; CREATE USER MAPPING FOR PUBLIC SERVER far_server;
    GRANT SELECT ON market.orders TO seller;
    ALTER ROLE seller SET work_mem = '5MB'; ALTER DATABASE ${name} OWNER TO seller`).simple();
  const dump = await makeBackup(server.url(name), join(directory.path, "store"));

  for (const format of ["custom", "directory"] as const) {
    await t.step(`every role of a backup in ${format} format gets another name, and all compares clean`, async () => {
      const own = format === "custom"
        ? dump
        : await makeBackup(server.url(name), join(directory.path, "directory"), { format, jobs: 2 });
      await using other = await startTestServer();
      const restored = await runRestore(own, other.url("shop"), {
        roles: "create",
        mapping: mapping(everyRole),
        mode: "swap",
      });
      assert.equal(restored.verdict, "pass", said(restored));
      assert.deepEqual(restored.findings, [], said(restored));
      assert.ok(restored.covers!.includes("rights"));
      assert.ok(restored.notes!.some(({ code }) => code === "ROLES_MAPPED"));
      const there = await other.connect("shop");
      const [state] = await there`
        SELECT
          pg_get_userbyid(relowner) AS orders,
          (SELECT string_agg(rolname, ', ' ORDER BY rolname COLLATE "C") FROM pg_roles, unnest(polroles) AS one WHERE one = pg_roles.oid) AS policy,
          (SELECT string_agg(usename, ', ') FROM pg_user_mappings WHERE umuser <> 0) AS mapped,
          (SELECT setconfig[1] FROM pg_db_role_setting WHERE setrole = '"Seller"'::regrole) AS setting,
          has_table_privilege('größe, TO a', 'market.orders', 'TRUNCATE') AS ofnaive,
          (SELECT count(*)::int FROM pg_roles WHERE rolname IN ('chief', 'idle', 'c', 'OWNER')) AS old
        FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid AND polname = 'own'
        WHERE pg_class.oid = 'market.orders'::regclass`;
      await there.end();
      assert.deepEqual({ ...state }, {
        orders: "Seller",
        policy: `"; DROP TABLE market.orders; --, seller`,
        mapped: "seller",
        setting: "work_mem=5MB",
        ofnaive: true,
        old: 0,
      });
    });
  }

  await using other = await startTestServer();
  const there = await other.connect();

  await t.step("what differs from the mapped backup is still found, and promoting it compares the same", async () => {
    const mapped = { roles: "create", mapping: mapping(everyRole) } as const;
    const database = await other.makeDatabase();
    await there.unsafe("CREATE ROLE a; CREATE ROLE helper BYPASSRLS; CREATE ROLE readers; GRANT pg_read_all_data TO a")
      .simple();
    const beside = await runRestore(dump, other.url(database), mapped);
    assert.deepEqual(found(beside), ["ROLE_CAN_MORE a"], said(beside));
    await there.unsafe("REVOKE pg_read_all_data FROM a").simple();
    const again = await runRestore(dump, other.url(database), mapped);
    assert.equal(again.verdict, "pass", said(again));
    const record: IncidentRecord = JSON.parse(await Deno.readTextFile(again.restore_record!));
    assert.equal(record.mapped_roles!.roles.chief, "boss");
    const promoted = await pgrehearse([
      ...["restore", "--promote", again.restore_record!, "--target-url", other.url(database)],
      ...["--operator", "ann", "--approved-by", "bob", "--reason", "a test", "--confirm", database],
    ]);
    assert.equal(promoted.status, 0, promoted.stderr);
  });

  await t.step("without them nothing is restored: all that are missing are named, with what makes them", async () => {
    const verdict = await runRestore(dump, other.url("shop"), {
      mapping: mapping([...everyRole, ["reader", "Reader"], ["deputy", 'it\'s "odd"']]),
    });
    assert.equal(verdict.verdict, "unknown");
    const [{ code, detail }] = verdict.findings;
    assert.equal(code, "ROLE_MISSING");
    assert.match(detail!, /^CREATE ROLE "Reader" WITH NOLOGIN NOINHERIT;$/m);
    assert.match(detail!, /^CREATE ROLE "it's ""odd""" WITH NOLOGIN INHERIT;$/m);
    assert.match(detail!, /^GRANT """; DROP TABLE market.orders; --" TO "Reader"/m);
    assert.doesNotMatch(detail!, /CREATE ROLE "(?!Reader|it)|chief/);
    assert.deepEqual(await there`SELECT FROM pg_database WHERE datname LIKE 'shop%'`.then(({ length }) => length), 0);
  });

  await t.step("one owner for everything, and roles that become one, compare clean: beside and in place", async () => {
    await using third = await startTestServer();
    const merged = everyRole.map(([old, now]): [string, string] => [
      old,
      /^(seller|readers)$/i.test(old) ? "app" : now,
    ]);
    const database = await third.makeDatabase();
    for (const mode of ["swap", "in_place"] as const) {
      const verdict = await runRestore(dump, third.url(database), {
        roles: "create",
        mapping: mapping(merged, "land lord"),
        mode,
      });
      assert.equal(verdict.verdict, "pass", said(verdict));
      assert.deepEqual(verdict.findings, []);
      const inside = await third.connect(database);
      const owners = await inside`
        SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'market'::regnamespace
        UNION SELECT pg_get_userbyid(lomowner) FROM pg_largeobject_metadata`;
      assert.deepEqual(owners.map(({ owner }) => owner), ["land lord"]);
      await inside.end();
    }
  });

  await t.step("a role that the backup does not have is refused, and so is what is not old=new", async () => {
    const unknown = await runRestore(dump, other.url("shop2"), { mapping: mapping([["sellr", "x"], ["seller", "y"]]) });
    assert.deepEqual([unknown.verdict, unknown.findings[0].code], ["unknown", "ROLE_MAP_REFUSED"]);
    assert.match(unknown.findings[0].message, /does not have: sellr\./);
    const run = (...options: string[]) => pgrehearse(["restore", dump, "--target-url", other.url("shop2"), ...options]);
    for (
      const options of [
        ["--map-role", "seller"],
        ["--map-role", "a=x", "--map-role", "a=y"],
        ["--owner", "x", "--roles", "skip"],
      ]
    ) {
      const { status, stderr } = await run(...options);
      assert.equal(status, 2);
      assert.match(stderr, /--map-role|--owner/);
    }
    const quoted = await run("--map-role", `"${hostile.replaceAll('"', '""')}"="y=z"`);
    assert.equal(quoted.verdict.findings[0].code, "ROLE_MISSING", quoted.stderr);
    assert.match(quoted.verdict.findings[0].detail!, /CREATE ROLE "y=z"/);
  });

  await there.end();
  await sql.end();
});
