import assert from "node:assert/strict";
import { join } from "node:path";
import { copyBuckets, type CopyBucketsOptions } from "../../../lib/jobs/whole_system/copy_buckets.ts";
import { runJob } from "../../../lib/run/run_job.ts";
import { startS3Server } from "../../support/s3_server.ts";

const said: string[] = [];

async function copy(from: string, to: string, options: CopyBucketsOptions & { endpoint?: string } = {}) {
  const { endpoint, ...rest } = options;
  const at = (address: string) => ({ address, ...(address.startsWith("s3:") && { endpoint }) });
  const signal = new AbortController().signal;
  said.length = 0;
  const onProgress = (progress: { kind: string; message?: string }) => void said.push(progress.message ?? "");
  const verdict = await runJob(
    "backup",
    { signal, onProgress },
    (job) => copyBuckets(job, [{ name: "proofs", from: at(from), to: at(to) }], rest),
  );
  return { ...verdict, codes: verdict.findings.map(({ code }) => code), said: said.join("\n") };
}

async function withDirectory(work: (path: string) => Promise<void>) {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(join(path, "from"));
  await Deno.writeTextFile(join(path, "from/x"), "one");
  await work(path);
  await Deno.remove(path, { recursive: true });
}

Deno.test("copied buckets: a phase and a note say what was done; what came back is as it was", () =>
  withDirectory(async (path) => {
    const [from, to, back] = ["from", "to", "back"].map((name) => join(path, name));
    const copied = await copy(from, to);
    assert.equal(copied.verdict, "pass");
    assert.equal(copied.phases[0].name, "copy bucket proofs");
    assert.match(copied.notes![0].message, /^proofs: objects copied to .*to: 1 \(3 B\); already there: 0\.$/);
    assert.equal((await copy(to, back, { isRestore: true })).verdict, "pass");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(back), ({ name }) => name), ["x"]);
  }));

Deno.test("copied buckets: what is brought back replaces nothing, and says so", () =>
  withDirectory(async (path) => {
    const [from, to] = [join(path, "from"), join(path, "to")];
    await copy(from, to);
    await Deno.writeTextFile(join(from, "x"), "newer");
    const { verdict, codes } = await copy(to, from, { isRestore: true });
    assert.deepEqual([verdict, codes], ["fail", ["OBJECTS_DIFFER"]]);
    assert.equal(await Deno.readTextFile(join(from, "x")), "newer");
  }));

Deno.test("copied buckets: names that the target cannot hold fail, and are said to who is watching only", () =>
  withDirectory(async (path) => {
    await Deno.writeTextFile(join(path, "from/secret.partial"), "one");
    const refused = await copy(join(path, "from"), join(path, "to"));
    assert.deepEqual([refused.verdict, refused.codes], ["fail", ["OBJECT_NAMES_REFUSED"]]);
    assert.match(refused.said, /secret\.partial/);
    assert.doesNotMatch(JSON.stringify(refused.findings), /secret/);
  }));

Deno.test("copied buckets: nothing is copied into itself, and a source that does not exist is not an empty one", () =>
  withDirectory(async (path) => {
    const from = join(path, "from");
    for (const to of [from, join(from, "copy"), path]) {
      const { verdict, codes } = await copy(from, to);
      assert.deepEqual([verdict, codes], ["unknown", ["COPY_INTO_ITSELF"]], to);
    }
    assert.deepEqual((await copy("s3://bucket/a", "s3://bucket/a/b")).codes, ["COPY_INTO_ITSELF"]);
    assert.deepEqual((await copy(join(path, "gone"), join(path, "to"))).codes, ["STORE_UNREADABLE"]);
  }));

Deno.test("copied buckets: a directory to S3 and back", () =>
  withDirectory(async (path) => {
    await using server = await startS3Server();
    for (const [name, value] of Object.entries(server.env)) Deno.env.set(name, value);
    const { endpoint } = server;
    assert.equal((await copy(join(path, "from"), "s3://backups/copy", { endpoint })).verdict, "pass");
    assert.equal((await copy("s3://backups/copy", join(path, "back"), { endpoint, isRestore: true })).verdict, "pass");
    assert.equal(await Deno.readTextFile(join(path, "back/x")), "one");
  }));
