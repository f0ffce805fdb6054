import assert from "node:assert/strict";
import { type Program, type ProgramOptions, startProgram } from "../../lib/system/program.ts";
import { processesNaming, traceableDirectory } from "../support/traces.ts";

const sh = (script: string, options: Partial<ProgramOptions> = {}): Program =>
  startProgram(["sh", "-c", script], { env: {}, stopWithinMs: 600_000, ...options });

Deno.test("program", async (t) => {
  await t.step("its status and its output, stdout and stderr in their order", async () => {
    const program = sh("echo one; echo two >&2; echo three; exit 7");
    assert.equal(await program.ended, 7);
    assert.deepEqual(await program.stop(), { wasKilled: false });
    assert.equal(program.lastLines(), "one\ntwo\nthree");
    assert.equal(program.isRunning(), false);
  });

  await t.step("it inherits nothing but what every program needs", async () => {
    Deno.env.set("PGR_TEST_INHERITED", "no");
    const program = sh("env", { env: { GIVEN: "yes" } });
    await program.ended;
    await program.stop();
    assert.match(program.lastLines(), /^GIVEN=yes$/m);
    assert.match(program.lastLines(), /^PATH=/m);
    assert.doesNotMatch(program.lastLines(), /PGR_TEST_INHERITED/);
  });

  await t.step("a program that is not there ends with 127, and says so", async () => {
    const program = startProgram(["/no/such/program"], { env: {}, stopWithinMs: 1_000 });
    assert.equal(await program.ended, 127);
    await program.stop();
    assert.match(program.lastLines(), /no\/such\/program/);
  });

  await t.step("a working directory that is none cannot be started in", () => {
    assert.throws(() => sh("true", { cwd: "/no/such/directory" }), { code: "CANNOT_START" });
  });

  await t.step("it is asked to stop, with the signal that it wants", async () => {
    for (const stopSignal of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) {
      const seen: string[] = [];
      const ready = Promise.withResolvers<void>();
      const program = sh(
        `trap 'echo stopping; exit 3' ${stopSignal.slice(3)}; echo ready; while :; do sleep 0.05; done`,
        { stopSignal, onLine: (line) => line === "ready" ? ready.resolve() : seen.push(line) },
      );
      await ready.promise;
      assert.deepEqual(await program.stop(), { wasKilled: false });
      assert.equal(await program.ended, 3);
      assert.ok(seen.includes("stopping"));
    }
  });

  await t.step("one that ignores the signal is killed, with all that it started", async () => {
    await using directory = await traceableDirectory();
    const ready = Promise.withResolvers<void>();
    const marker = `${directory.path}/marker`;
    const program = sh(
      `trap '' TERM; (trap '' TERM; exec setsid sh -c 'sleep 60; : ${marker} far') &
       sh -c 'trap "" TERM; while :; do sleep 1; done; : ${marker} near' & echo ready; wait; sleep 60; : ${marker}`,
      { stopWithinMs: 300, onLine: () => ready.resolve() },
    );
    await ready.promise;
    assert.ok((await processesNaming(marker)).length >= 3);
    assert.deepEqual(await program.stop(), { wasKilled: true });
    assert.deepEqual(await processesNaming(marker), []);
  });

  await t.step("what it leaves running when it ends goes too", async () => {
    await using directory = await traceableDirectory();
    const marker = `${directory.path}/marker`;
    const program = sh(`setsid sh -c 'sleep 60; : ${marker}' & sh -c 'sleep 60; : ${marker}' & exit 0`);
    assert.equal(await program.ended, 0);
    await program.stop();
    assert.deepEqual(await processesNaming(marker), []);
  });

  await t.step("of 100 MB of output the last 100 lines are kept, and every line is seen", async () => {
    let lines = 0;
    const program = sh(`yes "$(printf 'x%.0s' $(seq 99))" | head -c 100000000; echo last`, { onLine: () => lines++ });
    assert.equal(await program.ended, 0);
    await program.stop();
    assert.equal(lines, 1_000_001);
    const kept = program.lastLines().split("\n");
    assert.deepEqual([kept.length, kept.at(-1)], [100, "last"]);
  });

  await t.step("a line without an end is cut", async () => {
    const program = sh("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last");
    await program.ended;
    await program.stop();
    assert.deepEqual(program.lastLines().split("\n").map((line) => line.length), [8_192, 4]);
  });
  await t.step("nothing of it is left when we are killed", async () => {
    await using directory = await traceableDirectory();
    const marker = `${directory.path}/marker`;
    const stubborn = `trap '' TERM; setsid sh -c 'sleep 60; : ${marker}' & echo ready; while :; do sleep 1; done`;
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-P", "--config=deno.json", "tests/support/program_holder.ts", "sh", "-c", stubborn],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    assert.ok((await processesNaming(marker)).length >= 3);
    holder.kill("SIGKILL");
    await reader.cancel();
    await holder.status;
    assert.deepEqual(await directory.traces(), []);
  });
});
