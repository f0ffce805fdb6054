import assert from "node:assert/strict";
import { claimNameInBucket, claimNameInDirectory } from "../../../lib/jobs/backup/claim_name.ts";
import type { Job } from "../../../lib/run/job.ts";
import { type IncidentRecord, isRecordName, keepRecord } from "../../../lib/jobs/restore/incident_record.ts";
import { acquireStore } from "../../../lib/run/job.ts";
import { runJob } from "../../../lib/run/run_job.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { namesIn } from "../../support/stored_backups.ts";

const name = "shop-20260102T030405Z";

/** Runs several jobs at the same time that claim the same name, and only end when each has one. */
async function claimTogether(claim: (job: Job) => Promise<string>): Promise<string[]> {
  const claimed: string[] = [];
  const all = Promise.withResolvers<void>();
  const jobs = Array.from(
    { length: 4 },
    () =>
      runJob("backup", { signal: new AbortController().signal, onProgress: () => {} }, async (job) => {
        claimed.push(await claim(job));
        if (claimed.length === 4) all.resolve();
        await all.promise;
      }),
  );
  const verdicts = await Promise.all(jobs);
  for (const { verdict, findings } of verdicts) assert.deepEqual([verdict, findings], ["pass", []]);
  return claimed.sort();
}

const four = [name, `${name}-2`, `${name}-3`, `${name}-4`];

Deno.test("claim: several backups of one second in a directory get different names", async () => {
  const directory = await Deno.makeTempDir();
  const claim = async (job: Job) => (await claimNameInDirectory(job, directory, name)).name;
  assert.deepEqual(await claimTogether(claim), four);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(directory)), []);
  for (const file of [`${name}.manifest.json`, `${name}-2.dump.age`, `${name}-3.dump`]) {
    await Deno.writeTextFile(`${directory}/${file}`, "another's");
  }
  assert.equal((await claimTogether(claim))[0], `${name}-4`);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("claim: several backups of one second in a bucket get different names", async () => {
  await using s3 = await startS3Server();
  for (const [variable, value] of Object.entries(s3.env)) Deno.env.set(variable, value);
  const store = await openStore("s3://backups/claimed", { endpoint: s3.endpoint });
  const claim = (job: Job) => claimNameInBucket(job, store, name);
  assert.deepEqual(await claimTogether(claim), four);
  assert.deepEqual(await namesIn(store), []);
  await store.write(`${name}.manifest.json`, ReadableStream.from([new Uint8Array(1)]));
  assert.equal((await claimTogether(claim))[0], `${name}-2`);

  // A role that may only write, and read what it names.
  s3.inject(({ method, query }) =>
    method === "DELETE" || query.has("list-type") ? { status: 403, code: "AccessDenied" } : undefined
  );
  const other = (job: Job) => claimNameInBucket(job, store, "crm-20260102T030405Z");
  assert.deepEqual(await claimTogether(other), four.map((each) => each.replace("shop", "crm")));
  await store.close();
});

Deno.test("claim: a run that is interrupted at any request leaves no claim in the bucket", async () => {
  await using s3 = await startS3Server();
  for (const [variable, value] of Object.entries(s3.env)) Deno.env.set(variable, value);
  const options = { endpoint: s3.endpoint };
  const looking = await openStore("s3://backups/interrupted", options);
  let isInterrupted = true;
  for (let last = 1; isInterrupted; last++) {
    const { signal, abort } = withAbort();
    let seen = 0;
    s3.inject(() => {
      if (++seen === last) abort();
      return undefined;
    });
    const verdict = await runJob("backup", { signal, onProgress: () => {} }, async (job) => {
      const store = await acquireStore(job, "s3://backups/interrupted", options);
      await claimNameInBucket(job, store, name);
    });
    isInterrupted = signal.aborted && verdict.verdict === "unknown";
    s3.inject(() => undefined);
    assert.deepEqual(await namesIn(looking), [], `at request ${last}`);
    assert.deepEqual(verdict.findings.map(({ code }) => code), isInterrupted ? ["INTERRUPTED"] : []);
  }
  await looking.close();
});

function withAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new DOMException("Interrupted.", "AbortError")) };
}

Deno.test("claim: several restores of one backup in one second keep a record each", async () => {
  await using s3 = await startS3Server();
  for (const [variable, value] of Object.entries(s3.env)) Deno.env.set(variable, value);
  const directory = await Deno.makeTempDir();
  const another = await Deno.makeTempDir();
  const recordOf = (operator: string): IncidentRecord => ({
    ...{ schema: "pgrehearse.restore/v1", state: "started", mode: "swap", operator },
    ...{ started_at: "2026-01-02T03:04:05.678Z", renamed: [], phases: [], findings: [] },
    backup: { name, path: `/backups/${name}.dump`, size_bytes: 1 },
    target: { server: "db1:5432", database: "shop", system_identifier: "1" },
    data_loss_window: {
      from: "2026-01-02T03:00:00.000Z",
      to: "2026-01-02T03:04:05.678Z",
      seconds: 245,
      known_by: "last_commit",
    },
  });
  const operators = ["ann", "bob", "eve"];
  const names = ["", "-2", "-3"].map((place) => `${name}.restore-20260102T030405Z${place}`);
  for (const place of [directory, "s3://backups/records"]) {
    const options = { endpoint: s3.endpoint };
    const keepers = await Promise.all(
      operators.map((operator) => keepRecord([place, another], recordOf(operator), options)),
    );
    assert.deepEqual(keepers.map(({ path }) => path).sort(), names.map((each) => `${place}/${each}.json`).sort());
    await Promise.all(keepers.map((keeper, i) => keeper.write({ ...recordOf(operators[i]), state: "finished" })));
    const store = await openStore(place, options);
    const found = await namesIn(store);
    assert.deepEqual(found, names.flatMap((each) => [`${each}.json`, `${each}.md`]).sort());
    assert.deepEqual(found.filter(isRecordName).length, 3);
    for (const [i, { path }] of keepers.entries()) {
      const kept = await new Response(store.read(path.slice(place.length + 1))).json();
      assert.deepEqual([kept.operator, kept.state], [operators[i], "finished"]);
    }
    await store.close();
  }
  assert.equal((await namesIn(await openStore(another))).filter(isRecordName).length, 6);
  for (const each of [directory, another]) await Deno.remove(each, { recursive: true });
});
