import assert from "node:assert/strict";
import { join } from "node:path";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { makeBackup, runBackup, runDrill } from "./jobs.ts";
import { startTcpProxy, type TcpProxy } from "./tcp_proxy.ts";
import type { TlsServer } from "./tls_server.ts";
import { type TraceableDirectory, traceableDirectory } from "./traces.ts";

/** Something that breaks while a backup or a drill is under way. */
export interface Fault {
  name: string;
  /** Much the same as another one: only `scripts/torture` runs it. */
  isVariant?: boolean;
  /** Throws if it was not survived: a clear finding, nothing half-written, and the next run succeeds. */
  run(server: TlsServer): Promise<void>;
}

export const faultyDatabase = "faulty";

/** Fills a database whose dump takes long enough to be interrupted. */
export async function makeFaultyDatabase(server: TlsServer): Promise<void> {
  await server.psql(`CREATE DATABASE ${faultyDatabase}`);
  await server.psql(
    `CREATE TABLE big AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS v FROM generate_series(1, 300000) AS i`,
    faultyDatabase,
  );
  await server.psql(`CREATE TABLE small (id serial PRIMARY KEY); INSERT INTO small DEFAULT VALUES`, faultyDatabase);
}

const throughSocket = ({ directory, port }: TlsServer) =>
  `postgresql://postgres@/${faultyDatabase}?host=${encodeURIComponent(directory)}&port=${port}`;
const through = ({ port }: TcpProxy) => `postgresql://postgres@127.0.0.1:${port}/${faultyDatabase}?sslmode=require`;

const gone = ["CONNECTION_LOST", "DUMP_FAILED", "CANNOT_CONNECT"];

/** Waits until the dump has begun to grow. */
async function untilDumping(directory: TraceableDirectory): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    for await (const { name } of Deno.readDir(directory.path)) {
      const size = await Deno.stat(join(directory.path, name, "dump")).then(({ size }) => size, () => 0);
      if (name.endsWith(".partial") && size > 0) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("no dump has begun within 10 s");
}

async function couldNotVerify(
  running: Promise<Verdict>,
  codes: string[],
  directory: TraceableDirectory,
): Promise<void> {
  const { verdict, findings } = await running;
  assert.equal(verdict, "unknown", JSON.stringify(findings, null, 2));
  assert.ok(codes.includes(findings[0].code), JSON.stringify(findings, null, 2));
  assert.ok(!JSON.stringify(findings).includes("INTERNAL_ERROR"), JSON.stringify(findings, null, 2));
  assert.deepEqual(await directory.traces(), []);
}

async function backsUpAndDrills(url: string): Promise<void> {
  await using directory = await traceableDirectory();
  const { verdict, findings } = await runDrill(await makeBackup(url, directory.path), { into: url });
  assert.equal(verdict, "pass", JSON.stringify(findings, null, 2));
}

function backupFault(
  name: string,
  format: "custom" | "directory",
  strike: (server: TlsServer) => Promise<unknown>,
): Fault {
  return {
    name: `${name} in the middle of a backup in ${format} format`,
    async run(server) {
      await using directory = await traceableDirectory();
      const running = runBackup(throughSocket(server), directory.path, { format });
      await untilDumping(directory);
      await strike(server);
      await couldNotVerify(running, gone, directory);
      await server.start().catch(() => {}); // where it was stopped
      await backsUpAndDrills(throughSocket(server));
    },
  };
}

