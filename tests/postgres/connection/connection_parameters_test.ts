import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { join } from "node:path";
import {
  type ConnectionParameters,
  describeServer,
  libpqEnvironment,
  passwordFor,
  resolveConnectionParameters,
  withDatabase,
  withServer,
} from "../../../lib/postgres/connection/connection_parameters.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";
import { redact } from "../../../lib/system/redact.ts";

const nowhere = { HOME: "/nonexistent" };

async function inHome(test: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("parameters: with nothing given, the account's own database on this machine", async () => {
  const parameters = await resolveConnectionParameters(undefined, nowhere);
  const account = userInfo().username;
  assert.equal(parameters.user, account);
  assert.equal(parameters.database, account);
  assert.deepEqual(parameters.ports, [5432]);
  assert.ok(["/var/run/postgresql", "/tmp", "localhost"].includes(parameters.hosts[0]));
  assert.equal(parameters.sslmode, "prefer");
  assert.equal(parameters.sslrootcert, "/nonexistent/.postgresql/root.crt");
  assert.deepEqual(parameters.warnings, []);
});

Deno.test("parameters: the connection string goes before the service, and that before the environment", () =>
  inHome(async (home) => {
    await Deno.writeTextFile(
      join(home, ".pg_service.conf"),
      "[shop]\nhost=service\nuser=service\ndbname=service\nport=3\n",
    );
    const env = {
      HOME: home,
      PGSERVICE: "shop",
      PGHOST: "environment",
      PGUSER: "environment",
      PGDATABASE: "environment",
      PGPORT: "4",
      PGPASSWORD: "environment",
      PGAPPNAME: "environment",
    };
    const parameters = await resolveConnectionParameters("host=string dbname=string", env);
    assert.deepEqual(parameters.hosts, ["string"]);
    assert.equal(parameters.database, "string");
    assert.equal(parameters.user, "service");
    assert.deepEqual(parameters.ports, [3]);
    assert.equal(parameters.password, "environment");
    assert.equal(parameters.applicationName, "environment");

    const named = await resolveConnectionParameters("service=shop", { ...env, PGSERVICE: "none" });
    assert.deepEqual(named.hosts, ["service"]);
  }));

Deno.test("parameters: DATABASE_URL stands in for --db-url, and an empty --db-url is an error", async () => {
  const env = { ...nowhere, DATABASE_URL: "postgres://url/shop", PGHOST: "environment" };
  assert.deepEqual((await resolveConnectionParameters(undefined, env)).hosts, ["url"]);
  assert.deepEqual((await resolveConnectionParameters("dbname=x", env)).hosts, ["environment"]);
  assert.deepEqual((await resolveConnectionParameters(undefined, { ...env, DATABASE_URL: "" })).hosts, ["environment"]);
  await assert.rejects(resolveConnectionParameters("", env), { code: "BAD_DB_URL" });
});

Deno.test("parameters: several hosts, with a port each or one port for all", async () => {
  const each = await resolveConnectionParameters("postgres://a:1,b,c:3/x", nowhere);
  assert.deepEqual([each.hosts, each.ports], [["a", "b", "c"], [1, 5432, 3]]);
  const one = await resolveConnectionParameters("host=a,b port=7 hostaddr=10.0.0.1,10.0.0.2", nowhere);
  assert.deepEqual([one.hosts, one.hostAddresses, one.ports], [["a", "b"], ["10.0.0.1", "10.0.0.2"], [7, 7]]);
  assert.equal(describeServer(withServer(one, 1)), "b:7");
  assert.deepEqual(withServer(one, 1).hostAddresses, ["10.0.0.2"]);
});

const wrong: [conninfo: string, code: string][] = [
  ["host=a,b port=1,2,3", "BAD_DB_URL"],
  ["host=a,b hostaddr=10.0.0.1", "BAD_DB_URL"],
  ["host=a port=s3cret", "BAD_DB_URL"],
  ["postgres://u:s3cret/x", "BAD_DB_URL"],
  ["host=a port=65536", "BAD_DB_URL"],
  ["host=a connect_timeout=s3cret", "BAD_DB_URL"],
  ["host=a sslmode=s3cret", "BAD_DB_URL"],
  ["host=a sslmode=''", "BAD_DB_URL"],
  ["host=a target_session_attrs=s3cret", "BAD_DB_URL"],
  ["host=a sslrootcert=system sslmode=require", "BAD_DB_URL"],
  ["host=a sslnegotiation=direct", "BAD_DB_URL"],
];
for (const [conninfo, code] of wrong) {
  Deno.test(`parameters: ${conninfo} is refused without showing the value`, async () => {
    await assert.rejects(resolveConnectionParameters(conninfo, nowhere), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.equal(error.code, code);
      assert.doesNotMatch(error.message + error.fix, /s3cret/);
      return true;
    });
  });
}

