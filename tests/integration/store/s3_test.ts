import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { boundAnswers } from "../../../lib/storage/s3/s3_answers.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import type { StoreOptions } from "../../../lib/storage/store.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";
import { redact } from "../../../lib/system/redact.ts";
import { type Fault, type S3Request, s3Secret, startS3Server } from "../../support/s3_server.ts";

const amazon = await startS3Server();
const plain = await startS3Server({ isPlain: true });
Deno.test.afterAll(async () => {
  await amazon[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
});
for (const [name, value] of Object.entries(amazon.env)) Deno.env.set(name, value);

const MiB = 1024 * 1024;
let names = 0;

interface Case {
  fault?: (request: S3Request) => Fault | undefined;
  server?: typeof amazon;
  options?: StoreOptions;
}

/** Opens a store with its own prefix; faults and requests are those of this case alone. */
async function openCase({ fault = () => undefined, server = amazon, options = {} }: Case = {}) {
  const prefix = `case-${++names}`;
  server.requests.length = 0;
  server.unfinished.clear();
  server.inject(fault);
  const store = await openStore(`s3://backups/${prefix}/`, { endpoint: server.endpoint, ...options });
  return { store, server, prefix, [Symbol.asyncDispose]: () => store.close() };
}

function bytes(size: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(size);
  for (let i = 0; i < size; i += 65536) crypto.getRandomValues(made.subarray(i, Math.min(size, i + 65536)));
  return made;
}

async function* inChunks(whole: Uint8Array, size = 100_000) {
  for (let i = 0; i < whole.length; i += size) yield whole.subarray(i, i + size);
}

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(ReadableStream.from(stream)).arrayBuffer());
}

async function codeOf(work: Promise<unknown>): Promise<OperatorError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

const small = bytes(100_000);
const large = bytes(20 * MiB + 17); // three parts

for (const server of [amazon, plain]) {
  const kind = server === amazon ? "with checksums" : "without checksums";
  for (const [size, data] of Object.entries({ small, large, empty: new Uint8Array(0) })) {
    Deno.test(`s3: a ${size} object comes back as it went, from a server ${kind}`, async () => {
      await using opened = await openCase({ server });
      const { store } = opened;
      assert.deepEqual(await store.write("a/b", inChunks(data)), { sizeBytes: data.length, sha256: sha256(data) });
      assert.equal(sha256(await collect(store.read("a/b"))), sha256(data));
      const [listed] = await Array.fromAsync(store.list());
      assert.deepEqual([listed.name, listed.sizeBytes], ["a/b", data.length]);
      const stat = await store.stat("a/b");
      assert.equal(stat?.sizeBytes, data.length);
      if (server === amazon && size !== "large") assert.equal(stat?.sha256, sha256(data));
      await store.remove("a/b");
      await store.remove("a/b");
      assert.equal(await store.stat("a/b"), undefined);
      assert.deepEqual(await Array.fromAsync(store.list()), []);
    });
  }
}

Deno.test("s3: reads from any byte, and no further than asked", async () => {
  await using opened = await openCase();
  const { store } = opened;
  await store.write("x", inChunks(small));
  assert.deepEqual(await collect(store.read("x", { offset: 99_990 })), small.slice(99_990));
  assert.deepEqual(await collect(store.read("x", { offset: 10, length: 20 })), small.slice(10, 30));
  assert.equal(sha256(await collect(store.read("x", { length: 1e9 }))), sha256(small));
  assert.equal((await collect(store.read("x", { offset: 100_000 }))).length, 0);
});

Deno.test("s3: lists every object of many pages, under the prefix only", async () => {
  await using opened = await openCase({
    // Pages of three.
    fault: (request) => (request.query.has("list-type") && request.query.set("max-keys", "3"), undefined),
  });
  const { store } = opened;
  const written = Array.from({ length: 8 }, (_, i) => `n-${i}`);
  for (const name of written) await store.write(name, inChunks(small.slice(0, 10)));
  assert.deepEqual((await Array.fromAsync(store.list(), ({ name }) => name)).sort(), written);
  assert.deepEqual(await Array.fromAsync(store.list({ prefix: "n-7" }), ({ name }) => name), ["n-7"]);
});

