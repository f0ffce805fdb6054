import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { writeProgram } from "../../support/write_program.ts";
import { startTestServer } from "../../support/server.ts";

const secret = "hunter2-s3cret";

const refusals: { args: string[]; code: string; says: RegExp }[] = [
  { args: [], code: "USAGE", says: /No command/ },
  { args: ["smok"], code: "USAGE", says: /Did you mean smoke\?/ },
  { args: ["smoke", "--row", "3"], code: "USAGE", says: /Did you mean --rows\?/ },
  { args: ["smoke", "extra"], code: "USAGE", says: /too many arguments/i },
  { args: ["smoke", "--in-place"], code: "USAGE", says: /--db-url or DATABASE_URL/ },
  ...["0", "-1", "1.5", "1e3", "ten", "10000001", ""].map((rows) => ({
    args: ["smoke", `--rows=${rows}`],
    code: "USAGE",
    says: /whole number from 1 to 10000000/,
  })),
  { args: ["smoke", "--wait", "soon", "--db-url", "postgresql:///x"], code: "USAGE", says: /duration/ },
  ...["jobs=acme", "jobs:tenant", "jobs:tenant=", "jobs:tenant=acme,,globex"].map((text) => ({
    args: ["backup", "--to", "/nonexistent", "--require-values", text],
    code: "USAGE",
    says: /table:column=value,value/,
  })),
  { args: ["smoke", "--pg-bin", "/nonexistent"], code: "PG_TOOLS_MISSING", says: /\/nonexistent/ },
  { args: ["smoke", "--keep", "/dev/null/x"], code: "CANNOT_MAKE_DIRECTORY", says: /\/dev\/null\/x/ },
  { args: ["smoke", "--migrations-path", "/nonexistent"], code: "MIGRATIONS_UNREADABLE", says: /\/nonexistent/ },
  { args: ["verify", "--db-url", `postgresql://u:${secret}@[bad`], code: "BAD_DB_URL", says: /./ },
  { args: ["verify", `--db-ulr=postgresql://u:${secret}@h/d`], code: "USAGE", says: /Did you mean --db-url\?/ },
  {
    args: ["verify", "--wait", "0", "--db-url", `postgresql://u:${secret}@127.0.0.1:1/d`],
    code: "CANNOT_CONNECT",
    says: /127\.0\.0\.1:1.*refused/,
  },
];

for (const { args, code, says } of refusals) {
  Deno.test(`usage: ${JSON.stringify(args).replace(secret, "…")} is exit 2, ${code}, with a verdict`, async () => {
    const { status, verdict, stdout, stderr } = await pgrehearse(args);
    assert.equal(status, 2);
    assert.equal(verdict.verdict, "unknown");
    assert.equal(verdict.findings.length, 1);
    assert.equal(verdict.findings[0].code, code);
    assert.match(`${verdict.findings[0].message} ${verdict.findings[0].fix}`, says);
    assert.equal((stdout + stderr).includes(secret), false, "the password leaked");
    assert.doesNotMatch(stdout + stderr, /\bat .*\.ts:\d+/, "a stack trace for a user's mistake");
  });
}

