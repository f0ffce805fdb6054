import assert from "node:assert/strict";
import { dirname } from "node:path";
import { copyObjects, type CopyObjectsOptions } from "../../lib/storage/copy_objects.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import type { ObjectHeaders, Store } from "../../lib/storage/store.ts";
import { inParallel } from "../../lib/system/in_parallel.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";
import { startS3Server } from "../support/s3_server.ts";
import { namesIn, sha256 } from "../support/stored_backups.ts";

const amazon = await startS3Server();
const plain = await startS3Server({ isPlain: true });
Deno.test.afterAll(async () => {
  await amazon[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
});
for (const [name, value] of Object.entries(amazon.env)) Deno.env.set(name, value);

type Kind = "amazon" | "plain" | "directory";
let places = 0;

async function makeStore(kind: Kind): Promise<Store> {
  const options = kind === "directory" ? {} : { endpoint: { amazon, plain }[kind].endpoint };
  const address = kind === "directory" ? `${await Deno.makeTempDir()}/new` : `s3://backups/copy-${++places}`;
  return await openStore(address, options);
}

async function withStores(kinds: [Kind, Kind], work: (from: Store, to: Store) => Promise<void>) {
  const stores = await Promise.all(kinds.map(makeStore));
  try {
    await work(stores[0], stores[1]);
  } finally {
    for (const server of [amazon, plain]) {
      server.inject(() => undefined);
      server.requests.length = 0;
    }
    for (const store of stores) {
      await store.close();
      if (store.localPath) await Deno.remove(dirname(store.address), { recursive: true });
    }
  }
}

const put = (store: Store, name: string, body: Uint8Array | string, headers?: ObjectHeaders) => {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return store.write(name, ReadableStream.from(bytes.length === 0 ? [] : [bytes]), { headers });
};
const get = async (store: Store, name: string) =>
  sha256(new Uint8Array(await new Response(store.read(name)).arrayBuffer()));
const namesOf = async (store: Store) => (await Array.fromAsync(store.list({ deep: true }), ({ name }) => name)).sort();

const large = new Uint8Array(9 * 1024 * 1024 + 5).map((_, i) => i * 31); // two parts
const objects: Record<string, Uint8Array | string> = {
  "a b+c%41&<x>'\"é/ü.pdf": "odd",
  "q?x=1#y": "question",
  "deep/er/still": "deep",
  "empty": "",
  "large": large,
};
const putAll = async (store: Store) => {
  await inParallel(Object.entries(objects), 5, ([name, body]) => put(store, name, body));
  if (store.localPath) await settled();
};
/** Files whose time of change is in the past: those of this second are not remembered. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 2_100));

/** What a run did. */
const run = async (from: Store, to: Store, options?: CopyObjectsOptions) => {
  const { copied, unchanged, kept, refused } = await copyObjects(from, to, options);
  return { copied, unchanged, kept, refused: refused.length };
};
const none = { copied: 0, unchanged: 0, kept: 0, refused: 0 };
const count = Object.keys(objects).length;

const pairs: [Kind, Kind][] = [["amazon", "amazon"], ["amazon", "directory"], ["directory", "plain"], [
  "directory",
  "directory",
]];
for (const [source, target] of pairs) {
  Deno.test(`copy: ${source} to ${target}: everything once, then only what changed, and back`, () =>
    withStores([source, target], async (from, to) => {
      await putAll(from);
      assert.deepEqual(await run(from, to), { ...none, copied: count });
      for (const name of Object.keys(objects)) assert.equal(await get(to, name), await get(from, name), name);
      assert.deepEqual(await run(from, to), { ...none, unchanged: count });

      await put(from, "q?x=1#y", "Question"); // of the same size
      await put(from, "large", large.with(7, large[7] ^ 1));
      if (from.localPath) await settled();
      assert.deepEqual(await run(from, to), { ...none, copied: 2, unchanged: count - 2 });
      for (const name of Object.keys(objects)) assert.equal(await get(to, name), await get(from, name), name);

      await put(to, "deep/er/still", "DEEP");
      assert.deepEqual(await run(from, to), { ...none, copied: 1, unchanged: count - 1 }, "somebody altered the copy");
      await from.remove("deep/er/still");
      assert.deepEqual(await run(from, to), { ...none, unchanged: count - 1 });
      assert.ok((await namesOf(to)).includes("deep/er/still"), "nothing is removed");

      const back = { remember: false, replace: false };
      assert.deepEqual(await run(to, from, back), { ...none, copied: 1, unchanged: count - 1 });
      assert.equal(await get(from, "deep/er/still"), sha256(new TextEncoder().encode("deep")));
      assert.ok(!(await namesOf(from)).includes("pgrehearse.copied"));
      assert.equal((await run(to, from, back)).unchanged, count, "what is not known to be the same is read");
      await put(from, "q?x=1#y", "newest!!");
      assert.equal((await run(to, from, back)).kept, 1);
      assert.equal(await get(from, "q?x=1#y"), sha256(new TextEncoder().encode("newest!!")));
      await withStores([source, source], async (empty) => {
        assert.deepEqual(await run(to, empty, back), { ...none, copied: count });
        assert.deepEqual((await namesOf(empty)).length, count);
      });
    }));
}

Deno.test("copy: equal ETags need no memory, other ones do", () =>
  withStores(["amazon", "amazon"], async (from, to) => {
    await putAll(from);
    await run(from, to);
    assert.ok(!(await namesOf(to)).includes("pgrehearse.copied"));
    // As programs that cut large objects into other parts make it.
    const key = `${from.address.slice("s3://backups/".length)}/large`;
    const list = `<ListBucketResult><Contents><Key>${key}</Key><Size>${large.length}</Size><ETag>"0-9"</ETag>` +
      `<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>`;
    const headers = { etag: '"0-9"', "content-length": `${large.length}` };
    amazon.inject(({ method, path, query }) => {
      if (method === "GET" && query.get("prefix") === key.replace("large", "")) return { xml: list };
      if (method === "HEAD" && path.endsWith(key)) return { xml: "", headers };
    });
    assert.equal((await run(from, to)).copied, 1);
    assert.equal((await run(from, to)).unchanged, 1);
    assert.equal((await run(to, from, { remember: false, replace: false })).kept, 0);
    await to.remove("pgrehearse.copied");
    assert.equal((await run(from, to)).copied, 1);
  }));

Deno.test("copy: a file changed in place with its size and time kept is copied", () =>
  withStores(["directory", "directory"], async (from, to) => {
    await put(from, "x", "one");
    await settled();
    await run(from, to);
    assert.equal((await run(from, to)).unchanged, 1);
    const path = from.localPath!("x");
    const { atime, mtime } = await Deno.stat(path);
    await Deno.writeTextFile(path, "two");
    await Deno.utime(path, atime!, mtime!);
    assert.equal((await run(from, to)).copied, 1);
    assert.equal(await get(to, "x"), await get(from, "x"));
    assert.equal((await run(from, to)).copied, 1, "what changed this second is not remembered");
    await settled();
    assert.equal((await run(from, to)).copied, 1);
    assert.equal((await run(from, to)).unchanged, 1);
    await to.remove("pgrehearse.copied");
    assert.equal((await run(from, to)).copied, 1, "what is not known to be the same is copied");
    await put(to, "pgrehearse.copied", "something else");
    assert.equal((await run(from, to)).copied, 1);
    assert.equal((await run(from, to)).unchanged, 1);
  }));

Deno.test("copy: what an object is served with comes along", () =>
  withStores(["amazon", "amazon"], async (from, to) => {
    const headers = { contentType: "application/pdf", cacheControl: "no-store", metadata: { tenant: "a" } };
    await put(from, "x.pdf", "x", headers);
    await put(from, "large.pdf", large, headers);
    await run(from, to);
    for (const name of ["x.pdf", "large.pdf"]) {
      const found = (await to.stat(name))!.headers!;
      assert.deepEqual([found.contentType, found.metadata], ["application/pdf", { tenant: "a" }], name);
    }
    assert.equal((await to.stat("x.pdf"))!.headers!.cacheControl, "no-store");
  }));

Deno.test("copy: names that a directory cannot hold are said, and the others copied", () =>
  withStores(["amazon", "directory"], async (from, to) => {
    for (const name of ["folder/", "x.partial", "x"]) await put(from, name, name);
    const result = await copyObjects(from, to);
    assert.deepEqual([result.copied, result.refused.sort()], [1, ["folder/", "x.partial"]]);
    assert.deepEqual((await namesIn(to)).sort(), ["pgrehearse.copied", "x"]);
    await withStores(["amazon", "amazon"], async (other) => {
      assert.deepEqual(await run(from, other), { ...none, copied: 3 });
    });
  }));

Deno.test("copy: bytes that are not those that the server describes leave the copy as it was", () =>
  withStores(["amazon", "directory"], async (from, to) => {
    await put(from, "x", "one");
    await run(from, to);
    await put(from, "x", "two");
    amazon.inject(({ method, path }) => method === "GET" && path.endsWith("/x") ? { lie: "alter sent" } : undefined);
    await assert.rejects(copyObjects(from, to), (error) => (error as OperatorError).code === "OBJECT_CHANGED");
    assert.equal(await get(to, "x"), sha256(new TextEncoder().encode("one")));
    amazon.inject(() => undefined);
    assert.equal((await run(from, to)).copied, 1);
  }));

Deno.test("copy: an object in an archive, and a bucket that is not there, are errors", () =>
  withStores(["amazon", "directory"], async (from, to) => {
    await put(from, "x", "one");
    const headers = { "x-amz-storage-class": "DEEP_ARCHIVE", "content-length": "3" };
    amazon.inject(({ method, path }) => method === "HEAD" && path.endsWith("/x") ? { xml: "", headers } : undefined);
    await assert.rejects(copyObjects(from, to), (error) => (error as OperatorError).code === "OBJECT_ARCHIVED");
    amazon.inject(() => ({ status: 404, code: "NoSuchBucket" }));
    await assert.rejects(copyObjects(from, to), (error) => (error as OperatorError).code === "BUCKET_MISSING");
  }));

Deno.test("copy: one that was interrupted goes on where it stopped", () =>
  withStores(["directory", "directory"], async (from, to) => {
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    for (const name of names) await put(from, name, name);
    await settled();
    const stopped = new AbortController();
    const onProgress = ({ copied }: { copied: number }) => copied === 5 && stopped.abort(new Error("Interrupted."));
    await assert.rejects(copyObjects(from, to, { jobs: 1, signal: stopped.signal, onProgress }), /Interrupted/);
    assert.deepEqual(await run(from, to), { ...none, copied: 15, unchanged: 5 });
  }));

Deno.test("copy: every page of a listing, on both sides, several objects at a time", () =>
  withStores(["amazon", "amazon"], async (from, to) => {
    amazon.inject((request) => (request.query.has("prefix") && request.query.set("max-keys", "3"), undefined));
    const names = Array.from({ length: 20 }, (_, i) => `n/${i}`);
    await inParallel(names, 8, (name) => put(from, name, name));
    assert.equal((await run(from, to, { jobs: 8 })).copied, 20);
    assert.equal((await run(from, to, { jobs: 8 })).unchanged, 20);
    assert.equal(await get(to, "n/19"), sha256(new TextEncoder().encode("n/19")));
  }));