Deno.test("s3: encryption, key, storage class and tags go with every upload, and SHA-256 with every body", async () => {
  const options = { sse: "aws:kms", sseKmsKeyId: "arn:key", storageClass: "STANDARD_IA", tags: { team: "db & co" } };
  await using opened = await openCase({ options });
  const { store, server } = opened;
  await store.write("small", inChunks(small));
  await store.write("large", inChunks(large));
  const begun = server.requests.filter(({ method, query }) =>
    (method === "PUT" && !query.has("partNumber")) || (method === "POST" && query.has("uploads"))
  );
  assert.equal(begun.length, 2);
  for (const { headers } of begun) {
    assert.equal(headers.get("x-amz-server-side-encryption"), "aws:kms");
    assert.equal(headers.get("x-amz-server-side-encryption-aws-kms-key-id"), "arn:key");
    assert.equal(headers.get("x-amz-storage-class"), "STANDARD_IA");
    assert.equal(headers.get("x-amz-tagging"), "team=db+%26+co");
  }
  const bodies = server.requests.filter(({ method }) => method === "PUT");
  assert.equal(bodies.length, 4);
  for (const { headers } of bodies) assert.match(headers.get("x-amz-checksum-sha256")!, /^[A-Za-z0-9+/]{43}=$/);
});

Deno.test("s3: a server that does not encrypt although told to is found out, and keeps nothing", async () => {
  await using opened = await openCase({ server: plain, options: { sse: "AES256" } });
  const { store } = opened;
  const error = await codeOf(store.write("x", inChunks(small)));
  assert.deepEqual([error.code, error.consequence], ["SSE_NOT_APPLIED", "fail"]);
  assert.equal(await store.stat("x"), undefined);
});

const isPart = ({ method, query }: S3Request, number = "2") => method === "PUT" && query.get("partNumber") === number;
const isPut = ({ method, query }: S3Request) => method === "PUT" && !query.has("partNumber");

const bursts: { of: string; fault: (request: S3Request) => Fault | undefined }[] = [
  {
    of: "503 SlowDown",
    fault: ({ earlier }) => earlier < 1 ? { status: 503, code: "SlowDown" } : undefined,
  },
  {
    of: "500 InternalError",
    fault: ({ earlier }) => earlier < 2 ? { status: 500, code: "InternalError" } : undefined,
  },
  {
    of: "cut answers",
    fault: ({ earlier, query, method }) =>
      earlier < 1 && method !== "HEAD" && !query.has("uploads") ? { lie: "no answer" } : undefined,
  },
  { of: "slow answers", fault: ({ earlier }) => earlier < 1 ? { delayMs: 200 } : undefined },
  {
    of: "a part stored, its answer lost",
    fault: (request) => isPart(request) && request.earlier < 1 ? { lie: "no answer" } : undefined,
  },
];

for (const { of, fault } of bursts) {
  Deno.test(`s3: gets through ${of}, both ways`, async () => {
    await using opened = await openCase({ fault });
    const { store, server } = opened;
    await store.write("x", inChunks(large));
    assert.equal(sha256(await collect(store.read("x"))), sha256(large));
    assert.equal(server.unfinished.size, 0);
  });
}

Deno.test("s3: a server that is away for longer than the SDK tries again is waited for, and only the part is sent again", async () => {
  const fault = (request: S3Request) =>
    isPart(request, "2") && request.earlier < 8 ? { status: 500, code: "InternalError" } : undefined;
  await using opened = await openCase({ fault, options: { retryForMs: 60_000 } });
  const { store, server } = opened;
  assert.equal((await store.write("x", inChunks(large))).sha256, sha256(large));
  assert.equal(server.requests.filter((request) => isPart(request, "1")).length, 1);
  assert.equal(server.requests.filter((request) => isPart(request, "2")).length, 9);
});

Deno.test("s3: a server that never answered is given up at once, whatever --retry-for says", async () => {
  const signal = AbortSignal.timeout(120_000); // else it would only take very long
  const store = await openStore("s3://backups/x", { endpoint: "http://127.0.0.1:9", retryForMs: 3_600_000, signal });
  assert.equal((await codeOf(store.stat("x"))).code, "STORE_UNREACHABLE");
  await store.close();
});

