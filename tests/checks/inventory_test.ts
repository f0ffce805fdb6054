import assert from "node:assert/strict";
import { openStore } from "../../lib/storage/open_store.ts";
import { inParallel } from "../../lib/system/in_parallel.ts";
import { checkSystem, recordCheck } from "../support/checks.ts";
import { type S3Request, startS3Server } from "../support/s3_server.ts";

const amazon = await startS3Server();
Deno.test.afterAll(async () => await amazon[Symbol.asyncDispose]());
for (const [name, value] of Object.entries(amazon.env)) Deno.env.set(name, value);

const odd = ["a b+c%41&<x>'\"é/ü.pdf", "q?x=1#y", "empty", "secret-patient.pdf", "- - - name"];
let places = 0;

/** A separate bucket that holds some objects, and a check of its inventory. */
async function makeCase(kind: "s3" | "directory", names: string[] = odd) {
  const directory = await Deno.makeTempDir();
  const address = kind === "directory" ? directory : `s3://backups/inventory-${++places}`;
  const at = (address: string) => ({ address, ...(kind === "s3" && { endpoint: amazon.endpoint }) });
  const { endpoint } = at(address);
  const store = await openStore(address, { endpoint });
  const put = (name: string, body = name === "empty" ? "" : `body of ${name}`) =>
    store.write(`files/${name}`, ReadableStream.from(body === "" ? [] : [new TextEncoder().encode(body)]));
  await inParallel(names, 16, (name) => put(name));
  const check = (options: object) => ({
    kind: "inventory",
    name: "proofs",
    bucket: "proofs",
    prefix: "files/",
    ...options,
  });
  return {
    put,
    store,
    remove: (name: string) => store.remove(`files/${name}`),
    record: (options: object = {}) => {
      amazon.requests.length = 0;
      return recordCheck(check(options), { buckets: new Map([["proofs", at(address)]]) });
    },
    async run(recorded: unknown, options: object = {}, where = address) {
      const verdict = await checkSystem([check(options) as never], {
        buckets: new Map([["proofs", at(where)]]),
        recorded: new Map(recorded === undefined ? [] : [["proofs", recorded]]),
      });
      return { ...verdict, codes: verdict.findings.map(({ code }) => code) };
    },
    async [Symbol.asyncDispose]() {
      amazon.inject(() => undefined);
      await store.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

for (const kind of ["s3", "directory"] as const) {
  Deno.test(`inventory check: ${kind}: what was recorded is there, gone, changed or new`, async () => {
    await using place = await makeCase(kind);
    const recorded = await place.record();
    assert.equal((await place.run(recorded)).verdict, "pass");

    await place.put("n", "new");
    const added = await place.run(recorded);
    assert.deepEqual([added.verdict, added.notes?.map(({ code }) => code)], ["pass", ["INVENTORY_ADDED"]]);
    assert.deepEqual((await place.run(recorded, { exact: true })).codes, ["INVENTORY_ADDED"]);
    await place.remove("n");

    await place.put("secret-patient.pdf", "Body of secret-patient.pdf"); // of the same size
    const changed = await place.run(recorded);
    assert.deepEqual([changed.codes, changed.findings[0].actual], [["INVENTORY_CHANGED"], 1]);
    assert.doesNotMatch(JSON.stringify(changed), /secret-patient/);
    assert.match(JSON.stringify(await place.run(recorded, { show: true })), /secret-patient/);
    await place.put("secret-patient.pdf");
    assert.equal((await place.run(recorded)).verdict, "pass");

    await place.remove("secret-patient.pdf");
    const missing = await place.run(recorded);
    assert.deepEqual([missing.codes, missing.findings[0].actual], [["INVENTORY_MISSING"], 1]);
    assert.doesNotMatch(JSON.stringify(missing), /secret-patient/);
  });
}

Deno.test("inventory check: a copy with other ETags passes by SHA-256, and is not taken for the same without", async () => {
  await using place = await makeCase("s3");
  await using copy = await makeCase("s3");
  const [byEtag, byHash] = [await place.record(), await place.record({ sha256: true })];
  const otherEtag = ({ method, query }: S3Request) => {
    if (method !== "GET" || !query.has("prefix")) return undefined;
    const contents = odd.map((name) => {
      const size = name === "empty" ? 0 : new TextEncoder().encode(`body of ${name}`).length;
      const key = `${copy.store.address.slice("s3://backups/".length)}/files/${name}`;
      const escaped = key.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return `<Contents><Key>${escaped}</Key><Size>${size}</Size><ETag>"0-2"</ETag>` +
        `<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`;
    });
    return { xml: `<ListBucketResult>${contents.join("")}</ListBucketResult>` };
  };
  amazon.inject(otherEtag);
  const { address } = copy.store;
  assert.deepEqual((await place.run(byEtag, {}, address)).codes, ["INVENTORY_CHANGED"]);
  assert.deepEqual((await place.run(byHash, {}, address)).codes, []);
  await copy.put("empty", "");
  await copy.put("secret-patient.pdf", "Body of secret-patient.pdf");
  assert.deepEqual((await place.run(byHash, {}, address)).codes, ["INVENTORY_CHANGED"]);
});

Deno.test("inventory check: versions are compared where they are asked for", async () => {
  await using place = await makeCase("s3", ["one"]);
  const version = (id: string) => {
    const headers = { "x-amz-version-id": id, "content-length": "11", etag: '"5e"' };
    amazon.inject(({ method }) => method === "HEAD" ? { xml: "", headers } : undefined);
  };
  version("v1");
  const recorded = await place.record({ versions: true });
  assert.match(JSON.stringify(recorded), / v1 one"/);
  assert.equal((await place.run(recorded, { versions: true })).verdict, "pass");
  version("v2");
  assert.deepEqual((await place.run(recorded, { versions: true })).codes, ["INVENTORY_CHANGED"]);
});

Deno.test("inventory check: bytes that the server damaged are found by read alone", async () => {
  await using place = await makeCase("s3");
  const recorded = await place.record({ sha256: true });
  amazon.inject(({ method, path }) => method === "GET" && path.endsWith(".pdf") ? { lie: "alter sent" } : undefined);
  assert.equal((await place.run(recorded)).verdict, "pass");
  assert.deepEqual((await place.run(recorded, { read: true })).codes, ["INVENTORY_CHANGED"]);
});

Deno.test("inventory check: a listing of several pages is recorded without asking for each object", async () => {
  await using place = await makeCase("s3", Array.from({ length: 1_001 }, (_, i) => `n/${i}`));
  const recorded = await place.record() as { objects: string[] };
  assert.equal(recorded.objects.length, 1_001);
  assert.deepEqual(amazon.requests.map(({ method }) => method), ["GET", "GET"]);
  assert.equal((await place.run(recorded)).verdict, "pass");
  await place.remove("n/1000");
  assert.deepEqual((await place.run(recorded)).codes, ["INVENTORY_MISSING"]);
});

Deno.test("inventory check: a copy's own index is not an object of the bucket", async () => {
  await using place = await makeCase("directory");
  const recorded = await place.record({ prefix: "" });
  await place.store.write("pgrehearse.copied", ReadableStream.from([new Uint8Array(1)]));
  assert.equal((await place.run(recorded, { prefix: "", exact: true })).verdict, "pass");
});

Deno.test("inventory check: without a record it is not run; an empty inventory does not pass unless it may be empty", async () => {
  await using place = await makeCase("s3");
  const unrecorded = await place.run(undefined);
  assert.deepEqual([unrecorded.verdict, unrecorded.codes], ["unknown", ["INVENTORY_NOT_RECORDED"]]);
  const empty = await place.record({ prefix: "nothing/" });
  assert.deepEqual((await place.run(empty, { prefix: "nothing/" })).codes, ["INVENTORY_TOO_SMALL"]);
  assert.equal((await place.run(empty, { prefix: "nothing/", minimum: 0 })).verdict, "pass");
  amazon.inject(() => ({ status: 403, code: "AccessDenied" }));
  const forbidden = await place.run(empty);
  assert.deepEqual([forbidden.verdict, forbidden.codes], ["unknown", ["STORE_FORBIDDEN"]]);
});
