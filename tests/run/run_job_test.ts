import assert from "node:assert/strict";
import type { Job } from "../../lib/run/job.ts";
import { cleanUpInTime } from "../../lib/run/limits.ts";
import { runJob } from "../../lib/run/run_job.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";

function run(steps: (job: Job) => Promise<void> | void, controller = new AbortController()) {
  const options = { signal: controller.signal, onProgress() {} };
  return runJob("test", options, async (job) => steps(job));
}

Deno.test("job: passes if every assertion holds, and says its proof", async () => {
  const verdict = await run((job) => {
    job.expect("same", { expected: 1, actual: 1 });
    job.record({ proof: "exact" });
  });
  assert.deepEqual([verdict.verdict, verdict.proof], ["pass", "exact"]);
});

Deno.test("job: one difference is a fail, without proof", async () => {
  const verdict = await run((job) => {
    job.expect("same", { expected: 1, actual: 1 });
    job.expect("different", { expected: "1", actual: 1 });
    job.record({ proof: "exact" });
  });
  assert.deepEqual([verdict.verdict, verdict.proof], ["fail", undefined]);
});

Deno.test("job: what is expected comes with the finding that says why not; a warning is said where it holds, too", async () => {
  const said = { message: "It is so.", fix: "Look." };
  const codes = async (actual: number) => {
    const verdict = await run((job) =>
      job.expect("one", { expected: 1, actual }, { code: "WRONG", ...said }, {
        code: "EARLY_WARNING",
        severity: "warning",
        ...said,
      })
    );
    return [verdict.verdict, ...verdict.findings.map(({ code }) => code)];
  };
  assert.deepEqual(await codes(1), ["pass", "EARLY_WARNING"]);
  assert.deepEqual(await codes(2), ["fail", "WRONG", "EARLY_WARNING"]);
});

Deno.test("job: what could not be verified is unknown; what is known to be wrong is a fail all the same", async () => {
  const unknown = new OperatorError("CODE", "Cannot.", { fix: "Do." });
  const throwing = (error: Error, ok = true) =>
    run((job) => {
      job.expect("a", { expected: ok, actual: true });
      throw error;
    });
  assert.equal((await throwing(unknown)).verdict, "unknown");
  assert.equal((await throwing(unknown, false)).verdict, "fail");
  assert.equal(
    (await throwing(new OperatorError("CODE", "Is wrong.", { fix: "Do.", consequence: "fail" }))).verdict,
    "fail",
  );
  const mistake = await throwing(new TypeError("x is not a function"));
  assert.deepEqual([mistake.verdict, mistake.findings[0].code], ["unknown", "INTERNAL_ERROR"]);
});

Deno.test("job: cleans up in reverse order, once, whatever happens; a failing cleanup does not pass and stops nothing", async () => {
  const done: string[] = [];
  const verdict = await run(async (job) => {
    await job.acquire("first", () => Promise.resolve(1), async () => void done.push("first"));
    await job.acquire("second", () => Promise.resolve({ name: "of two" }), () => Promise.reject(new Error("stuck")));
    await job.acquire("third", () => Promise.resolve(3), async () => void done.push("third"));
    job.expect("same", { expected: 1, actual: 1 });
  });
  assert.deepEqual(done, ["third", "first"]);
  assert.equal(verdict.verdict, "unknown");
  assert.equal(verdict.findings[0].code, "LEFT_BEHIND");
  assert.match(verdict.findings[0].message, /second of two: stuck/);
});

Deno.test("job: an interruption ends the step under way, and what is still being made is released too", async () => {
  const controller = new AbortController();
  const done: string[] = [];
  const verdict = await run(async (job) => {
    setTimeout(() => controller.abort(new DOMException("Interrupted by SIGTERM.", "AbortError")), 10);
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 50, "made"));
    await job.phase("making", () => job.acquire("slow", slow, async (made) => void done.push(made)));
    done.push("went on");
  }, controller);
  assert.deepEqual(done, ["made"]);
  assert.equal(verdict.verdict, "unknown");
  assert.deepEqual(verdict.findings.map(({ code, message }) => [code, message]), [
    ["INTERRUPTED", "Interrupted by SIGTERM."],
  ]);
});

Deno.test("job: what a step still says after the interruption is not a failure", async () => {
  const controller = new AbortController();
  const verdict = await run(async (job) => {
    await job.acquire("what waits", () => Promise.resolve(), () => new Promise((resolve) => setTimeout(resolve, 60)));
    setTimeout(() => controller.abort(new DOMException("Interrupted by SIGTERM.", "AbortError")), 10);
    await job.phase("looking", async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      job.expect("whole", { expected: true, actual: false });
      job.find({ code: "DIFFERS", message: "It differs.", fix: "Look." });
    });
  }, controller);
  assert.deepEqual([verdict.verdict, verdict.findings.length], ["unknown", 1]);
});

Deno.test("job: a cleanup that never ends is given up, and sooner once we are asked to stop", async () => {
  const never = () => new Promise<void>(() => {});
  const isLeftBehind = (error: unknown) => error instanceof OperatorError && error.code === "LEFT_BEHIND";
  const stop = new AbortController();
  await assert.rejects(cleanUpInTime("it", never, stop.signal, { ms: 1, stoppingMs: 3_600_000 }), isLeftBehind);
  const givenUp = cleanUpInTime("it", never, stop.signal, { ms: 3_600_000, stoppingMs: 1 });
  stop.abort();
  await assert.rejects(givenUp, isLeftBehind);
  await assert.rejects(cleanUpInTime("it", never, stop.signal, { ms: 3_600_000, stoppingMs: 1 }), isLeftBehind);
  await cleanUpInTime("it", () => Promise.resolve(), stop.signal, { ms: 3_600_000, stoppingMs: 3_600_000 });
});