const refusalsOfChecksums = [
  {
    status: 400,
    code: "InvalidArgument",
    message: "Unsupported header 'x-amz-checksum-sha256' received for this API call.",
  },
  {
    status: 501,
    code: "NotImplemented",
    message: "A header you provided implies functionality that is not implemented",
  },
];
for (const refusal of refusalsOfChecksums) {
  Deno.test(`s3: a server that refuses checksums with ${refusal.code} gets none, and is read back`, async () => {
    const hasChecksum = ({ headers }: S3Request) =>
      ["x-amz-checksum-sha256", "x-amz-checksum-algorithm", "x-amz-sdk-checksum-algorithm"].some((name) =>
        headers.has(name)
      );
    await using opened = await openCase({
      server: plain,
      fault: (request) => hasChecksum(request) ? refusal : undefined,
    });
    const { store, server } = opened;
    assert.equal(store.refusesChecksums!(), false);
    for (const data of [large, small]) {
      assert.equal((await store.write("x", inChunks(data))).sha256, sha256(data));
      assert.ok(store.refusesChecksums!());
      assert.equal(server.requests.at(-1)!.method, "GET");
      assert.equal(sha256(await collect(store.read("x"))), sha256(data));
    }
    assert.equal(server.requests.filter(hasChecksum).length, 1);
    // What it stores wrong is still found.
    server.inject((request) => hasChecksum(request) ? refusal : isPut(request) ? { lie: "alter stored" } : undefined);
    assert.equal((await codeOf(store.write("y", inChunks(small)))).code, "CHECKSUM_MISMATCH");
  });
}

Deno.test("s3: a refusal that is not for the checksum stays one, and checksums go on", async () => {
  const fault = ({ method }: S3Request) => method === "PUT" ? refusalsOfChecksums[1] : undefined;
  await using opened = await openCase({ fault });
  const { store, server } = opened;
  assert.equal((await codeOf(store.write("x", inChunks(small)))).code, "STORE_REFUSED");
  server.inject(() => undefined);
  await store.write("x", inChunks(small));
  assert.equal(store.refusesChecksums!(), false);
  assert.ok(server.requests.findLast(isPut)!.headers.has("x-amz-checksum-sha256"));
});

/** What servers answer, and what it means. */
const answers: { status: number; code: string; means: string; reading?: true }[] = [
  { status: 403, code: "QuotaExceeded", means: "STORE_REFUSED" },
  { status: 507, code: "XMinioStorageFull", means: "STORE_REFUSED" },
  { status: 501, code: "NotImplemented", means: "STORE_REFUSED" },
  { status: 412, code: "PreconditionFailed", means: "STORE_REFUSED" },
  { status: 403, code: "AccessDenied", means: "STORE_FORBIDDEN" },
  { status: 404, code: "NoSuchBucket", means: "BUCKET_MISSING" },
  { status: 403, code: "InvalidObjectState", means: "OBJECT_ARCHIVED", reading: true },
  { status: 412, code: "PreconditionFailed", means: "OBJECT_CHANGED", reading: true },
];

for (const { status, code, means, reading } of answers) {
  Deno.test(`s3: ${status} ${code} ${reading ? "to a read" : "to a write"} means ${means}`, async () => {
    await using opened = await openCase({ fault: () => ({ status, code }), options: { retryForMs: 60_000 } });
    const work = reading ? collect(opened.store.read("x")) : opened.store.write("x", inChunks(small));
    assert.equal((await codeOf(work)).code, means);
  });
}

Deno.test("s3: a download cut off several times goes on from the same byte", async () => {
  await using opened = await openCase();
  const { store, server } = opened;
  await store.write("x", inChunks(large));
  server.requests.length = 0;
  let cuts = 0;
  server.inject(({ method }) => method === "GET" && cuts++ < 5 ? { cutAfter: 3 * MiB } : undefined);
  assert.equal(sha256(await collect(store.read("x"))), sha256(large));
  const ranges = server.requests.flatMap(({ headers }) => headers.get("range") ?? []);
  assert.equal(ranges.length, 5);
  assert.ok(ranges.every((range) => /^bytes=[1-9]\d*-$/.test(range)), ranges.join());
});