Deno.test("usage: a pg_dump older than the server is exit 2, naming both and the fix", async () => {
  const bin = await Deno.makeTempDir();
  for (const [name, version] of Object.entries({ pg_dump: 9, pg_restore: 9, initdb: 15, postgres: 15 })) {
    await writeProgram(join(bin, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}.6"\n`);
  }
  const { status, verdict } = await pgrehearse(["smoke", "--pg-bin", bin]);
  await Deno.remove(bin, { recursive: true });
  assert.equal(status, 2);
  const [{ code, message, fix }] = verdict.findings;
  assert.equal(code, "PG_DUMP_TOO_OLD");
  assert.match(message, /pg_dump 9\.6 .*server, which is PostgreSQL 15/);
  assert.match(fix, /Install the PostgreSQL 15 client/);
});

Deno.test("usage: --pg-bin takes client and server programs from several directories, the nearest version of each", async () => {
  const root = await Deno.makeTempDir();
  const write = async (directory: string, version: number, names: string[]) => {
    await Deno.mkdir(join(root, directory));
    for (const name of names) {
      const script = `#!/bin/sh\necho "${name} (PostgreSQL) ${version}.6"\n`;
      await writeProgram(join(root, directory, name), script);
    }
  };
  await write("newer", 18, ["pg_dump", "pg_restore"]);
  await write("client", 17, ["pg_dump", "pg_restore"]);
  await write("server", 16, ["initdb", "postgres"]);
  await write("older", 15, ["initdb", "postgres"]);
  await Deno.chmod(root, 0o755);
  const bin = ["newer", "client", "nowhere", "server", "older"].map((name) => join(root, name)).join(":");
  for (const invocation of [{ args: ["--pg-bin", bin] }, { args: [], env: { PGREHEARSE_PG_BIN: bin } }]) {
    const { verdict } = await pgrehearse(["smoke", ...invocation.args], invocation);
    assert.deepEqual([verdict.postgres.server, verdict.postgres.pg_dump], ["16.6", "17.6"]);
  }
  await Deno.remove(root, { recursive: true });
});

Deno.test("usage: --help ends with the exit status and an example; --version is one line", async () => {
  for (
    const command of [
      "backup",
      "drill",
      "restore",
      "doctor",
      "selftest",
      "list",
      "status",
      "prune",
      "keygen",
      "compare",
      "manifest",
      "smoke",
      "workload",
      "verify",
    ]
  ) {
    const { status, stdout, stderr } = await startPgrehearse([command, "--help"]).output();
    assert.equal(status, 0);
    assert.equal(stderr, "");
    const [exitStatus, , example, line] = stdout.trimEnd().split("\n").slice(-4);
    assert.match(exitStatus, /^Exit status: 0 /);
    assert.equal(example, "Example:");
    assert.match(line, new RegExp(`^  pgrehearse ${command}( |$)`));
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80 || line.startsWith("  pgrehearse "), line);
  }
  const { status, stdout } = await startPgrehearse(["--version"]).output();
  assert.equal(status, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("usage: -h, -p, -U and -d mean what they mean to psql", async (t) => {
  await using server = await startTestServer();
  const [host] = server.parameters.hosts;
  const database = await server.makeDatabase();
  const directory = await Deno.makeTempDir({ prefix: "pgr-usage-" });
  const backup = (...args: string[]) => pgrehearse(["backup", "--to", directory, ...args], { env: { PGPORT: "1" } });

  await t.step("alone, joined to their values, and over what the environment says", async () => {
    for (
      const args of [
        ["-h", host, "-p", "5432", "-U", "postgres", "-d", database],
        [
          `-h${host}`,
          "--port=5432",
          "--username=postgres",
          `--dbname=${database}`,
        ],
        ["-h", host, "-p5432", "-d", `dbname='${database}' user=postgres`],
        ["-d", server.url(database)],
      ]
    ) {
      const { status, verdict, stderr } = await pgrehearse(["backup", "--to", directory, ...args], {
        env: { DATABASE_URL: "postgresql://nobody@127.0.0.1:1/other" },
      });
      assert.deepEqual([status, verdict.backup?.database], [0, database], stderr);
    }
  });

  await t.step("one way to say it is enough", async () => {
    for (const args of [["-h", host, "--db-url", server.url(database)], ["-h", host, "-d", server.url(database)]]) {
      const { status, verdict } = await backup(...args);
      assert.deepEqual([status, verdict.findings[0].code], [2, "USAGE"]);
    }
  });

  await t.step("where no database is meant, -h is an error, and no help with exit 0", async () => {
    for (const command of ["list", "drill", "restore", "status"]) {
      const { status, verdict } = await pgrehearse([command, "-h", host]);
      assert.deepEqual([status, verdict.findings[0].code], [2, "USAGE"]);
    }
  });
  await Deno.remove(directory, { recursive: true });
});

Deno.test("usage: explain prints a code's meaning, in any case of letters, and the nearest one for none", async () => {
  const known = await startPgrehearse(["explain", "disk_full"]).output();
  assert.equal(known.status, 0);
  assert.match(known.stdout, /^DISK_FULL\n\n.*- .*→ Free some space/s);
  const asJson = await startPgrehearse(["explain", "DISK_FULL", "--output", "json"]).output();
  const { code, explanation } = JSON.parse(asJson.stdout);
  assert.deepEqual([code, known.stdout.includes(explanation)], ["DISK_FULL", true]);
  const ofFamily = await startPgrehearse(["explain", "INDEX_MISSING"]).output();
  assert.match(ofFamily.stdout, /^INDEX_MISSING\n\n.*The index public\.orders_by_customer was not restored\. → /s);
  const { status, verdict } = await pgrehearse(["explain", "disk_ful"]);
  assert.deepEqual([status, verdict.findings[0].fix], [2, "Did you mean DISK_FULL?"]);
});
