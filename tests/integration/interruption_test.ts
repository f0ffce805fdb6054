import assert from "node:assert/strict";
import { outcomeOf, type RunningProgram, startPgrehearse } from "../support/pgrehearse.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { type TraceableDirectory, traceableDirectory } from "../support/traces.ts";

// Enough rows that every phase takes a moment.
const rows = "20000";

/** The phases of a run in a throwaway cluster, and before the first. */
const phases = ["start", "preflight", "cluster", "connect", "migrate", "workload", "dump", "wipe", "restore", "verify"];

/** Starts a run and lets it come to the end of a phase, plus a moment into the next one. */
async function runUntil(phase: string, args: string[], directory: TraceableDirectory): Promise<RunningProgram> {
  const program = startPgrehearse(["smoke", "--rows", rows, ...args], { env: { TMPDIR: directory.path } });
  if (phase !== "start") await program.untilPhaseEnded(phase);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
  return program;
}

async function scratchDatabases(server: TestServer): Promise<string[]> {
  const sql = await server.connect();
  const left = await sql`SELECT datname FROM pg_database WHERE datname LIKE 'pgrehearse%'`;
  await sql.end();
  return left.map(({ datname }) => datname);
}

const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

Deno.test("interruption: kill -9 in every phase leaves no process and no file", async () => {
  for (const phase of phases) {
    await using directory = await traceableDirectory();
    const program = await runUntil(phase, [], directory);
    program.kill("SIGKILL");
    await program.output();
    assert.deepEqual(await directory.traces(), [], `after ${phase}`);
  }
});

Deno.test("interruption: SIGINT, SIGTERM and SIGHUP in every phase end in a verdict, and nothing is left", async () => {
  const signals = Object.keys(statuses) as (keyof typeof statuses)[];
  for (const [index, phase] of phases.entries()) {
    const signal = signals[index % signals.length];
    await using directory = await traceableDirectory();
    // Before the program listens, a signal ends it without a word.
    const program = await runUntil(phase === "start" ? "preflight" : phase, [], directory);
    program.kill(signal);
    const { status, verdict } = outcomeOf(await program.output());
    const isOver = verdict.verdict === "pass"; // it had proven everything, and was cleaning up or gone
    if (!isOver || status !== 0) assert.equal(status, statuses[signal], `${signal} after ${phase}`);
    if (phase !== "restore" && phase !== "verify") assert.equal(isOver, false, `${signal} after ${phase}`);
    if (!isOver) assert.deepEqual(verdict.findings.map(({ code }) => code), ["INTERRUPTED"]);
    assert.deepEqual(await directory.traces(), [], `${signal} after ${phase}`);
  }
});

Deno.test("interruption: on a named server, kill -9 leaves a scratch database that the next run drops", async () => {
  await using server = await startTestServer();
  for (const phase of ["scratch_database", "workload", "dump", "wipe"]) {
    await using directory = await traceableDirectory();
    const program = await runUntil(phase, ["--db-url", server.url()], directory);
    program.kill("SIGKILL");
    await program.output();
    assert.deepEqual(await directory.traces(), [], `after ${phase}`);
  }
  assert.notDeepEqual(await scratchDatabases(server), []);

  await using directory = await traceableDirectory();
  const next = outcomeOf(
    await startPgrehearse(["smoke", "--db-url", server.url()], { env: { TMPDIR: directory.path } }).output(),
  );
  assert.equal(next.status, 0, next.stderr);
  assert.deepEqual(await scratchDatabases(server), []);
});

Deno.test("interruption: on a named server, SIGTERM drops the scratch database at once", async () => {
  await using server = await startTestServer();
  for (const phase of ["scratch_database", "workload", "restore"]) {
    await using directory = await traceableDirectory();
    const program = await runUntil(phase, ["--db-url", server.url()], directory);
    program.kill("SIGTERM");
    const { status, stderr } = outcomeOf(await program.output());
    assert.equal(status, 143, stderr);
    assert.deepEqual(await scratchDatabases(server), [], `after ${phase}`);
    assert.deepEqual(await directory.traces(), [], `after ${phase}`);
  }
});

Deno.test("interruption: a failed child is a finding with what it said, and nothing is left", async () => {
  await using directory = await traceableDirectory();
  await using server = await startTestServer();
  // A dump of a database whose table somebody else keeps locked fails when the lock is refused.
  const program = startPgrehearse(["smoke", "--db-url", server.url()], {
    env: { TMPDIR: directory.path, PGOPTIONS: "-c default_transaction_isolation=nonsense" },
  });
  const { status, verdict, stdout } = outcomeOf(await program.output());
  assert.equal(status, 2, stdout);
  assert.equal(verdict.verdict, "unknown");
  assert.deepEqual(await scratchDatabases(server), []);
  assert.deepEqual(await directory.traces(), []);
});