Deno.test("s3: an answer that ends properly, but too early, is taken up again", async () => {
  await using opened = await openCase();
  const { store, server } = opened;
  await store.write("x", inChunks(small));
  let gets = 0;
  server.inject(({ method }) => method === "GET" && gets++ < 3 ? { lie: "shorten sent" } : undefined);
  assert.equal(sha256(await collect(store.read("x", { offset: 1 }))), sha256(small.slice(1)));
  assert.equal(gets, 4);
});

Deno.test("s3: an object replaced in the middle of a download is an error, not a mixture", async () => {
  await using opened = await openCase();
  const { store, server } = opened;
  await store.write("x", inChunks(large));
  let gets = 0;
  server.inject(({ method }) => {
    if (method !== "GET") return undefined;
    return gets++ === 0 ? { cutAfter: MiB } : { status: 412, code: "PreconditionFailed" };
  });
  assert.equal((await codeOf(collect(store.read("x")))).code, "OBJECT_CHANGED");
  assert.ok(server.requests.at(-1)!.headers.has("if-match"));
});

Deno.test("s3: a download that a dead server never finishes is an error, not a short file", async () => {
  await using opened = await openCase();
  const { store, server } = opened;
  await store.write("x", inChunks(small));
  let gets = 0;
  server.inject(({ method }) => method === "GET" ? gets++ ? { cutAfter: 0 } : { cutAfter: 50_000 } : undefined);
  const error = await codeOf(collect(store.read("x")));
  assert.equal(error.code, "STORE_UNREACHABLE");
  assert.match(error.detail!, /ended at byte 50000 of 100000|connection|error/i);
});

const lies: { of: string; data: Uint8Array; fault: (request: S3Request) => Fault | undefined }[] = [
  { of: "alters a byte of a small object", data: small, fault: (r) => isPut(r) ? { lie: "alter stored" } : undefined },
  { of: "alters a byte of a part", data: large, fault: (r) => isPart(r) ? { lie: "alter stored" } : undefined },
  { of: "shortens a small object", data: small, fault: (r) => isPut(r) ? { lie: "shorten stored" } : undefined },
  { of: "shortens the last part", data: large, fault: (r) => isPart(r, "3") ? { lie: "shorten stored" } : undefined },
  { of: "says it has an object and has not", data: small, fault: (r) => isPut(r) ? { lie: "drop" } : undefined },
  { of: "says it has a part and has not", data: large, fault: (r) => isPart(r) ? { lie: "drop" } : undefined },
];

for (const { of, data, fault } of lies) {
  Deno.test(`s3: a server that ${of} is found out`, async () => {
    await using opened = await openCase({ fault, server: plain });
    const { store, server } = opened;
    const error = await codeOf(store.write("x", inChunks(data)));
    assert.match(error.code, /^(CHECKSUM_MISMATCH|STORE_REFUSED)$/);
    server.inject(() => undefined);
    assert.equal(await store.stat("x"), undefined, "the false object is still there");
    assert.equal(server.unfinished.size, 0);
  });
}

Deno.test("s3: a server with checksums that reports another one afterwards is found out", async () => {
  for (const data of [small, large]) {
    await using opened = await openCase({
      fault: ({ method }) => method === "HEAD" ? { lie: "misreport" } : undefined,
    });
    assert.equal((await codeOf(opened.store.write("x", inChunks(data)))).code, "CHECKSUM_MISMATCH");
  }
});

const refusals: { of: string; fault: Fault; code: string; says: RegExp }[] = [
  {
    of: "a missing permission",
    fault: { status: 403, code: "AccessDenied" },
    code: "STORE_FORBIDDEN",
    says: /s3:PutObject.*backups\/case/,
  },
  {
    of: "a missing permission for the key",
    fault: {
      status: 403,
      code: "AccessDenied",
      message: "User: arn:x is not authorized to perform: kms:GenerateDataKey on resource: arn:y",
    },
    code: "STORE_FORBIDDEN",
    says: /kms:GenerateDataKey/,
  },
  {
    of: "a missing bucket",
    fault: { status: 404, code: "NoSuchBucket" },
    code: "BUCKET_MISSING",
    says: /bucket backups/,
  },
  {
    of: "another region",
    fault: { status: 301, code: "PermanentRedirect", headers: { "x-amz-bucket-region": "eu-central-1" } },
    code: "WRONG_REGION",
    says: /in eu-central-1, not in us-east-1/,
  },
  {
    of: "rejected credentials",
    fault: { status: 403, code: "SignatureDoesNotMatch", message: `StringToSign S3RVER ${s3Secret}` },
    code: "CREDENTIALS_REJECTED",
    says: /SignatureDoesNotMatch/,
  },
  {
    of: "a locked object",
    fault: { status: 403, code: "AccessDenied", message: "Access Denied because object protected by object lock." },
    code: "OBJECT_LOCKED",
    says: /locked/,
  },
];

