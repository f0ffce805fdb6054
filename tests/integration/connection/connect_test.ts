import assert from "node:assert/strict";
import { join } from "node:path";
import { connect, type ConnectOptions, serverOf, type Sql } from "../../../lib/postgres/connection/connect.ts";
import {
  libpqEnvironment,
  resolveConnectionParameters,
} from "../../../lib/postgres/connection/connection_parameters.ts";
import { waitUntilReady } from "../../../lib/postgres/connection/readiness.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";
import { startTlsServer, type TlsServer } from "../../support/tls_server.ts";

const leavesNothingOpen = { sanitizeOps: true, sanitizeResources: true };
const nowhere = { HOME: "/nonexistent" };

/** What a session sees of itself. */
async function whoAmI(sql: Sql): Promise<{ role: string; database: string; encrypted: boolean }> {
  const [row] = await sql<{ role: string; database: string; encrypted: boolean }[]>`
    SELECT current_user AS role, current_database() AS database, ssl AS encrypted
    FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()`;
  return { ...row };
}

async function withConnection<Result>(
  conninfo: string | undefined,
  env: Record<string, string | undefined>,
  use: (sql: Sql) => Promise<Result>,
  options?: ConnectOptions,
): Promise<Result> {
  const sql = await connect(await resolveConnectionParameters(conninfo, env), options);
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Asserts that connecting fails with this code, in words that match, and never with the password. */
async function refuses(conninfo: string, code: string, words: RegExp, env = nowhere): Promise<void> {
  await assert.rejects(withConnection(conninfo, env, whoAmI), (error) => {
    assert.ok(error instanceof OperatorError, String(error));
    const said = `${error.message} ${error.fix} ${error.detail}`;
    assert.equal(error.code, code, said);
    assert.match(said, words);
    assert.doesNotMatch(said, /wonder-land|wrong-word/);
    return true;
  });
}

Deno.test("connect", leavesNothingOpen, async (t) => {
  await using server = await startTlsServer();
  await server.psql(`
    CREATE ROLE app LOGIN PASSWORD 'wonder-land';
    CREATE ROLE plain LOGIN PASSWORD 'wonder-land';
    CREATE ROLE tls_only LOGIN PASSWORD 'wonder-land';
    CREATE ROLE alice LOGIN;`);
  const tcp = `host=127.0.0.1 port=${server.port} dbname=postgres`;
  const socket = `host=${server.directory} port=${server.port} dbname=postgres`;
  const named = `host=localhost hostaddr=127.0.0.1 port=${server.port} dbname=postgres`;
  const root = `sslrootcert=${server.file("authority.crt")}`;
  const otherRoot = `sslrootcert=${server.file("other_authority.crt")}`;

  await t.step("over a Unix socket, which ignores TLS settings", async () => {
    const url = `postgres://postgres@/postgres?host=${encodeURIComponent(server.directory)}&port=${server.port}`;
    const me = await withConnection(`${url}&sslmode=verify-full`, nowhere, whoAmI);
    assert.deepEqual(me, { role: "postgres", database: "postgres", encrypted: false });
  });

  await t.step("with a SCRAM password, over TLS when the server offers it", async () => {
    const me = await withConnection(`${tcp} user=app password=wonder-land`, nowhere, whoAmI);
    assert.deepEqual(me, { role: "app", database: "postgres", encrypted: true });
    const off = await withConnection(`${tcp} user=app password=wonder-land sslmode=disable`, nowhere, whoAmI);
    assert.equal(off.encrypted, false);
  });

  await t.step("a wrong password, a missing one, role, database or rule each get their sentence", async () => {
    await refuses(`${tcp} user=app password=wrong-word`, "AUTHENTICATION_FAILED", /did not accept the password.*"app"/);
    await refuses(`${tcp} user=app`, "AUTHENTICATION_FAILED", /you gave none/);
    await refuses(`${tcp} user=tls_only password=wonder-land sslmode=disable`, "AUTHENTICATION_FAILED", /pg_hba/);
    await refuses(`${socket} user=ghost password=wonder-land`, "AUTHENTICATION_FAILED", /"ghost"/);
    await refuses(`${socket} user=postgres dbname=ghost`, "DATABASE_MISSING", /"ghost"/);
    await refuses(`host=127.0.0.1 port=1 user=app`, "CANNOT_CONNECT", /127\.0\.0\.1:1: connection refused/);
    await refuses(`host=${server.directory} port=1 user=app`, "CANNOT_CONNECT", /no socket .*\.s\.PGSQL\.1\b/);
    await refuses(`host=ghost.invalid user=app`, "CANNOT_CONNECT", /no such host/);
  });

  await t.step("with .pgpass, unless others may read it", async () => {
    const pgpass = join(server.directory, ".pgpass");
    const env = { HOME: server.directory };
    await Deno.writeTextFile(pgpass, `127.0.0.1:${server.port}:postgres:app:wonder-land\n`, { mode: 0o600 });
    assert.equal((await withConnection(`${tcp} user=app`, env, whoAmI)).role, "app");
    await Deno.chmod(pgpass, 0o644);
    await refuses(`${tcp} user=app`, "AUTHENTICATION_FAILED", /you gave none.*chmod 0600/, env);
    await Deno.remove(pgpass);
  });

  await t.step("with PGSERVICE, and with PG* variables alone", async () => {
    const file = join(server.directory, "services");
    await Deno.writeTextFile(file, `[here]\n${tcp.replaceAll(" ", "\n")}\nuser=app\npassword=wonder-land\n`);
    const env = { ...nowhere, PGSERVICEFILE: file, PGSERVICE: "here", PGUSER: "tls_only" };
    assert.equal((await withConnection(undefined, env, whoAmI)).role, "app");
    const variables = {
      ...nowhere,
      PGHOST: server.directory,
      PGPORT: `${server.port}`,
      PGUSER: "app",
      PGPASSWORD: "wonder-land",
    };
    assert.equal((await withConnection("dbname=postgres", variables, whoAmI)).role, "app");
  });

  await t.step("verify-full takes the right name and authority only; verify-ca any name", async () => {
    const role = "user=postgres";
    assert.equal(
      (await withConnection(`${named} ${role} ${root} sslmode=verify-full`, nowhere, whoAmI)).encrypted,
      true,
    );
    await refuses(`${tcp} ${role} ${root} sslmode=verify-full`, "TLS_FAILED", /not for the host name 127\.0\.0\.1/);
    await refuses(`${named} ${role} ${otherRoot} sslmode=verify-full`, "TLS_FAILED", /not signed by .*other_authority/);
    await refuses(`${named} ${role} sslmode=verify-full`, "TLS_FAILED", /root\.crt does not exist/);
    assert.equal((await withConnection(`${tcp} ${role} ${root} sslmode=verify-ca`, nowhere, whoAmI)).encrypted, true);
    await refuses(`${tcp} ${role} ${otherRoot} sslmode=verify-ca`, "TLS_FAILED", /not signed by .*other_authority/);
  });

  await t.step("require checks a root certificate if it exists, otherwise none", async () => {
    assert.equal((await withConnection(`${tcp} user=postgres sslmode=require`, nowhere, whoAmI)).encrypted, true);
    await refuses(`${tcp} user=postgres sslmode=require ${otherRoot}`, "TLS_FAILED", /not signed by/);
  });

  await t.step("prefer and allow find the way that pg_hba.conf wants", async () => {
    assert.equal((await withConnection(`${tcp} user=plain password=wonder-land`, nowhere, whoAmI)).encrypted, false);
    const allowed = await withConnection(`${tcp} user=tls_only password=wonder-land sslmode=allow`, nowhere, whoAmI);
    assert.equal(allowed.encrypted, true);
  });

  await t.step("with a client certificate, whose key must fit and be private", async () => {
    const alice = `${tcp} user=alice sslmode=require sslcert=${server.file("alice.crt")}`;
    const key = server.file("alice.key");
    assert.equal((await withConnection(`${alice} sslkey=${key}`, nowhere, whoAmI)).role, "alice");
    await refuses(`${tcp} user=alice sslmode=require`, "AUTHENTICATION_FAILED", /client certificate/);
    await refuses(`${alice} sslkey=${server.file("authority.key")}`, "TLS_FAILED", /does not belong/);
    await refuses(`${alice} sslkey=/nonexistent`, "TLS_FAILED", /no private key/);
    await Deno.chmod(key, 0o644);
    await refuses(`${alice} sslkey=${key}`, "TLS_FAILED", /chmod 0600/);
  });

  await t.step("the second host answers when the first does not, and pg_dump is sent to that one", async () => {
    const sql = await connect(
      await resolveConnectionParameters(`postgres://postgres@127.0.0.1:1,localhost:${server.port}/postgres`, nowhere),
    );
    const { PGHOST, PGPORT } = libpqEnvironment(serverOf(sql));
    await sql.end({ timeout: 5 });
    assert.deepEqual([PGHOST, PGPORT], ["localhost", `${server.port}`]);
    await refuses(`${tcp} user=postgres target_session_attrs=standby`, "CANNOT_CONNECT", /is not the standby/);
  });

  await t.step("sessions are neutral, whatever role and database say, after a reconnection too", async () => {
    await server.psql("CREATE DATABASE nasty");
    await server.psql(`
      ALTER DATABASE nasty SET statement_timeout = '1ms';
      ALTER DATABASE nasty SET idle_session_timeout = '1ms';
      ALTER DATABASE nasty SET idle_in_transaction_session_timeout = '1ms';
      ALTER DATABASE nasty SET lock_timeout = '1ms';
      ALTER DATABASE nasty SET extra_float_digits = -5;
      ALTER DATABASE nasty SET bytea_output = 'escape';
      ALTER ROLE app SET search_path = 'evil';
      ALTER ROLE app SET default_transaction_read_only = on;
      ALTER ROLE app SET row_security = on;
      ALTER ROLE app SET DateStyle = 'SQL, DMY';
      ALTER ROLE app SET IntervalStyle = 'iso_8601';
      ALTER ROLE app SET TimeZone = 'Asia/Kolkata';
      ALTER ROLE app IN DATABASE nasty SET client_encoding = 'LATIN1';
      ALTER ROLE app IN DATABASE nasty SET standard_conforming_strings = off;`);
    const wanted = {
      search_path: "",
      row_security: "off",
      statement_timeout: "0",
      lock_timeout: "0",
      idle_in_transaction_session_timeout: "0",
      idle_session_timeout: "0",
      default_transaction_read_only: "off",
      client_encoding: "UTF8",
      standard_conforming_strings: "on",
      DateStyle: "ISO, MDY",
      IntervalStyle: "postgres",
      TimeZone: "UTC",
      extra_float_digits: "3",
      bytea_output: "hex",
      application_name: "pgrehearse",
      "app.tenant": "x y",
    };
    const settings = async (sql: Sql) =>
      Object.fromEntries(
        (await sql`
          SELECT name, pg_catalog.current_setting(name) AS value
          FROM pg_catalog.json_array_elements_text(${JSON.stringify(Object.keys(wanted))}::text::json) AS name`)
          .map(({ name, value }) => [name, value]),
      );
    const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
    const env = { ...nowhere, PGOPTIONS: "-c app.tenant=x\\ y -c statement_timeout=1", PGPASSWORD: "wonder-land" };
    await withConnection(`${socket} user=app dbname=nasty`, env, async (sql) => {
      assert.deepEqual(await settings(sql), wanted);
      await pause();
      await sql`SELECT pg_catalog.pg_sleep(0.02)`;
      const [{ pid }] = await sql`SELECT pg_catalog.pg_backend_pid() AS pid`;
      await server.psql(`SELECT pg_terminate_backend(${pid}, 1000)`);
      await pause();
      assert.deepEqual(await settings(sql), wanted);
      assert.notEqual((await sql`SELECT pg_catalog.pg_backend_pid() AS pid`)[0].pid, pid);
    });
  });

  await t.step("a query that is cut off says why, and one that is cancelled too; the next ones work", async () => {
    await withConnection(`${tcp} user=postgres`, nowhere, async (sql) => {
      for (let i = 0; i < 5; i++) {
        const cut = sql`SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()), pg_catalog.pg_sleep(9)`;
        await assert.rejects(cut, { code: "57P01" });
        assert.equal((await whoAmI(sql)).role, "postgres");
      }
      const slow = sql`SELECT pg_catalog.pg_sleep(9)`;
      setTimeout(() => slow.cancel(), 30);
      await assert.rejects(slow, { code: "57014" });
      assert.equal((await whoAmI(sql)).role, "postgres");
    });
  });

  await t.step("the caller may change a setting or leave the database's own", async () => {
    const options = {
      settings: { search_path: null, statement_timeout: "2min", TimeZone: null },
      applicationName: "a b",
    };
    await withConnection(`${socket} user=app password=wonder-land`, nowhere, async (sql) => {
      const [row] = await sql`
        SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout,
          current_setting('TimeZone') AS zone, current_setting('application_name') AS name`;
      assert.deepEqual({ ...row }, { path: "evil", timeout: "2min", zone: "Asia/Kolkata", name: "a b" });
    }, options);
  });

  await t.step("nothing comes from the process's own environment", async () => {
    const noise = {
      PGTARGETSESSIONATTRS: "any",
      PGSSL: "require",
      PGMAX: "0",
      PGDATABASE: "ghost",
      PGPASSWORD: "wonder-land",
      PGPREPARE: "true",
    };
    for (const [name, value] of Object.entries(noise)) Deno.env.set(name, value);
    try {
      const me = await withConnection(`${socket} user=postgres`, nowhere, whoAmI);
      assert.deepEqual(me, { role: "postgres", database: "postgres", encrypted: false });
      await refuses(`${tcp} user=app`, "AUTHENTICATION_FAILED", /you gave none/);
    } finally {
      for (const name of Object.keys(noise)) Deno.env.delete(name);
    }
  });

  await t.step("int8 is a string, and an array what Postgres writes", async () => {
    await withConnection(`${socket} user=postgres`, nowhere, async (sql) => {
      const [row] = await sql`SELECT 9007199254740993::int8 AS big, ARRAY['a', 'b'] AS list`;
      assert.deepEqual({ ...row }, { big: "9007199254740993", list: "{a,b}" });
    });
  });

  await t.step("a server without TLS under require gets a sentence", async () => {
    await server.setTls("off");
    await refuses(
      `${tcp} user=app password=wonder-land sslmode=require`,
      "TLS_FAILED",
      /does not offer TLS, but sslmode=require/,
    );
    assert.equal((await withConnection(`${tcp} user=app password=wonder-land`, nowhere, whoAmI)).encrypted, false);
  });

  await t.step("waiting: a server that comes up later is reached, after one announcement", () => waitsForStart(server));
  await t.step(
    "waiting: a query on a server that went away fails, and does not hang",
    () => failsWhenGone(server, socket),
  );
});

async function waitsForStart(server: TlsServer): Promise<void> {
  await server.stop();
  const parameters = await resolveConnectionParameters(
    `host=${server.directory} port=${server.port} user=postgres`,
    nowhere,
  );
  const messages: string[] = [];
  const waiting = waitUntilReady(parameters, { timeoutMs: 10_000, onWaiting: (message) => messages.push(message) });
  await server.start();
  const sql = await waiting;
  assert.equal((await whoAmI(sql)).role, "postgres");
  await sql.end({ timeout: 5 });
  assert.equal(messages.length, 1);
  assert.match(messages[0], /Waiting/);
}

async function failsWhenGone(server: TlsServer, conninfo: string): Promise<void> {
  await withConnection(`${conninfo} user=postgres`, nowhere, async (sql) => {
    await server.stop();
    await assert.rejects(sql`SELECT 1`);
    await assert.rejects(sql`SELECT 2`);
    await server.start();
    assert.equal((await whoAmI(sql)).role, "postgres");
  });
}

Deno.test(
  "waiting: gives up after its time, says how long and why, and stops when aborted",
  leavesNothingOpen,
  async () => {
    const parameters = await resolveConnectionParameters("host=127.0.0.1 port=1 user=app", nowhere);
    const messages: string[] = [];
    await assert.rejects(
      waitUntilReady(parameters, { timeoutMs: 300, onWaiting: (message) => messages.push(message) }),
      {
        code: "CANNOT_CONNECT",
        message: "After waiting 300 ms: Cannot reach Postgres at 127.0.0.1:1: connection refused.",
      },
    );
    assert.equal(messages.length, 1);
    const controller = new AbortController();
    const waiting = waitUntilReady(parameters, { timeoutMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("stop it")), 50);
    await assert.rejects(waiting, /stop it/);
  },
);

Deno.test("waiting: a wrong host name fails at once", async () => {
  const parameters = await resolveConnectionParameters("host=ghost.invalid user=app", nowhere);
  await assert.rejects(waitUntilReady(parameters, { timeoutMs: 60_000 }), /no such host/);
});

Deno.test(
  "waiting: a server that accepts and never answers, or hangs up, does not hold us",
  leavesNothingOpen,
  async () => {
    const held: Deno.Conn[] = [];
    const mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepting = (async () => {
      for await (const connection of mute) held.push(connection);
    })();
    const rude = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let hangups = 0;
    const hangingUp = (async () => {
      for await (const connection of rude) hangups++, connection.close();
    })();
    const port = (listener: Deno.Listener) => (listener.addr as Deno.NetAddr).port;
    try {
      for (const sslmode of ["disable", "require"]) {
        const toMute = await resolveConnectionParameters(
          `host=127.0.0.1 port=${port(mute)} sslmode=${sslmode}`,
          nowhere,
        );
        await assert.rejects(waitUntilReady(toMute, { timeoutMs: 200 }), /After waiting 200 ms: .* does not answer/);
        const controller = new AbortController();
        setTimeout(() => controller.abort(new Error("stop it")), 50);
        await assert.rejects(connect(toMute, { signal: controller.signal }), /stop it/);
        const toRude = await resolveConnectionParameters(
          `host=127.0.0.1 port=${port(rude)} sslmode=${sslmode}`,
          nowhere,
        );
        await assert.rejects(connect(toRude), { code: "CANNOT_CONNECT", message: /the connection was cut/ });
      }
      assert.ok(hangups <= 4, `${hangups} connections`);
    } finally {
      mute.close();
      rude.close();
      await Promise.all([accepting, hangingUp]);
      for (const connection of held) connection.close();
    }
  },
);
