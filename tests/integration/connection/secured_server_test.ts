import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startTlsServer } from "../../support/tls_server.ts";
import { traceableDirectory } from "../../support/traces.ts";

Deno.test("secured server: verify-full, scram, .pgpass and PGSERVICE reach pg_dump and pg_restore too", async () => {
  await using server = await startTlsServer();
  await using directory = await traceableDirectory();
  const store = join(directory.path, "store");
  // pg_hba.conf lets this role in with TLS and a scram password only.
  await server.psql(
    "CREATE ROLE tls_only SUPERUSER LOGIN PASSWORD 'wonder: land'",
  );
  await server.psql("CREATE DATABASE shop OWNER tls_only");
  await server.psql("CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) VALUES ('x')", "shop");
  const [service, passwords] = [join(server.directory, "services"), join(server.directory, "passwords")];
  const line = (password: string) => `localhost:${server.port}:*:tls_only:${password}\n`;
  await Deno.writeTextFile(passwords, line("wonder\\: land"), { mode: 0o600 });
  await Deno.writeTextFile(
    service,
    `[shop]\nhost=localhost\nport=${server.port}\nuser=tls_only\ndbname=shop\nsslmode=verify-full\n` +
      `sslrootcert=${server.file("authority.crt")}\n`,
  );
  const env = { PGSERVICEFILE: service, PGSERVICE: "shop", PGPASSFILE: passwords, TMPDIR: directory.path };

  const made = await pgrehearse(["backup", "--to", store], { env });
  assert.equal(made.status, 0, made.stderr);
  const drilled = await pgrehearse(["drill", "--latest", "--from", store, "--trust-dump", "--into", "service=shop"], {
    env,
  });
  assert.equal(drilled.status, 0, drilled.stderr);
  assert.equal(drilled.verdict.proof, "exact");
  for (const { stdout, stderr } of [made, drilled]) assert.ok(!(stdout + stderr).includes("wonder"));

  const refused = async (other: Record<string, string>, code: string) => {
    const { status, verdict } = await pgrehearse(["backup", "--to", store, "--wait", "1s"], {
      env: { ...env, ...other },
    });
    assert.equal(status, 2);
    assert.equal(verdict.findings[0].code, code, JSON.stringify(verdict.findings));
  };
  await Deno.writeTextFile(passwords, line("wrong"));
  await refused({}, "AUTHENTICATION_FAILED");
  await Deno.writeTextFile(service, (await Deno.readTextFile(service)).replace("authority.crt", "other_authority.crt"));
  await refused({}, "TLS_FAILED");
  const dumps = (await Array.fromAsync(Deno.readDir(store))).filter(({ name }) => name.includes(".dump"));
  assert.equal(dumps.length, 1);
});
