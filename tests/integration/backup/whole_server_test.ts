import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { manifestSchema } from "../../../lib/manifest/manifest_schema.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";

const roles = `
  CREATE ROLE "Odd 'na''me""" SUPERUSER LOGIN CONNECTION LIMIT 3 VALID UNTIL '2030-01-01';
  CREATE ROLE app LOGIN PASSWORD 'planted-password';
  CREATE ROLE "App" NOINHERIT CREATEDB;
  CREATE ROLE reports;
  GRANT reports TO app WITH ADMIN OPTION;
  GRANT "App", pg_monitor TO app;
  ALTER ROLE app SET search_path = shop, "B c";
  ALTER ROLE app SET app.jwt = 'planted-setting';
  COMMENT ON ROLE app IS 'the shop itself';
  CREATE ROLE backup LOGIN IN ROLE pg_read_all_data;
  CREATE DATABASE shop CONNECTION LIMIT 7;
  CREATE DATABASE "Ten.ant 1";
  CREATE DATABASE closed;
  COMMENT ON DATABASE shop IS 'what is sold';
  REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
  GRANT CONNECT ON DATABASE shop TO app, backup;
  ALTER DATABASE shop SET work_mem = '9MB';
  ALTER ROLE app IN DATABASE shop SET work_mem = '11MB'`;

