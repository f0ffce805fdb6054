import assert from "node:assert/strict";
import { join } from "node:path";
import { sumFile } from "../../lib/system/checksums.ts";
import { makeBackup, runDrill } from "./jobs.ts";
import { startPgrehearse } from "./pgrehearse.ts";
import type { TestServer } from "./server.ts";
import { processesNaming, traceableDirectory } from "./traces.ts";

export const killSignals = ["SIGKILL", "SIGTERM", "SIGINT"] as const;
export type KillSignal = typeof killSignals[number];

/** What is killed; the second drill has a throwaway cluster, the third a scratch database. */
export const killedCommands = ["backup", "drill", "drill --into"] as const;
export type KilledCommand = typeof killedCommands[number];

const statuses = { SIGKILL: 137, SIGTERM: 143, SIGINT: 130 } as const;

/** A database to be backed up and drilled while its program is killed. */
export interface KillGround extends AsyncDisposable {
  server: TestServer;
  url: string;
  /** A backup of it. */
  dump: string;
  /** How long the commands take without a kill, in milliseconds. */
  durationsMs: Record<KilledCommand, number>;
}

export async function makeKillGround(server: TestServer): Promise<KillGround> {
  const database = await server.makeDatabase();
  const url = server.url(database);
  const sql = await server.connect(database);
  await sql.unsafe(`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS v FROM generate_series(1, 60000) AS i;
    ALTER TABLE t ADD PRIMARY KEY (id); CREATE INDEX ON t (v)`).simple();
  await sql.end({ timeout: 5 });
  const directory = await traceableDirectory();
  const dump = await makeBackup(url, directory.path);
  const durationsMs = {} as KillGround["durationsMs"];
  const ground = { server, url, dump, durationsMs, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
  for (const command of killedCommands) {
    await using store = await traceableDirectory();
    const start = performance.now();
    const { status, stderr } = await startPgrehearse(argumentsOf(ground, command, store.path)).output();
    assert.equal(status, 0, stderr);
    durationsMs[command] = performance.now() - start;
  }
  return ground;
}

/**
 * Kills a command at a moment of its life, and throws unless everything is clean afterwards and the next run succeeds.
 *
 * @param moment From 0, its start, to 1, its usual end.
 */
export async function killAt(
  ground: KillGround,
  command: KilledCommand,
  signal: KillSignal,
  moment: number,
): Promise<void> {
  const { server, url, dump, durationsMs } = ground;
  await using store = await traceableDirectory();
  await using temporary = await traceableDirectory();
  const program = startPgrehearse(argumentsOf(ground, command, store.path), { env: { TMPDIR: temporary.path } });
  await new Promise((resolve) => setTimeout(resolve, moment * durationsMs[command]));
  program.kill(signal);
  const { status, stderr } = await program.output();
  assert.ok(status === statuses[signal] || status === 0, `it ended with status ${status}: ${stderr}`);

  assert.deepEqual(await temporary.traces(), []);
  await untilNobodyNames(store.path);
  await requireHonestStore(store.path);
  const isOnServer = command === "drill --into";
  if (isOnServer && signal !== "SIGKILL") assert.deepEqual(await scratchDatabases(server), []);

  if (command === "backup") {
    await makeBackup(url, join(store.path, "next"));
  } else {
    const { verdict, findings } = await runDrill(dump, { into: command === "drill" ? undefined : url });
    assert.equal(verdict, "pass", JSON.stringify(findings, null, 2));
  }
  if (isOnServer) assert.deepEqual(await scratchDatabases(server), []);
}

function argumentsOf({ url, dump }: KillGround, command: KilledCommand, store: string): string[] {
  if (command === "backup") return ["backup", "--db-url", url, "--to", store];
  return ["drill", dump, ...command === "drill" ? [] : ["--trust-dump", "--into", url]];
}

async function untilNobodyNames(path: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if ((await processesNaming(path)).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(await processesNaming(path), []);
}

/** Nothing unfinished, and with every manifest exactly the dump that it describes. */
async function requireHonestStore(path: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
  assert.deepEqual(names.filter((name) => name.endsWith(".dump.partial")), []);
  for (const name of names.filter((name) => name.endsWith(".manifest.json"))) {
    const { dump } = JSON.parse(await Deno.readTextFile(join(path, name)));
    for (const { path: below, sha256 } of dump.files) assert.equal((await sumFile(join(path, below))).sha256, sha256);
  }
}

async function scratchDatabases(server: TestServer): Promise<string[]> {
  const sql = await server.connect();
  const left = await sql`SELECT datname FROM pg_database WHERE datname LIKE 'pgrehearse%'`;
  await sql.end({ timeout: 5 });
  return left.map(({ datname }) => datname);
}
