import assert from "node:assert/strict";
import { join } from "node:path";
import { appSchema } from "../../../lib/config/app_schema.ts";
import { startApp } from "../../../lib/jobs/whole_system/run_app.ts";
import type { Job } from "../../../lib/run/job.ts";
import { runJob } from "../../../lib/run/run_job.ts";
import type { ConnectionParameters } from "../../../lib/postgres/connection/connection_parameters.ts";
import { connect } from "../../../lib/postgres/connection/connect.ts";
import { resolveConnectionParameters } from "../../../lib/postgres/connection/connection_parameters.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { startTestServer } from "../../support/server.ts";
import { processesNaming, traceableDirectory } from "../../support/traces.ts";
import { codes } from "../../support/verdicts.ts";

const smallApp = [
  Deno.execPath(),
  "run",
  "--quiet",
  "-P=development",
  "--config=deno.json",
  "tests/support/small_app.ts",
];

interface Run {
  databases?: Map<string, ConnectionParameters>;
  work?: (url: string, job: Job) => Promise<void>;
  signal?: AbortSignal;
}

function run(app: object, { databases = new Map(), work, signal }: Run = {}): Promise<Verdict> {
  const options = { signal: signal ?? new AbortController().signal, onProgress: () => {}, debug: true };
  return runJob("drill", options, async (job) => {
    const parsed = appSchema.parse({ command: smallApp, ready: "/readyz", ...app });
    const { url } = await startApp(job, "api", parsed, databases);
    await work?.(url, job);
  });
}