for (const { of, fault, code, says } of refusals) {
  Deno.test(`s3: ${of} is said at once, without a second attempt`, async () => {
    for (const data of [small, large]) {
      await using opened = await openCase({ fault: () => fault });
      const { store, server } = opened;
      const error = await codeOf(store.write("x", inChunks(data)));
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.equal(server.requests.length, 1);
      const told = redact(JSON.stringify([error.message, error.fix, error.detail]));
      assert.equal(told.includes(s3Secret) || told.includes("S3RVER"), false, told);
    }
  });
}

Deno.test("s3: each operation names its own permission", async () => {
  await using opened = await openCase({ fault: () => ({ status: 403, code: "AccessDenied" }) });
  const { store } = opened;
  const says = async (work: Promise<unknown>) => (await codeOf(work)).message;
  assert.match(await says(Array.fromAsync(store.list())), /s3:ListBucket/);
  assert.match(await says(store.stat("x")), /s3:GetObject/);
  assert.match(await says(collect(store.read("x"))), /s3:GetObject/);
  assert.match(await says(store.remove("x")), /s3:DeleteObject/);
});

Deno.test("s3: a missing bucket is never an empty one", async () => {
  const store = await openStore("s3://no-such-bucket/x", { endpoint: amazon.endpoint });
  amazon.inject(() => undefined);
  assert.equal((await codeOf(store.stat("x"))).code, "BUCKET_MISSING");
  assert.equal((await codeOf(Array.fromAsync(store.list()))).code, "BUCKET_MISSING");
  await store.close();
});

Deno.test("s3: the region is said or refused, never guessed", async () => {
  Deno.env.delete("AWS_REGION");
  const home = Deno.env.get("HOME");
  Deno.env.set("AWS_CONFIG_FILE", "/nonexistent");
  try {
    const error = await codeOf(openStore("s3://backups/x", { endpoint: amazon.endpoint }));
    assert.equal(error.code, "REGION_MISSING");
    Deno.env.set("AWS_DEFAULT_REGION", "eu-west-1");
    await (await openStore("s3://backups/x", { endpoint: amazon.endpoint })).close();
  } finally {
    Deno.env.delete("AWS_DEFAULT_REGION");
    Deno.env.delete("AWS_CONFIG_FILE");
    Deno.env.set("AWS_REGION", "us-east-1");
    if (home) Deno.env.set("HOME", home);
  }
});