Deno.test("parameters: a bad value says which variable it came from", async () => {
  await assert.rejects(resolveConnectionParameters(undefined, { ...nowhere, PGPORT: "x" }), {
    code: "BAD_CONNECTION_SETTING",
    message: "The connection parameter port, from PGPORT, is not a number from 1 to 65535.",
  });
});

for (
  const [keyword, value] of [
    ["gssencmode", "require"],
    ["channel_binding", "require"],
    ["require_auth", "scram-sha-256"],
    ["requirepeer", "postgres"],
    ["sslcrl", "/x"],
    ["sslcrldir", "/x"],
    ["sslpassword", "x"],
    ["sslcertmode", "require"],
    ["min_protocol_version", "3.2"],
    ["replication", "database"],
    ["scram_client_key", "x"],
    ["oauth_issuer", "x"],
  ]
) {
  Deno.test(`parameters: ${keyword}=${value} is refused, not ignored`, async () => {
    await assert.rejects(resolveConnectionParameters(`host=a ${keyword}=${value}`, nowhere), {
      code: "CONNECTION_SETTING_UNSUPPORTED",
    });
  });
}

Deno.test("parameters: settings that ask for nothing special are accepted", async () => {
  await resolveConnectionParameters(
    "host=a gssencmode=prefer channel_binding=prefer sslcertmode=allow replication=false krbsrvname=x sslcompression=0 " +
      "max_protocol_version=latest tcp_user_timeout=5 client_encoding=auto",
    nowhere,
  );
  await assert.rejects(resolveConnectionParameters(undefined, { ...nowhere, PGREQUIREAUTH: "none" }), {
    code: "CONNECTION_SETTING_UNSUPPORTED",
  });
});

Deno.test("parameters: a revocation list in ~/.postgresql is not ignored", () =>
  inHome(async (home) => {
    await Deno.mkdir(join(home, ".postgresql"));
    await Deno.writeTextFile(join(home, ".postgresql", "root.crl"), "");
    await resolveConnectionParameters("host=a", { HOME: home });
    await Deno.writeTextFile(join(home, ".postgresql", "root.crt"), "");
    await assert.rejects(resolveConnectionParameters("host=a", { HOME: home }), {
      code: "CONNECTION_SETTING_UNSUPPORTED",
    });
    await resolveConnectionParameters("host=a sslmode=disable", { HOME: home });
    await resolveConnectionParameters("host=/tmp", { HOME: home });
  }));

Deno.test("parameters: sslrootcert=system is the system's bundle, checked in full", () =>
  inHome(async (home) => {
    const bundle = join(home, "bundle.crt");
    await Deno.writeTextFile(bundle, "");
    const parameters = await resolveConnectionParameters("host=a sslrootcert=system", {
      HOME: home,
      SSL_CERT_FILE: bundle,
    });
    assert.deepEqual([parameters.sslmode, parameters.sslrootcert], ["verify-full", bundle]);
  }));

Deno.test("parameters: an old PGREQUIRESSL counts, and a missing root certificate is said", async () => {
  const parameters = await resolveConnectionParameters("host=a sslrootcert=/nonexistent/ca.crt", {
    ...nowhere,
    PGREQUIRESSL: "1",
  });
  assert.equal(parameters.sslmode, "require");
  assert.match(parameters.warnings!.join(), /\/nonexistent\/ca\.crt does not exist/);
});

