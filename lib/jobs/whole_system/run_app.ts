import type { AppConfig } from "../../config/app_schema.ts";
import { NoAnswerError, requestOnce } from "../../system/http_request.ts";
import { type Program, startProgram } from "../../system/program.ts";
import { untilAborted } from "../../system/timer.ts";
import { databaseVariables, type RestoredDatabases } from "./database_variables.ts";
import { appExited, appKilled, appLogMatched, appNotReady } from "./findings/programs.ts";
import type { Job } from "../../run/job.ts";
import { redact } from "../../system/redact.ts";

/** An application that was started. */
interface StartedApp {
  /** Where it answers: `http://127.0.0.1:40123`. */
  url: string;
}

/** How long to wait between two looks at an application that is not ready yet. */
const pauseMs = 100;

/** How long it may take over one answer. */
const answerMs = 5_000;

/**
 * Starts an application of the operator's with the restored databases at hand, and waits until it is ready. It is stopped
 * when the job ends, however that ends; then its log is judged, and it is a failure too if it had ended by itself.
 *
 * @throws {OperatorError} `APP_EXITED`, `APP_NOT_READY`, `CANNOT_START`, `DATABASE_NOT_RESTORED`.
 */
export async function startApp(
  job: Job,
  name: string,
  app: AppConfig,
  databases: RestoredDatabases,
): Promise<StartedApp> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = watchLog(job, name, app.fail_on_log);
  const env = {
    ...app.env,
    [app.port_env]: String(port),
    ...databaseVariables(name, app.database_env, databases),
  };
  let isReady = false;
  const start = () =>
    startProgram(app.command, {
      env,
      cwd: app.cwd,
      stopWithinMs: app.stop_within,
      stopSignal: app.stop_signal,
      onLine: log.see,
    });
  const stop = async (program: Program) => {
    const hadEnded = !program.isRunning();
    const { wasKilled } = await program.stop();
    log.report();
    if (hadEnded && isReady) {
      job.find(appExited({ name, status: await program.ended, when: "after", lastLines: linesOf(program) }));
    }
    if (wasKilled && !hadEnded) {
      job.note(appKilled({ name, withinMs: app.stop_within }));
    }
  };
  const program = await job.acquire(`the application ${name}`, () => Promise.resolve(start()), stop);
  await waitUntilReady(job, name, app, program, new URL(app.ready ?? "/", url));
  isReady = true;
  log.report();
  return { url };
}

async function waitUntilReady(job: Job, name: string, app: AppConfig, program: Program, ready: URL): Promise<void> {
  const deadline = performance.now() + (app.ready === undefined ? app.settle : app.ready_within);
  let lastProblem: string | undefined;
  while (performance.now() < deadline) {
    if (app.ready !== undefined) {
      const { isReady, problem } = await askWhetherReady(job, ready, deadline);
      if (isReady && program.isRunning()) return;
      lastProblem = isReady ? "another program answers at its port" : problem ?? lastProblem;
    }
    const left = Math.max(0, deadline - performance.now());
    await endedWithin(job, program, Math.min(pauseMs, left));
    if (!program.isRunning()) {
      await program.stop(); // its output is read to the end
      throw appExited.error({ name, status: await program.ended, when: "before", lastLines: linesOf(program) });
    }
  }
  if (app.ready === undefined) return;
  throw appNotReady.error({
    name,
    withinMs: app.ready_within,
    path: ready.pathname,
    problem: lastProblem,
    lastLines: linesOf(program),
  });
}

/** @returns Why it is not ready, if that is known: an answer that there was no time to wait for says nothing. */
async function askWhetherReady(
  job: Job,
  ready: URL,
  deadline: number,
): Promise<{ isReady: boolean; problem?: string }> {
  const left = deadline - performance.now();
  const timeoutMs = Math.ceil(Math.max(1, Math.min(answerMs, left)));
  try {
    const { status } = await requestOnce(ready, { timeoutMs, signal: job.signal });
    return status >= 200 && status < 300
      ? { isReady: true }
      : { isReady: false, problem: `it answers with status ${status}` };
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    return { isReady: false, ...!(error.isTimeout && left < answerMs) && { problem: error.message } };
  }
}

async function endedWithin(job: Job, program: Program, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  try {
    await untilAborted(Promise.race([program.ended, pause]), job.signal);
  } finally {
    clearTimeout(timer);
  }
}

function linesOf(program: Program): string | undefined {
  return program.lastLines() || undefined;
}

const portsGiven = new Set<number>();

/** A free port of this machine no other application of ours was given. */
function freePort(): number {
  for (;;) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    if (portsGiven.has(port)) continue;
    portsGiven.add(port);
    return port;
  }
}

/** Looks at a log for lines that must not be there, while it is written. */
interface LogWatch {
  see: (line: string) => void;
  /** Says what was found since it was last asked. */
  report(): void;
}

/** How much of a line is shown. */
const shownLength = 500;

/** @param patterns Regular expressions. */
function watchLog(job: Job, name: string, patterns: readonly string[]): LogWatch {
  const watched = patterns.map((pattern) => ({
    pattern,
    regex: new RegExp(pattern, "u"),
    count: 0,
    firstLine: "",
    isReported: false,
  }));
  return {
    see(line) {
      for (const watch of watched) {
        if (!watch.regex.test(line)) continue;
        if (watch.count++ === 0) watch.firstLine = line;
      }
    },
    report() {
      for (const watch of watched.filter(({ count, isReported }) => count > 0 && !isReported)) {
        watch.isReported = true;
        const line = redact(watch.firstLine).slice(0, shownLength);
        job.find(appLogMatched({ name, pattern: watch.pattern, line }));
      }
    },
  };
}
