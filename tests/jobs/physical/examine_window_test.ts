import assert from "node:assert/strict";
import { examineWindow } from "../../../lib/jobs/physical/examine_window.ts";
import type { ArchivedFile, PhysicalSource } from "../../../lib/physical/source.ts";
import { runJob } from "../../../lib/run/run_job.ts";

/** A backup in segment 3, and an archive up to segment 5. */
function sourceWith(timeOf: (number: number) => Date | undefined): PhysicalSource {
  return {
    name: "somewhere",
    list: () =>
      Promise.resolve([{ name: "base", parents: [], timeline: 1, startLsn: "0/3000028", stopLsn: "0/3000100" }]),
    restore: () => Promise.reject(new Error("nothing is restored")),
    async *listWal(): AsyncGenerator<ArchivedFile> {
      for (const number of [3, 4, 5]) {
        yield { name: `00000001000000000000000${number}`, sizeBytes: 16 * 1024 * 1024, modifiedAt: timeOf(number) };
      }
    },
  };
}

function examine(source: PhysicalSource) {
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  return runJob("recovery-window", options, async (job) => {
    await examineWindow(job, source, { rpoLimitMs: 900_000 });
  });
}

Deno.test("recovery-window: a limit passes where the newest segment is fresh, and fails where it is old", async () => {
  assert.equal((await examine(sourceWith(() => new Date()))).verdict, "pass");
  const late = await examine(sourceWith(() => new Date(Date.now() - 3_600_000)));
  assert.deepEqual([late.verdict, late.findings.map(({ code }) => code)], ["fail", ["WAL_ARCHIVE_LAGS"]]);
});

Deno.test("recovery-window: an archive that tells no times cannot pass a limit", async () => {
  const { verdict, findings } = await examine(sourceWith(() => undefined));
  assert.deepEqual([verdict, findings.map(({ code }) => code)], ["unknown", ["POLICY_UNKNOWN"]]);
});
