import assert from "node:assert/strict";
import { claimNameInBucket, claimNameInDirectory } from "../../lib/jobs/backup/claim_name.ts";
import type { Job } from "../../lib/jobs/job.ts";
import { runJob } from "../../lib/jobs/run_job.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import { startS3Server } from "../support/s3_server.ts";
import { namesIn } from "../support/stored_backups.ts";

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

Deno.test("claim: of several backups of one second in a directory each gets a name of its own", async () => {
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

Deno.test("claim: of several backups of one second in a bucket each gets a name of its own", async () => {
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