Deno.test("a whole cluster", async (t) => {
  await using server = await startTestServer();
  const directory = await Deno.makeTempDir({ prefix: "pgr-cluster-" });
  const sql = await server.connect();
  for (const statement of roles.split(";\n")) await sql.unsafe(statement);
  for (const database of ["shop", "Ten.ant 1", "closed"]) {
    const inside = await server.connect(database);
    await inside.unsafe("CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, 50) AS n");
    await inside.unsafe("ALTER TABLE orders OWNER TO app");
    await inside.end();
  }
  await sql.unsafe("ALTER DATABASE closed ALLOW_CONNECTIONS false");
  const namesIn = async (store: string) =>
    (await Array.fromAsync(Deno.readDir(store), ({ name }) => name.replace(/-\d{8}T\d{6}Z/, ""))).sort();
  const manifestOf = async (path: string): Promise<Manifest> =>
    manifestSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  let stores = 0;
  const newStore = () => join(directory, `store${++stores}`);

  await t.step("a backup says who may do what, and holds no password and no secret of a setting", async () => {
    const to = newStore();
    const url = server.url("shop").replace("postgres@", "backup@");
    const { status, verdict, stderr } = await pgrehearse(["backup", "--db-url", url, "--to", to]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(verdict.findings, []);
    const path = verdict.backup!.manifest!;
    const text = await Deno.readTextFile(path);
    assert.equal(/planted/.test(text), false);
    const { globals } = await manifestOf(path);
    assert.equal(globals!.is_of_snapshot, true);
    const role = (name: string) => globals!.roles.find((role) => role.name === name)!;
    const { superuser, login, connection_limit, valid_until } = role(`Odd 'na''me"`);
    assert.deepEqual([superuser, login, connection_limit, valid_until], [true, true, 3, "2030-01-01 00:00:00+00"]);
    assert.deepEqual([role("App").inherit, role("App").createdb, role("app").comment], [
      false,
      true,
      "the shop itself",
    ]);
    assert.deepEqual(
      globals!.memberships.map(({ role, member, admin }) => `${member} in ${role}${admin ? " (admin)" : ""}`),
      ["app in App", "backup in pg_read_all_data", "app in pg_monitor", "app in reports (admin)"].sort((a, b) =>
        a.replace(/.* in /, "") < b.replace(/.* in /, "") ? -1 : 1
      ),
    );
    assert.deepEqual(
      globals!.settings.map(({ role, database, name, value }) => [role, database, name, value]),
      [
        ["app", null, "app.jwt", undefined],
        ["app", null, "search_path", 'shop, "B c"'],
        ["app", "shop", "work_mem", "11MB"],
        [null, "shop", "work_mem", "9MB"],
      ],
    );
    const shop = globals!.databases.find(({ name }) => name === "shop")!;
    assert.deepEqual([shop.connection_limit, shop.comment], [7, "what is sold"]);
    assert.deepEqual(shop.acl.map((item) => item.split("/")[0]), ["=T", "app=c", "backup=c", "postgres=CTc"]);
    const file = await Deno.readTextFile(path.replace("manifest.json", "globals.sql"));
    assert.match(file, /CREATE ROLE app;/);
    assert.doesNotMatch(file, /PASSWORD|planted-password/);
  });

  await t.step("a file of roles that is another one is damage; one that is gone is said to be", async () => {
    const to = newStore();
    const { verdict } = await pgrehearse(["backup", "--db-url", server.url("shop"), "--to", to]);
    const path = verdict.backup!.path.replace(/dump$/, "globals.sql");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace("NOSUPERUSER", "  SUPERUSER"));
    const drill = async () => {
      const { status, verdict: { findings: [finding] } } = await pgrehearse(["drill", "--latest", "--from", to]);
      return [status, finding.code, finding.object];
    };
    assert.deepEqual(await drill(), [1, "DUMP_ALTERED", path]);
    await Deno.remove(path);
    // Rows are not in it: they come back, and what does not is said.
    const lacking = await pgrehearse(["drill", "--latest", "--from", to]);
    assert.deepEqual([lacking.status, lacking.verdict.findings], [0, []]);
    assert.deepEqual(lacking.verdict.notes!.map(({ code }) => code), ["PART_MISSING", "GLOBALS_NOT_PROVEN"]);
    const { verdict: { findings } } = await pgrehearse(["status", "--from", to]);
    assert.ok(findings.some(({ code, severity }) => code === "PART_MISSING" && severity === "warning"));
  });

  await t.step("passwords go into their own encrypted file, or nowhere", async () => {
    const to = newStore();
    const identity = join(directory, "identity");
    const { verdict: { recipient } } = await pgrehearse(["keygen", "--output", identity]);
    const backup = (url: string, ...options: string[]) =>
      pgrehearse(["backup", "--db-url", url, "--to", to, "--with-password-hashes", ...options]);
    const plain = await backup(server.url("shop"));
    assert.deepEqual([plain.status, plain.verdict.findings[0].code], [2, "PASSWORDS_NOT_ENCRYPTED"]);
    const made = await backup(server.url("shop"), "--encrypt", recipient!);
    assert.equal(made.status, 0, made.stderr);
    assert.deepEqual(await namesIn(to), [
      "shop.dump.age",
      "shop.globals.sql.age",
      "shop.manifest.json",
      "shop.passwords.sql.age",
    ]);
    const { globals } = await manifestOf(made.verdict.backup!.manifest!);
    assert.deepEqual(globals!.passwords!.roles, ["app"]);
    assert.equal(JSON.stringify(globals).includes("SCRAM-SHA-256"), false);
    const drilled = await pgrehearse(["drill", "--latest", "--from", to, "--identity", identity]);
    assert.equal(drilled.verdict.proof, "exact", drilled.stderr);
    const blind = await backup(server.url("shop").replace("postgres@", "app@"), "--encrypt", recipient!);
    assert.equal(blind.status, 0, blind.stderr);
    const [{ code, message }] = blind.verdict.findings;
    assert.equal(code, "PASSWORDS_UNREADABLE");
    assert.match(message, /app, backup/);
    assert.equal((await pgrehearse(["prune", "--from", to, "--keep-last", "1", "--yes"])).status, 0);
  });

  await t.step(
    "every database is backed up but those that are excluded or accept no connection, which is said",
    async () => {
      const to = newStore();
      await server.makeDatabase();
      const { status, verdict, stderr } = await pgrehearse(
        ["backup", "--all-databases", "--exclude-database", "test_*", "--db-url", server.url(), "--to", to],
      );
      assert.equal(status, 0, stderr);
      assert.deepEqual(verdict.restored!.map(({ database }) => database), ["Ten.ant 1", "shop"]);
      assert.deepEqual(verdict.findings.map(({ code, object }) => [code, object]), [["DATABASE_LEFT_OUT", "closed"]]);
      const { set } = await manifestOf(verdict.backup!.manifest!);
      assert.deepEqual([set!.scope, Object.keys(set!.members)], ["server", ["Ten.ant 1", "shop"]]);
      assert.deepEqual(set!.left_out!.map(({ database }) => database).sort(), [
        "closed",
        "postgres",
        "template1",
        "test_1",
      ]);
      assert.equal((await namesIn(to)).length, 6);
    },
  );

  await t.step("status notices a database of the server that no backup holds", async () => {
    const store = newStore();
    const backup = (...args: string[]) => pgrehearse(["backup", "--to", store, ...args]);
    const exclude = ["--exclude-database", "test_*", "--exclude-database", "closed"];
    assert.equal((await backup("--all-databases", ...exclude, "--db-url", server.url())).status, 0);
    const whole = await pgrehearse(["status", "--from", store]);
    assert.ok(!whole.verdict.notes?.some(({ code }) => code === "DATABASES_NOT_BACKED_UP"), whole.stdout);
    await sql.unsafe("CREATE DATABASE latecomer");
    assert.equal((await backup("--db-url", server.url("shop"))).status, 0);
    const later = await pgrehearse(["status", "--from", store]);
    const [noticed] = later.verdict.notes!;
    assert.equal(noticed.code, "DATABASES_NOT_BACKED_UP");
    assert.match(noticed.message, /latecomer/);
    assert.doesNotMatch(noticed.message, /Ten.ant 1|template1/);
    await sql.unsafe("DROP DATABASE latecomer");
  });

  await t.step(
    "a drill of them puts back the whole server, and compares its roles with what the file makes",
    async () => {
      const store = newStore();
      const exclude = ["--exclude-database", "test_*", "--exclude-database", "closed"];
      const made = await pgrehearse(["backup", "--all-databases", ...exclude, "--db-url", server.url(), "--to", store]);
      assert.equal(made.status, 0, made.stderr);
      const drill = (...args: string[]) => pgrehearse(["drill", "--latest", "--from", store, ...args]);
      const { status, verdict, stderr } = await drill();
      assert.equal(status, 0, stderr);
      assert.equal(verdict.proof, "exact");
      assert.deepEqual(verdict.findings, []);
      assert.deepEqual(verdict.restored!.map(({ database, proof }) => [database, proof]), [
        ["Ten.ant 1", "exact"],
        ["shop", "exact"],
      ]);
      assert.equal(verdict.phases.filter(({ name }) => name.endsWith("cluster")).length, 1);
      for (const name of ["Ten.ant 1", "shop"]) {
        const compared = verdict.assertions.filter((each) => each.name === `${name}/database_properties_differing`);
        assert.equal(compared.length, 1, name);
      }
      const one = await drill("--database", "shop");
      assert.deepEqual([one.status, one.verdict.restored, one.verdict.backup!.database], [0, undefined, "shop"]);
      const named = await pgrehearse(["drill", "--all-databases", one.verdict.backup!.path]);
      assert.deepEqual([named.status, named.verdict.restored!.length], [0, 2], named.stderr);

      await using other = await startTestServer();
      const restore = (...args: string[]) =>
        pgrehearse(["restore", "--all-databases", "--from", store, "--target-url", other.url(), "--swap", ...args]);
      const refused = await restore("--roles", "require");
      assert.deepEqual([refused.status, refused.verdict.findings[0].code], [2, "ROLE_MISSING"]);
      assert.match(refused.verdict.findings[0].detail!, /^CREATE ROLE "app" WITH LOGIN INHERIT;$/m);
      const target = await other.connect();
      const databases = () => target`SELECT datname FROM pg_database WHERE datname IN ('shop', 'Ten.ant 1')`;
      assert.equal((await databases()).length, 0);
      await target.unsafe("CREATE ROLE reports CREATEDB");
      const back = await restore("--roles", "create");
      assert.equal(back.status, 0, back.stderr);
      assert.deepEqual(back.verdict.restored!.map(({ proof }) => proof), ["exact", "exact"]);
      assert.deepEqual(back.verdict.findings.map(({ code }) => code), ["ROLES_DIFFER"]);
      assert.match(
        back.verdict.notes!.find(({ code }) => code === "ROLES_MADE")!.message,
        /password.*: Odd 'na''me", app/,
      );
      const [state] = await target`
      SELECT
        (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'reports') AS untouched,
        (SELECT rolpassword FROM pg_authid WHERE rolname = 'app') AS password,
        pg_has_role('app', 'reports', 'MEMBER WITH ADMIN OPTION') AS member,
        (SELECT pg_get_userbyid(datdba) || ' ' || datconnlimit FROM pg_database WHERE datname = 'shop') AS shop,
        (SELECT count(*)::int FROM pg_db_role_setting, unnest(setconfig)) AS settings`;
      assert.deepEqual({ ...state }, {
        untouched: true,
        password: null,
        member: true,
        shop: "postgres 7",
        settings: 4,
      });
      await target.end();

      // As if pg_dumpall had written something else than what was there; the manifest vouches for it.
      const path = one.verdict.backup!.path.replace(/dump$/, "globals.sql");
      const text = (await Deno.readTextFile(path))
        .replace('CREATE ROLE "App";\n', "")
        .replace(/^ALTER ROLE "App" .*$/m, "CREATE ROLE intruder;")
        .replace(/(?<=^ALTER ROLE app WITH )NOSUPERUSER/m, "SUPERUSER")
        .replace("'planted-setting'", "'other'")
        .replace(/^GRANT reports TO app WITH ADMIN OPTION/m, "GRANT reports TO app")
        .replace(/^GRANT pg_monitor TO app.*$/m, "");
      await Deno.writeTextFile(path, text);
      const manifest = JSON.parse(await Deno.readTextFile(one.verdict.backup!.manifest!));
      const bytes = new TextEncoder().encode(text);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      Object.assign(manifest.globals.file, { size_bytes: bytes.length, sha256: digest });
      manifest.globals.databases.find(({ name }: { name: string }) => name === "shop").connection_limit = 8;
      await Deno.writeTextFile(one.verdict.backup!.manifest!, JSON.stringify(manifest, null, 2));
      const wrong = await drill("--database", "shop");
      assert.equal(wrong.status, 1);
      assert.deepEqual(
        wrong.verdict.findings.map(({ code, object }) => `${code} ${object}`).sort(),
        [
          "DATABASE_DIFFERS shop",
          "MEMBERSHIP_DIFFERS pg_monitor to app",
          "MEMBERSHIP_DIFFERS reports to app",
          "ROLE_DIFFERS app",
          "ROLE_EXTRA intruder",
          "ROLE_MISSING App",
          "SETTING_DIFFERS The role app: app.jwt",
        ],
      );
      assert.equal(/planted/.test(JSON.stringify(wrong.verdict.findings)), false);
    },
  );

  await t.step("roles of every kind come back, and what pg_dumpall leaves out is said", async () => {
    const statements = [
      `CREATE ROLE "SELECT"`,
      `CREATE ROLE "select"`,
      `CREATE ROLE "back\\slash; DROP"`,
      `COMMENT ON ROLE "select" IS 'it''s \\ "x";\n-- no comment'`,
      `ALTER ROLE "select" SET "x.y" = E'one\ntwo; DROP ROLE app'`,
      `ALTER ROLE "select" SET search_path = '"$user"', public`,
      `CREATE ROLE gone`,
      `GRANT reports TO gone WITH ADMIN OPTION`,
      `SET ROLE gone`,
      `GRANT reports TO "SELECT"`,
      `RESET ROLE`,
      `DROP ROLE gone`,
      `ALTER ROLE ALL SET statement_timeout = '77s'`,
    ];
    for (const statement of statements) await sql.unsafe(statement);
    const store = newStore();
    const made = await pgrehearse(["backup", "--db-url", server.url("shop"), "--to", store]);
    assert.deepEqual(made.verdict.findings.map(({ code }) => code), ["SETTINGS_OF_ALL_LEFT_OUT"]);
    const { status, verdict } = await pgrehearse(["drill", "--latest", "--from", store]);
    assert.deepEqual([status, verdict.proof], [0, "exact"], JSON.stringify(verdict.findings));
    assert.ok(verdict.covers!.includes("globals"));
  });

  await sql.end();
  await Deno.remove(directory, { recursive: true });
});