Deno.test("s3: an upload that is aborted, or whose source fails, leaves nothing at the server", async () => {
  for (const how of ["abort", "abort while the source hangs", "failing source", "close"]) {
    const controller = new AbortController();
    await using opened = await openCase({ options: { signal: controller.signal } });
    const { store, server } = opened;
    const begun = Promise.withResolvers<void>();
    const body = async function* () {
      yield large;
      begun.resolve();
      if (how === "failing source") throw new Error("pg_dump died");
      if (how !== "abort") await new Promise(() => {});
      for (;;) {
        yield small;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const writing = store.write("x", body()).then(() => "written", (error) => (error as Error).message);
    await begun.promise;
    if (how.startsWith("abort")) controller.abort(new DOMException("Interrupted by SIGTERM.", "AbortError"));
    if (how === "close") await store.close();
    const why = { "failing source": "pg_dump died", close: "The store was closed." }[how] ?? "Interrupted by SIGTERM.";
    assert.equal(await writing, why, how);
    assert.equal(server.unfinished.size, 0, how);
    assert.ok(server.requests.some(({ method, query }) => method === "DELETE" && query.has("uploadId")), how);
    assert.equal(server.requests.some(({ method, query }) => method === "POST" && query.has("uploadId")), false, how);
  }
});

Deno.test("s3: an upload whose last answer was lost is looked at, not repeated", async () => {
  await using opened = await openCase({
    fault: ({ method, query, earlier }) => {
      if (method !== "POST" || !query.has("uploadId")) return undefined;
      return earlier === 0 ? { lie: "no answer" } : { status: 404, code: "NoSuchUpload" };
    },
  });
  await opened.store.write("x", inChunks(large));
  assert.equal(sha256(await collect(opened.store.read("x"))), sha256(large));
});

const letters = new TextEncoder().encode("x".repeat(65_536));

Deno.test("s3: answers that do not end, and pages that lead back to others, are refused", async () => {
  const page = (next: string) => ({
    xml: `<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>${next}` +
      `</NextContinuationToken><Contents><Key>elsewhere</Key><Size>1</Size></Contents></ListBucketResult>`,
  });
  let asked = 0;
  const faults: Record<string, (request: S3Request) => Fault> = {
    "an endless listing": () => ({ endless: letters }),
    "an endless refusal": () => ({ endless: letters, status: 403 }),
    "the same page": () => page("a"),
    "two pages in turn": () => page(["a", "b"][asked++ % 2]),
    "pages without end": () => page(`${asked++}`),
  };
  for (const [of, fault] of Object.entries(faults)) {
    await using opened = await openCase({ fault });
    assert.equal((await codeOf(Array.fromAsync(opened.store.list()))).code, "STORE_REFUSED", of);
    assert.ok(opened.server.requests.length <= (of === "pages without end" ? 1_000 : 4), of);
  }
});

Deno.test("s3: of an object no more is taken than the server said, or than was asked for", async () => {
  const headers = { "content-range": "bytes 0-99/100", etag: '"x"' };
  await using opened = await openCase({
    fault: ({ method }) => method === "GET" ? { endless: letters, status: 206, headers } : undefined,
  });
  assert.equal((await collect(opened.store.read("x", { length: 1e9 }))).length, 100);
});

Deno.test("s3: where a proxy was to be used and the server is not reached, that is said", async () => {
  const send = async () => {
    const store = await openStore("s3://backups/p", { endpoint: "http://127.0.0.1:1", region: "us-east-1" });
    try {
      return await Array.fromAsync(store.list()).then(() => "", (error) => error.fix);
    } finally {
      await store.close();
    }
  };
  Deno.env.set("https_proxy", "http://proxy.example:3128");
  try {
    assert.match(await send(), /https_proxy is set, but pgrehearse reaches buckets without a proxy\.$/);
  } finally {
    Deno.env.delete("https_proxy");
  }
});

Deno.test("s3: a server that drips is given up, in its answer's head and in its body", async () => {
  const send = async (fault: Fault) => {
    amazon.inject(() => fault);
    const client = new S3Client({
      endpoint: amazon.endpoint,
      forcePathStyle: true,
      region: "us-east-1",
      maxAttempts: 1,
    });
    boundAnswers(client, { headMs: 200, changeMs: 200, bodyMs: 200, bodyBytes: 1e9 });
    try {
      return await client.send(new ListObjectsV2Command({ Bucket: "backups" })).then(() => "answered", String);
    } finally {
      client.destroy();
      amazon.inject(() => undefined);
    }
  };
  assert.match(await send({ delayMs: 2_000 }), /TimeoutError: no answer within/);
  assert.match(await send({ endless: letters.slice(0, 1), everyMs: 10 }), /TimeoutError: the answer had not ended/);
});

Deno.test("s3: what an interrupted job made is removed all the same", async () => {
  const controller = new AbortController();
  await using opened = await openCase({ options: { signal: controller.signal } });
  await opened.store.write("x", inChunks(small));
  controller.abort(new DOMException("Interrupted by SIGTERM.", "AbortError"));
  assert.equal(await opened.store.remove("x"), "removed");
  await assert.rejects(opened.store.write("y", inChunks(small)), /SIGTERM/);
  assert.deepEqual(opened.server.requests.filter(({ method }) => method === "DELETE").length, 1);
});
