import assert from "node:assert/strict";
import { outcomeOf, type RunningProgram, startPgrehearse } from "../../support/pgrehearse.ts";
import { printedRandom } from "../../support/random.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { type TraceableDirectory, traceableDirectory } from "../../support/traces.ts";

const random = printedRandom();

// Enough rows that every phase takes a moment.
const rows = "20000";

/** The phases of a run in a throwaway cluster, and before the first. */
const phases = ["start", "preflight", "cluster", "connect", "migrate", "workload", "dump", "wipe", "restore", "verify"];

/** Starts a run and lets it come to the end of a phase, plus a moment into the next one. */
async function runUntil(phase: string, args: string[], directory: TraceableDirectory): Promise<RunningProgram> {
  const program = startPgrehearse(["smoke", "--rows", rows, ...args], { env: { TMPDIR: directory.path } });
  if (phase !== "start") await program.untilPhaseEnded(phase);
  await new Promise((resolve) => setTimeout(resolve, random() * 40));
  return program;
}

async function scratchDatabases(server: TestServer): Promise<string[]> {
  const sql = await server.connect();
  const left = await sql`SELECT datname FROM pg_database WHERE datname LIKE 'pgrehearse%'`;
  await sql.end();
  return left.map(({ datname }) => datname);
}

const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

Deno.test("interruption: kill -9 in every other phase leaves no process and no file", async () => {
  // In those between, and at every moment of other commands: dying_test.ts and scripts/torture.
  for (const phase of phases.filter((_, place) => place % 2 === 0)) {
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
  // A dump of a database whose table another session keeps locked fails when the lock is refused.
  const program = startPgrehearse(["smoke", "--db-url", server.url()], {
    env: { TMPDIR: directory.path, PGOPTIONS: "-c default_transaction_isolation=nonsense" },
  });
  const { status, verdict, stdout } = outcomeOf(await program.output());
  assert.equal(status, 2, stdout);
  assert.equal(verdict.verdict, "unknown");
  assert.deepEqual(await scratchDatabases(server), []);
  assert.deepEqual(await directory.traces(), []);
});

Deno.test("interruption: a webhook, a ping or a collector that never ends its answer delays no run", async () => {
  const kinds: ((connection: Deno.Conn, isClosed: () => boolean) => Promise<void>)[] = [
    async () => {}, // says nothing
    async (connection, isClosed) => { // says a byte a second
      await connection.read(new Uint8Array(65_536));
      for (const byte of new TextEncoder().encode("HTTP/1.1 200 OK\r\nx: " + "x".repeat(1_000))) {
        if (isClosed()) return;
        await connection.write(Uint8Array.of(byte));
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    },
  ];
  for (const answer of kinds) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const open: Deno.Conn[] = [];
    let isClosed = false;
    const asked = Promise.withResolvers<void>();
    const answering: Promise<void>[] = [];
    const serving = (async () => {
      for await (const connection of listener) {
        open.push(connection);
        answering.push(answer(connection, () => isClosed).catch(() => {}));
        asked.resolve();
      }
    })();
    const url = `http://127.0.0.1:${listener.addr.port}`;
    const directory = await Deno.makeTempDir();
    const config = `${directory}/pgrehearse.json`;
    const notify = { webhooks: [{ url }], pings: [{ start_url: url, success_url: url, failure_url: url }] };
    const databases = { shop: { url: "postgresql://127.0.0.1:1/shop" } };
    await Deno.writeTextFile(config, JSON.stringify({ databases, store: `${directory}/store`, notify }));
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: "60000" };

    const stopped = startPgrehearse(["backup", "--config", config], { env });
    await asked.promise;
    stopped.kill("SIGTERM");
    const { status, stdout, stderr, verdict } = outcomeOf(await stopped.output());
    assert.equal(status, 143);
    const untold = verdict.findings.filter(({ code }) => code === "NOT_NOTIFIED").map(({ message }) => message);
    for (const kind of ["webhook", "ping"]) assert.ok(untold.some((message) => message.includes(kind)), stdout);
    assert.match(stderr, /Spans were not sent to the OTLP endpoint: it had not answered when the run was stopped\./);

    const late = startPgrehearse(["backup", "--config", config, "--timeout", "1s"]);
    const { verdict: lateVerdict } = outcomeOf(await late.output());
    const [first] = lateVerdict.findings.filter(({ code }) => code === "NOT_NOTIFIED");
    assert.match(first.message, /it had not answered when the run was stopped/);

    isClosed = true;
    listener.close();
    await serving;
    for (const connection of open) connection.close();
    await Promise.all(answering);
    await Deno.remove(directory, { recursive: true });
  }
});
