import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { copyProgram, runAsNobody } from "../../support/ordinary_user.ts";
import { type Outcome, pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

type Prerequisites = NonNullable<Awaited<ReturnType<typeof pgrehearse>>["verdict"]["prerequisites"]>;

const states = (prerequisites?: Prerequisites) =>
  Object.fromEntries(prerequisites!.map(({ name, state }) => [name, state]));

const storeStates = (prerequisites?: Prerequisites) =>
  states(prerequisites!.filter(({ name }) => name.startsWith("store")));

Deno.test("doctor", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const env = { TMPDIR: directory.path };

  await t.step("a host and a database that have everything pass, and nothing is left", async () => {
    const sql = await server.connect();
    await sql.unsafe("CREATE ROLE reader LOGIN CREATEDB BYPASSRLS IN ROLE pg_read_all_data");
    await sql.end();
    const url = server.url().replace("postgres@", "reader@");
    const { status, verdict, stderr } = await pgrehearse(["doctor", "--db-url", url], { env });
    // Another test may be showing a password in its arguments at this moment.
    const { passwords_of_processes, ...found } = states(verdict.prerequisites);
    assert.deepEqual([...new Set(Object.values(found))], ["pass"]);
    assert.equal(status, passwords_of_processes === "pass" ? 0 : 1, stderr);
    assert.match(stderr, /pass {2}throwaway_cluster: It starts in \d[\d.]* m?s/);
    assert.deepEqual(await directory.traces(), []);
  });

  await t.step("a superuser is a warning: to read is enough", async () => {
    const { verdict } = await pgrehearse(["doctor", "--db-url", server.url()], { env });
    assert.equal(states(verdict.prerequisites).least_privilege, "warn");
    assert.equal(verdict.findings.find(({ code }) => code === "PREREQUISITE_LEAST_PRIVILEGE")?.severity, "warning");
  });

  await t.step("without a database, only the host is looked at", async () => {
    const { verdict } = await pgrehearse(["doctor"], { env });
    assert.equal("server_version" in states(verdict.prerequisites), false);
  });

  await t.step("a role that reads less than everything is a fail; one without CREATEDB a warning", async () => {
    const sql = await server.connect();
    await sql.unsafe(`
      CREATE TABLE secret (n int);
      ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
      CREATE ROLE limited LOGIN IN ROLE pg_read_all_data`).simple();
    await sql.end();
    const url = server.url().replace("postgres@", "limited@");
    const { status, verdict } = await pgrehearse(["doctor", "--db-url", url], { env });
    assert.equal(status, 1);
    const found = states(verdict.prerequisites);
    assert.deepEqual([found.reads_everything, found.makes_scratch_databases], ["fail", "warn"]);
    assert.match(verdict.findings.find(({ code }) => code === "PREREQUISITE_READS_EVERYTHING")!.message, /secret/);
  });

  await t.step("a database that cannot be reached is one fail, and the rest is still looked at", async () => {
    const { status, verdict } = await pgrehearse(["doctor", "--db-url", "postgresql://u@127.0.0.1:1/d"], { env });
    assert.equal(status, 1);
    const found = states(verdict.prerequisites);
    assert.deepEqual([found.connection, found.throwaway_cluster], ["fail", "pass"]);
  });

  await t.step(
    "a password in a process's arguments, or in a file that all can read, is a fail that does not repeat it",
    async () => {
      const secret = "hunter2-s3cret";
      const home = await Deno.makeTempDir();
      await Deno.writeTextFile(join(home, ".pgpass"), `*:*:*:*:${secret}\n`, { mode: 0o644 });
      const process = new Deno.Command("sh", {
        args: ["-c", "read -r _; exit", `postgresql://u:${secret}@h/d`],
        stdin: "piped",
      }).spawn();
      try {
        const { status, verdict, stdout, stderr } = await pgrehearse(["doctor"], {
          env: { ...env, HOME: home, DENO_DIR: denoDir() },
        });
        assert.equal(status, 1, stderr);
        const found = states(verdict.prerequisites);
        assert.deepEqual([found.passwords_of_processes, found.passwords_in_files], ["fail", "fail"]);
        assert.match(verdict.findings[0].message, new RegExp(`\\b${process.pid}\\b`));
        assert.equal((stdout + stderr).includes(secret), false);
      } finally {
        await process.stdin.close();
        await process.status;
        await Deno.remove(home, { recursive: true });
      }
    },
  );

  await t.step("a directory that takes and gives files, closed to others, passes and holds nothing more", async () => {
    const store = await Deno.makeTempDir();
    const { verdict, stderr } = await pgrehearse(["doctor", "--store", store], { env });
    assert.deepEqual(storeStates(verdict.prerequisites), {
      store_writes_and_reads: "pass",
      store_free_space: "pass",
      store_mode: "pass",
    }, stderr);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(store)), []);

    await Deno.chmod(store, 0o755);
    const listable = await pgrehearse(["doctor", "--store", store], { env });
    assert.equal(storeStates(listable.verdict.prerequisites).store_mode, "warn");
    await Deno.chmod(store, 0o777);
    const open = await pgrehearse(["doctor", "--store", store], { env });
    assert.equal(open.status, 1);
    assert.equal(storeStates(open.verdict.prerequisites).store_mode, "fail");
    assert.match(open.stderr, new RegExp(`chmod 0700 ${store}`));
    await Deno.remove(store);
  });

  await t.step("a directory that cannot be written to is a fail, one that is not there a warning", async () => {
    const store = join(await Deno.makeTempDir(), "store");
    await Deno.mkdir(store, { mode: 0o555 });
    const { status, verdict } = await withoutRoot(["doctor", "--store", store], dirname(store));
    assert.equal(status, 1);
    assert.equal(storeStates(verdict.prerequisites).store_writes_and_reads, "fail");
    const missing = await pgrehearse(["doctor", "--store", join(store, "backups")], { env });
    assert.deepEqual(storeStates(missing.verdict.prerequisites), { store: "warn" });
    await Deno.remove(dirname(store), { recursive: true });
  });

  await t.step("missing programs are fails that say what to install", async () => {
    const { status, verdict } = await pgrehearse(["doctor", "--pg-bin", "/nonexistent"], { env });
    assert.equal(status, 1);
    const found = states(verdict.prerequisites);
    assert.deepEqual([found.client_programs, found.server_programs, found.throwaway_cluster], ["fail", "fail", "fail"]);
    const codes = verdict.prerequisites!.filter(({ state }) => state !== "pass").map(({ name }) => name.toUpperCase());
    assert.deepEqual(verdict.findings.map(({ code }) => code), codes.map((name) => `PREREQUISITE_${name}`));
  });
});

/** Runs the program so that modes bind it: they do not bind root. */
async function withoutRoot(args: string[], parent: string): Promise<Outcome> {
  if (Deno.uid() !== 0) return await pgrehearse(args);
  await Deno.chmod(parent, 0o755);
  await using program = await traceableDirectory();
  await using directory = await traceableDirectory();
  await copyProgram(program.path);
  return await runAsNobody(program.path, args, directory.path);
}

/** Where Deno keeps its packages, whatever HOME says. */
function denoDir(): string {
  return Deno.env.get("DENO_DIR") ??
    join(Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME")!, ".cache"), "deno");
}