const killBackends = (kind: string) => (server: TlsServer) =>
  server.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${kind}`, faultyDatabase);

/** Cut when so many bytes have come through. */
function cutAfter(bytes: number, work: "backup" | "drill"): Fault {
  return {
    name: `the connection cut after ${bytes} bytes of a ${work}`,
    async run(server) {
      await using directory = await traceableDirectory();
      await using backups = await traceableDirectory();
      const backup = work === "drill" ? await makeBackup(throughSocket(server), backups.path) : "";
      await using proxy = startTcpProxy(server.port);
      const running = work === "backup"
        ? runBackup(through(proxy), directory.path, { waitMs: 1_000 })
        : runDrill(backup, { into: through(proxy), waitMs: 1_000 });
      let isOver = false;
      running.finally(() => isOver = true);
      while (proxy.receivedBytes < bytes && !isOver) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.ok(!isOver, `it was over before ${bytes} bytes had come`);
      proxy.cut();
      const { verdict, findings } = await running;
      assert.notEqual(verdict, "pass");
      assert.ok(
        findings.length > 0 && !JSON.stringify(findings).includes("INTERNAL_ERROR"),
        JSON.stringify(findings, null, 2),
      );
      if (work === "backup") assert.equal(verdict, "unknown", JSON.stringify(findings, null, 2));
      assert.deepEqual(await directory.traces(), []);
      // The next drill drops what the last one could not.
      await backsUpAndDrills(throughSocket(server));
      const left = await server.psql("SELECT datname FROM pg_database WHERE datname LIKE 'pgrehearse%'");
      assert.equal(left.trim(), "");
    },
  };
}

const variantOf = (fault: Fault): Fault => ({ ...fault, isVariant: true });

/** Everything that breaks in the middle. */
export const faults: Fault[] = [
  backupFault("the server stopped", "custom", (server) => server.stop()),
  variantOf(backupFault("the server stopped", "directory", (server) => server.stop())),
  backupFault("pg_dump's session ended", "custom", killBackends("application_name = 'pg_dump'")),
  backupFault(
    "every session ended",
    "custom",
    killBackends("pid <> pg_backend_pid() AND datname = current_database()"),
  ),
  ...[10_000, 5_000_000].map((bytes) => cutAfter(bytes, "backup")),
  ...[1_000, 100_000].map((bytes) => variantOf(cutAfter(bytes, "backup"))),
  cutAfter(5_000, "drill"),
  ...[1_000, 20_000].map((bytes) => variantOf(cutAfter(bytes, "drill"))),
  {
    name: "a connection that says nothing any more ends with --timeout",
    async run(server) {
      await using directory = await traceableDirectory();
      await using proxy = startTcpProxy(server.port);
      const running = runBackup(through(proxy), directory.path, { timeoutMs: 3_000 });
      await untilDumping(directory);
      proxy.freeze();
      await couldNotVerify(running, ["TIMEOUT"], directory);
    },
  },
  {
    name: "the server stopped in the middle of a drill on it",
    async run(server) {
      await using backups = await traceableDirectory();
      const backup = await makeBackup(throughSocket(server), backups.path);
      const running = runDrill(backup, { into: throughSocket(server), waitMs: 1_000 });
      const scratch = `SELECT FROM pg_stat_activity WHERE datname LIKE 'pgrehearse_scratch%' AND query LIKE 'COPY%'`;
      while ((await server.psql(`SELECT EXISTS (${scratch})`)).trim() !== "t");
      await server.stop();
      const { verdict, findings } = await running;
      assert.notEqual(verdict, "pass");
      assert.ok(!JSON.stringify(findings).includes("INTERNAL_ERROR"), JSON.stringify(findings, null, 2));
      await server.start();
      await backsUpAndDrills(throughSocket(server));
      const left = await server.psql("SELECT datname FROM pg_database WHERE datname LIKE 'pgrehearse%'");
      assert.equal(left.trim(), "");
    },
  },
  {
    name: "a table that somebody has locked ends with --lock-timeout, and names who",
    async run(server) {
      await using directory = await traceableDirectory();
      const locking = server.psql("BEGIN; LOCK TABLE small; SELECT pg_sleep(6)", faultyDatabase);
      while (
        (await server.psql(
          "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'small'::regclass",
          faultyDatabase,
        ))
          .trim() === "0"
      );
      const said: string[] = [];
      const verdict = await runBackup(throughSocket(server), directory.path, {
        lockTimeoutMs: 2_500,
        onProgress: (progress) => void (progress.kind === "message" && said.push(progress.message)),
      });
      assert.equal(verdict.verdict, "unknown");
      assert.equal(verdict.findings[0].code, "LOCK_TIMEOUT");
      assert.match(verdict.findings[0].message, /small.*process \d+/);
      assert.match(said.join("\n"), /waiting for a table/);
      assert.deepEqual(await directory.traces(), []);
      await locking;
    },
  },
  {
    name: "a lock table too small for all tables",
    async run(server) {
      await using directory = await traceableDirectory();
      await server.psql("ALTER SYSTEM SET max_locks_per_transaction = 10");
      await server.psql("ALTER SYSTEM SET max_connections = 20");
      await server.stop();
      await server.start();
      const many = "many";
      await server.psql(`CREATE DATABASE ${many}`);
      try {
        for (let first = 1; first <= 4000; first += 100) {
          await server.psql(
            `DO $$ BEGIN FOR i IN ${first}..${
              first + 99
            } LOOP EXECUTE format('CREATE TABLE t_%s ()', i); END LOOP; END $$`,
            many,
          );
        }
        const url = throughSocket(server).replace(faultyDatabase, many);
        await couldNotVerify(runBackup(url, directory.path), ["SERVER_OUT_OF_LOCKS"], directory);
        await server.psql("ALTER SYSTEM SET max_locks_per_transaction = 500");
        await server.stop();
        await server.start();
        await makeBackup(url, directory.path);
      } finally {
        await server.psql("ALTER SYSTEM RESET ALL");
        await server.stop();
        await server.start();
        await server.psql(`DROP DATABASE ${many}`);
      }
    },
  },
];