Deno.test("application", async (t) => {
  await using server = await startTestServer();

  await t.step("is ready when its URL answers, reaches the restored database, and is gone afterwards", async () => {
    const database = await server.makeDatabase();
    const databases = new Map([["shop", await resolveConnectionParameters(server.url(database), {})]]);
    let seen: Record<string, string> = {};
    let gone = "";
    const { verdict, findings } = await run({ env: { READY_AFTER_MS: "400" } }, {
      databases,
      async work(url) {
        gone = url;
        seen = await (await fetch(`${url}/env`)).json();
      },
    });
    assert.equal(verdict, "pass", JSON.stringify(findings));
    assert.equal(`http://127.0.0.1:${seen.PORT}`, gone);
    const sql = await connect(await resolveConnectionParameters(seen.DATABASE_URL, {}));
    const [{ name }] = await sql`SELECT current_database() AS name`;
    await sql.end();
    assert.equal(name, database);
    const allowed =
      /^(PATH|HOME|USER|LANG|TZ|TMPDIR|PWD|OLDPWD|SHLVL|_|PORT|DATABASE_URL|READY_AFTER_MS|PGREHEARSE_.*)$/;
    assert.deepEqual(Object.keys(seen).filter((variable) => !allowed.test(variable)), []);
    await assert.rejects(fetch(gone));
  });

  await t.step("that ends before it is ready fails with its status and last lines", async () => {
    const verdict = await run({ env: { EXIT_EARLY: "3", LOG: "no such column postgresql://u:hunter2@h/d" } });
    assert.equal(verdict.verdict, "fail");
    assert.deepEqual(codes(verdict), ["APP_EXITED"]);
    assert.match(verdict.findings[0].message, /status 3 before it was ready/);
    assert.match(verdict.findings[0].detail!, /no such column postgresql:\/\/u:\*\*\*@h\/d/);
  });

  await t.step("that is never ready fails with what it answered", async () => {
    // A busy machine may start it late: then it is given more time, until it has answered at all.
    let verdict: Verdict;
    let seconds = 1;
    do {
      verdict = await run({ env: { READY_AFTER_MS: "3600000" }, ready_within: `${seconds}s` });
      assert.deepEqual([verdict.verdict, ...codes(verdict)], ["fail", "APP_NOT_READY"]);
      seconds *= 4;
    } while (seconds < 300 && !/listening on/.test(verdict.findings[0].detail!));
    assert.match(verdict.findings[0].message, /status 503/);
    assert.match(verdict.findings[0].detail!, /listening on/);
  });

  await t.step("that stops answering fails with its last answer, one that never answers with that", async () => {
    let asked = 0;
    const silent = Promise.withResolvers<Response>();
    await using endpoint = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
      if (url.endsWith("/mute") || asked++ > 0) return silent.promise;
      return new Response(null, { status: 503 });
    });
    const messageOf = async (path: string) => {
      const ready = `http://127.0.0.1:${endpoint.addr.port}${path}`;
      const { findings: [finding] } = await run({ command: ["sleep", "600"], ready, ready_within: "1s" });
      assert.equal(finding.code, "APP_NOT_READY");
      return finding.message;
    };
    assert.match(await messageOf("/busy"), /\/busy: it answers with status 503/);
    assert.match(await messageOf("/mute"), /\/mute: no answer in that time/);
    silent.resolve(new Response());
  });

  await t.step("without a URL must only still be running after a while", async () => {
    const settling = { ready: undefined, settle: "300ms" };
    assert.equal((await run({ ...settling, command: ["sleep", "30"] })).verdict, "pass");
    assert.deepEqual(codes(await run({ ...settling, command: ["sh", "-c", "sleep 0.1; exit 4"] })), ["APP_EXITED"]);
    assert.deepEqual(codes(await run({ ...settling, command: ["no-such-program"] })), ["APP_EXITED"]);
  });

  await t.step("that crashes once it was ready fails", async () => {
    const verdict = await run({}, {
      async work(url) {
        await (await fetch(`${url}/crash`)).body?.cancel();
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    });
    assert.deepEqual([verdict.verdict, ...codes(verdict)], ["fail", "APP_EXITED"]);
    assert.match(verdict.findings[0].message, /status 9 after it was ready/);
  });

  await t.step(
    "that does not stop is killed, with a child in its own session, and passes with a note",
    async () => {
      await using directory = await traceableDirectory();
      const child = join(directory.path, "child");
      const { verdict, notes } = await run({ env: { STUBBORN: "1", CHILD: child }, stop_within: "300ms" }, {
        async work() {
          while (!(await processesNaming(child)).length) await new Promise((resolve) => setTimeout(resolve, 20));
        },
      });
      assert.equal(verdict, "pass");
      assert.deepEqual(notes!.map(({ code }) => code), ["APP_KILLED"]);
      assert.deepEqual(await processesNaming(child), []);
    },
  );

  await t.step("whose log says what it must not fails, with the line, redacted", async () => {
    const verdict = await run({
      env: { LOG: "schema is at 41, password=hunter2, code wants 42" },
      fail_on_log: ["schema is at \\d+", "never"],
    });
    assert.deepEqual([verdict.verdict, ...codes(verdict)], ["fail", "APP_LOG_MATCHED"]);
    assert.equal(verdict.findings[0].detail, "schema is at 41, password=*** code wants 42");
  });

  await t.step("is stopped when the run is interrupted while it gets ready", async () => {
    await using directory = await traceableDirectory();
    const marker = join(directory.path, "marker");
    const controller = new AbortController();
    const running = run(
      { command: ["sh", "-c", `trap '' TERM; while :; do sleep 0.1; done; : ${marker}`], stop_within: "200ms" },
      { signal: controller.signal },
    );
    while (!(await processesNaming(marker)).length) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new DOMException("Interrupted by SIGTERM.", "AbortError"));
    assert.deepEqual(codes(await running), ["INTERRUPTED"]);
    assert.deepEqual(await processesNaming(marker), []);
  });

  await t.step("gets other databases in other variables, or is not started", async () => {
    const parameters = await resolveConnectionParameters("postgresql://a:p%40ss@db1:5433/x?sslmode=require", {});
    const databases = new Map([["shop", parameters], ["identity", parameters]]);
    let seen: Record<string, string> = {};
    await run({ database_env: { IDENTITY_URL: "identity" }, port_env: "PORT" }, {
      databases,
      work: async (url) => seen = await (await fetch(`${url}/env`)).json(),
    });
    assert.equal(seen.IDENTITY_URL, "postgresql://a:p%40ss@db1:5433/x?sslmode=require");
    assert.equal(seen.DATABASE_URL, undefined);
    assert.deepEqual(codes(await run({ database_env: { X: "gone" } })), ["DATABASE_NOT_RESTORED"]);
  });
});
