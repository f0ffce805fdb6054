import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KillSignal } from "./kills.ts";
import { pgrehearse, startPgrehearse } from "./pgrehearse.ts";
import { startS3Server } from "./s3_server.ts";
import type { TestServer } from "./server.ts";
import { traceableDirectory } from "./traces.ts";

const smallApp = fileURLToPath(new URL("small_app.ts", import.meta.url));
const statuses: Record<KillSignal, number> = { SIGKILL: 137, SIGTERM: 143, SIGINT: 130 };

/** Where the databases of a whole system are restored. */
export const killedTargets = ["throwaway clusters", "scratch databases"] as const;
export type KilledTarget = typeof killedTargets[number];

/** A whole system, backed up encrypted to S3, to be drilled while its program is killed. */
export interface KilledSystem extends AsyncDisposable {
  /**
   * Kills a drill at a moment of its life, and throws unless everything is clean afterwards and the next one passes.
   *
   * @param moment From 0, its start, to 1, its usual end.
   */
  killAt(target: KilledTarget, signal: KillSignal, moment: number): Promise<void>;
}

/** Two databases, a command with a child, a stubborn application with a child that hides, and a check of it. */
export async function makeKilledSystem(server: TestServer): Promise<KilledSystem> {
  const bucket = await startS3Server();
  const directory = await traceableDirectory();
  const databases: Record<string, { url: string }> = {};
  for (const name of ["shop", "identity"]) {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS v FROM generate_series(1, 20000) AS i`;
    await sql.end({ timeout: 5 });
    databases[name] = { url: server.url(database) };
  }
  const identity = join(directory.path, "identity");
  const { verdict: { recipient } } = await pgrehearse(["keygen", "--output", identity]);
  const config = join(directory.path, "pgrehearse.jsonc");
  // Whoever starts something names TMPDIR, so that it is found if it stays.
  const command = ["sh", "-c", "(trap '' TERM; sleep 20; : $0) & sleep 0.2", "${TMPDIR}"];
  const app = {
    command: [Deno.execPath(), "run", "--quiet", "--no-config", "-A", smallApp, "${TMPDIR}"],
    env: { STUBBORN: "yes", CHILD: "${TMPDIR}-child" },
    ready: "/readyz",
    stop_within: "200ms",
  };
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      databases,
      store: { address: "s3://backups/killed", endpoint: bucket.endpoint },
      backup: { encrypt: [recipient] },
      identity,
      app: { api: app },
      checks: [
        { kind: "rows", name: "rows", database: "shop", table: "public.t", minimum: 20_000 },
        { kind: "http", name: "answers", app: "api", path: "/" },
      ],
      steps: [
        { databases: ["shop", "identity"] },
        { name: "migrations", command: { command } },
        { checks: ["rows"] },
        { start: ["api"] },
        { checks: ["answers"] },
      ],
    }),
  );
  const argumentsFor = (target: KilledTarget) => [
    "drill",
    "--config",
    config,
    "--no-record",
    ...target === "throwaway clusters" ? [] : ["--trust-dump", "--into", server.url()],
  ];
  const backup = await pgrehearse(["backup", "--config", config], { env: { ...bucket.env, TMPDIR: directory.path } });
  assert.equal(backup.status, 0, backup.stderr);

  const durationsMs: Partial<Record<KilledTarget, number>> = {};
  /** Runs a drill to its end; it passes. */
  const drill = async (target: KilledTarget) => {
    await using temporary = await traceableDirectory();
    const start = performance.now();
    const { status, stderr } = await pgrehearse(argumentsFor(target), {
      env: { ...bucket.env, TMPDIR: temporary.path },
    });
    durationsMs[target] ??= performance.now() - start;
    assert.equal(status, 0, stderr);
    assert.deepEqual(await temporary.traces(), []);
    await removeChildFile(temporary.path);
    assert.deepEqual(await scratchDatabases(server), []);
  };
  return {
    async killAt(target, signal, moment) {
      if (durationsMs[target] === undefined) await drill(target);
      await using temporary = await traceableDirectory();
      const program = startPgrehearse(argumentsFor(target), { env: { ...bucket.env, TMPDIR: temporary.path } });
      await new Promise((resolve) => setTimeout(resolve, moment * durationsMs[target]!));
      program.kill(signal);
      const { status, stderr } = await program.output();
      assert.ok(status === statuses[signal] || status === 0, `it ended with status ${status}: ${stderr}`);
      assert.deepEqual(await temporary.traces(), []);
      await removeChildFile(temporary.path);
      if (target === "scratch databases") {
        if (signal === "SIGKILL") await drill(target); // which reaps what is left
        assert.deepEqual(await scratchDatabases(server), []);
      }
      assert.deepEqual([...bucket.unfinished], []);
    },
    async [Symbol.asyncDispose]() {
      await bucket[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function removeChildFile(path: string): Promise<void> {
  await Deno.remove(`${path}-child`).catch(() => {});
}

async function scratchDatabases(server: TestServer): Promise<string[]> {
  const sql = await server.connect();
  const left = await sql`SELECT datname FROM pg_database WHERE datname LIKE 'pgrehearse%'`;
  await sql.end({ timeout: 5 });
  return left.map(({ datname }) => datname);
}