Deno.test("parameters: the password file is asked for host, port, database and role", () =>
  inHome(async (home) => {
    await Deno.writeTextFile(
      join(home, ".pgpass"),
      "db1:5432:shop:app:pass-for-shop\ndb1:5432:postgres:app:pass-for-postgres\nlocalhost:*:*:*:pass-for-sockets\n",
      { mode: 0o600 },
    );
    const parameters = await resolveConnectionParameters("postgres://app@db1/shop", { HOME: home });
    assert.equal(passwordFor(parameters), "pass-for-shop");
    assert.equal(passwordFor(withDatabase(parameters, "postgres")), "pass-for-postgres");
    assert.equal(passwordFor(withDatabase(parameters, "other")), undefined);
    assert.equal(redact("it was pass-for-shop"), "it was ***");

    const socket = await resolveConnectionParameters("host=/var/run/postgresql user=app", { HOME: home });
    assert.equal(passwordFor(socket), "pass-for-sockets");
    const given = await resolveConnectionParameters("postgres://app:given-one@db1/shop", { HOME: home });
    assert.equal(passwordFor(given), "given-one");

    await Deno.chmod(join(home, ".pgpass"), 0o644);
    const open = await resolveConnectionParameters("postgres://app@db1/shop", { HOME: home });
    assert.equal(passwordFor(open), undefined);
    assert.match(open.warnings!.join(), /chmod 0600/);
  }));

Deno.test("parameters: PGPASSFILE and passfile name another password file", () =>
  inHome(async (home) => {
    for (const name of ["one", "two"]) {
      await Deno.writeTextFile(join(home, name), `*:*:*:*:secret-${name}\n`, { mode: 0o600 });
    }
    const env = { HOME: home, PGPASSFILE: join(home, "one") };
    assert.equal(passwordFor(await resolveConnectionParameters("host=db1", env)), "secret-one");
    const two = await resolveConnectionParameters(`host=db1 passfile=${join(home, "two")}`, env);
    assert.equal(passwordFor(two), "secret-two");
  }));

Deno.test("parameters: connect_timeout as libpq takes it", async () => {
  const seconds = async (text: string) =>
    (await resolveConnectionParameters(`host=a connect_timeout=${text}`, nowhere)).connectTimeoutSeconds;
  assert.deepEqual([await seconds("0"), await seconds("-1"), await seconds("1"), await seconds("7")], [0, 0, 2, 7]);
});

Deno.test("parameters: pg_dump's environment says everything, in absolute terms", async () => {
  const parameters = await resolveConnectionParameters(
    "postgres://app:s3cret-word@db1:5433/shop?sslmode=verify-full&sslrootcert=ca.crt&options=-c%20app.tenant%3Dx" +
      "&application_name=nightly&connect_timeout=9&target_session_attrs=primary&sslsni=0",
    nowhere,
  );
  assert.deepEqual(libpqEnvironment(parameters), {
    PGHOST: "db1",
    PGPORT: "5433",
    PGUSER: "app",
    PGDATABASE: "shop",
    PGPASSWORD: "s3cret-word",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: join(Deno.cwd(), "ca.crt"),
    PGSSLCERT: "/nonexistent/.postgresql/postgresql.crt",
    PGSSLKEY: "/nonexistent/.postgresql/postgresql.key",
    PGSSLSNI: "0",
    PGGSSENCMODE: "disable",
    PGOPTIONS: "-c app.tenant=x",
    PGAPPNAME: "nightly",
    PGCONNECT_TIMEOUT: "9",
    PGTARGETSESSIONATTRS: "primary",
  });
});

Deno.test("parameters: a server is described without role or password", () => {
  const server = (host: string): ConnectionParameters => ({
    hosts: [host],
    ports: [5432],
    user: "app",
    database: "shop",
    password: "s3cret-word",
    sslmode: "prefer",
  });
  assert.equal(describeServer(server("db1")), "db1:5432");
  assert.equal(describeServer(server("::1")), "[::1]:5432");
  assert.equal(describeServer(server("/var/run/postgresql")), "/var/run/postgresql:5432");
});
