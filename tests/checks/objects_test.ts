import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openStore } from "../../lib/storage/open_store.ts";
import { inParallel } from "../../lib/system/in_parallel.ts";
import { checkSystem } from "../support/checks.ts";
import { startS3Server } from "../support/s3_server.ts";
import { startTestServer } from "../support/server.ts";

const day = 86_400_000;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Keys as applications make them: with odd characters, and of an empty object. */
const odd = ["a b+c%41&<x>'\"é/ü.pdf", "q?x=1#y", "empty", "secret-patient.pdf"];
const keys = [...odd, ...Array.from({ length: 60 }, (_, i) => `n/${i}`)];
const bodyOf = (key: string) => key === "empty" ? "" : `body of ${key}`;

Deno.test("objects check", async (t) => {
  await using server = await startTestServer();
  await using amazon = await startS3Server();
  await using plain = await startS3Server({ isPlain: true });
  for (const [name, value] of Object.entries(amazon.env)) Deno.env.set(name, value);
  const directory = await Deno.makeTempDir();
  const places = {
    amazon: { address: "s3://backups/proofs", endpoint: amazon.endpoint },
    plain: { address: "s3://backups/proofs", endpoint: plain.endpoint },
    directory: { address: directory },
  };
  type Place = keyof typeof places;
  const openPlace = (place: Place) => {
    const { address, ...options } = places[place];
    return openStore(address, options);
  };
  const put = async (place: Place, key: string, body = bodyOf(key)) => {
    const store = await openPlace(place);
    await store.write(`files/${key}`, ReadableStream.from(body === "" ? [] : [new TextEncoder().encode(body)]));
    await store.close();
  };
  const remove = async (place: Place, key: string) => {
    const store = await openPlace(place);
    await store.remove(`files/${key}`);
    await store.close();
  };
  for (const place of Object.keys(places) as Place[]) {
    const store = await openPlace(place);
    const write = (key: string) =>
      store.write(`files/${key}`, ReadableStream.from([new TextEncoder().encode(bodyOf(key))]));
    await inParallel(keys, 16, write);
    await store.close();
  }
  const sql = await server.connect();
  await sql`CREATE TABLE proofs (object_key text, size int8, sha256 text, etag text, at timestamptz)`;
  const rows = keys.map((key, i) => ({
    object_key: key,
    size: String(bodyOf(key).length + (key.startsWith("a b") ? 2 : 0)), // é and ü are two bytes each
    sha256: sha256(bodyOf(key)),
    etag: md5(bodyOf(key)),
    at: new Date(Date.now() - i * day).toISOString(),
  }));
  await sql`
    INSERT INTO proofs SELECT object_key, size, sha256, etag, at
    FROM json_to_recordset(${JSON.stringify(rows)}::text::json)
      AS r (object_key text, size int8, sha256 text, etag text, at timestamptz)`;
  await sql.end();

  const byHash = "SELECT object_key AS key, size, sha256 FROM proofs";
  const run = (options: object, place: Place = "amazon") => {
    amazon.requests.length = 0; // it compares each with all before
    return checkSystem([
      { kind: "objects", name: "proofs", sql: byHash, bucket: "proofs", prefix: "files/", ...options } as never,
    ], {
      databases: { shop: server.url() },
      buckets: new Map([["proofs", places[place]]]),
    });
  };
  const codes = (verdict: Awaited<ReturnType<typeof run>>) => verdict.findings.map(({ code }) => code);
  const counted = (verdict: Awaited<ReturnType<typeof run>>, name: string) =>
    verdict.assertions.find((assertion) => assertion.name === `proofs: ${name}`)?.actual;

  for (const place of Object.keys(places) as Place[]) {
    await t.step(`${place}: every object of the right size and hash passes`, async () => {
      const verdict = await run({}, place);
      assert.equal(verdict.verdict, "pass", JSON.stringify(verdict.findings));
      assert.deepEqual([counted(verdict, "referred"), counted(verdict, "looked_at")], [keys.length, keys.length]);
    });

    await t.step(`${place}: an object that is gone is missing, and its key is a secret`, async () => {
      await remove(place, "secret-patient.pdf");
      const verdict = await run({}, place);
      assert.deepEqual([verdict.verdict, codes(verdict)], ["fail", ["OBJECTS_MISSING"]]);
      assert.equal(verdict.findings[0].actual, 1);
      assert.doesNotMatch(JSON.stringify(verdict), /secret-patient/);
      assert.match(JSON.stringify(await run({ show: true }, place)), /secret-patient/);
      await put(place, "secret-patient.pdf");
    });

    await t.step(`${place}: another size, and other bytes of the same size, are told apart`, async () => {
      await put(place, "n/7", "longer than it was before");
      assert.deepEqual(codes(await run({}, place)), ["OBJECTS_WRONG_SIZE"]);
      await put(place, "n/7", "Body of n/7");
      assert.deepEqual(codes(await run({}, place)), ["OBJECTS_ALTERED"]);
      assert.deepEqual(codes(await run({ sql: "SELECT object_key AS key, size FROM proofs" }, place)), []);
      await put(place, "n/7");
    });
  }

  await t.step(
    "hashes that the server knows are not read for; others are, and so is everything with read",
    async () => {
      const gets = async (options: object, place: "amazon" | "plain") => {
        const s3 = { amazon, plain }[place];
        s3.requests.length = 0;
        assert.equal((await run(options, place)).verdict, "pass");
        return s3.requests.filter(({ method, query }) => method === "GET" && !query.has("prefix")).length;
      };
      assert.equal(await gets({}, "amazon"), 0);
      assert.equal(await gets({}, "plain"), keys.length);
      assert.equal(await gets({ read: true, sample: 20 }, "amazon"), 20);
    },
  );

  await t.step("bytes that the server damaged are found by read alone", async () => {
    amazon.inject(({ method, path }) =>
      method === "GET" && path.endsWith("files/n/8") ? { lie: "alter sent" } : undefined
    );
    assert.equal((await run({})).verdict, "pass");
    assert.deepEqual(codes(await run({ read: true })), ["OBJECTS_ALTERED"]);
    amazon.inject(() => undefined);
  });

  await t.step("an ETag that differs is found; where there are none, the check is not run", async () => {
    const byEtag = { sql: "SELECT object_key AS key, etag FROM proofs" };
    assert.equal((await run(byEtag)).verdict, "pass");
    await put("amazon", "n/9", "Body of n/9");
    assert.deepEqual(codes(await run(byEtag)), ["OBJECTS_ALTERED"]);
    await put("amazon", "n/9");
    const { verdict, findings: [{ code }] } = await run(byEtag, "directory");
    assert.deepEqual([verdict, code], ["unknown", "ETAG_UNKNOWN"]);
  });

  await t.step("an object that is forbidden or archived cannot be read; its key stays a secret", async () => {
    const secret = ({ path }: { path: string }) => path.endsWith("secret-patient.pdf");
    amazon.inject((request) => secret(request) ? { status: 403, code: "AccessDenied" } : undefined);
    const forbidden = await run({});
    assert.deepEqual([codes(forbidden), counted(forbidden, "unreadable")], [["OBJECTS_UNREADABLE"], 1]);
    assert.match(forbidden.findings[0].detail!, /STORE_FORBIDDEN: 1/);
    assert.doesNotMatch(JSON.stringify(forbidden), /secret-patient/);
    const headers = { "x-amz-storage-class": "GLACIER", "content-length": "27" };
    amazon.inject((request) => secret(request) ? { xml: "", headers } : undefined);
    assert.match((await run({})).findings[0].detail!, /archived: 1/);
    amazon.inject((request) =>
      secret(request) ? { xml: "", headers: { ...headers, "x-amz-restore": 'ongoing-request="false"' } } : undefined
    );
    assert.deepEqual(codes(await run({ sql: "SELECT object_key AS key FROM proofs" })), []);
    amazon.inject(() => undefined);
  });

  await t.step("a bucket that cannot be looked at is not run, and names no key", async () => {
    amazon.inject(() => ({ status: 403, code: "AccessDenied" }));
    const forbidden = await run({ sql: "SELECT 'secret-patient.pdf' AS key" });
    assert.deepEqual([forbidden.verdict, codes(forbidden)], ["unknown", ["OBJECTS_NOT_READABLE"]]);
    assert.doesNotMatch(JSON.stringify(forbidden), /secret-patient/);
    amazon.inject(() => ({ status: 404, code: "NoSuchBucket" }));
    assert.deepEqual(codes(await run({})), ["BUCKET_MISSING"]);
    amazon.inject(() => undefined);
    const missing = await run({ bucket: "/nonexistent" });
    assert.deepEqual([missing.verdict, codes(missing)], ["unknown", ["STORE_UNREADABLE"]]);
  });

  await t.step("only recent rows, by the query's own time", async () => {
    await remove("amazon", "n/50");
    const since = { sql: "SELECT object_key AS key, size, at FROM proofs", since: "30d" };
    const recent = await run(since);
    assert.deepEqual([recent.verdict, counted(recent, "looked_at")], ["pass", 30]);
    assert.equal((await run({ ...since, since: "1000d" })).verdict, "fail");
    // Whatever the time zone of this machine, a time without one is UTC.
    Deno.env.set("TZ", "Asia/Tokyo");
    for (const utc of ["(now() AT TIME ZONE 'UTC')", "(now() AT TIME ZONE 'UTC')::text", "now()", "now()::text"]) {
      const now = { sql: `SELECT 'n/50' AS key, ${utc} AS at`, since: "1h" };
      assert.deepEqual(codes(await run(now)), ["OBJECTS_MISSING"], utc);
    }
    Deno.env.delete("TZ");
    await put("amazon", "n/50");
    const none = await run({ ...since, since: "0" });
    assert.equal(none.notes?.[0].code, "OBJECTS_NONE_LOOKED_AT");
  });

  await t.step("only recent objects, by the bucket's time: the older need only be there", async () => {
    await put("directory", "n/3", "Body of n/3");
    const old = new Date(Date.now() - 40 * day);
    assert.deepEqual(codes(await run({ since: "30d" }, "directory")), ["OBJECTS_ALTERED"]);
    await Deno.utime(`${directory}/files/n/3`, old, old);
    assert.deepEqual(codes(await run({ since: "30d" }, "directory")), []);
    await remove("directory", "n/3");
    assert.deepEqual(codes(await run({ since: "30d" }, "directory")), ["OBJECTS_MISSING"]);
    await put("directory", "n/3");
  });

  await t.step(
    "a sample is the same for the same seed, in whatever order, and its seed is in the verdict",
    async () => {
      const sampled = async (seed: string | undefined, order: string) => {
        amazon.requests.length = 0;
        const { notes } = await run({ sql: `${byHash} ORDER BY object_key ${order}`, sample: 20, seed });
        const asked = amazon.requests.filter(({ method }) => method === "HEAD").map(({ path }) => path).sort();
        return { asked, note: notes![0].message };
      };
      const once = await sampled("x", "ASC");
      assert.equal(once.asked.length, 20);
      assert.match(once.note, /looked at 20 objects of 64, chosen with the seed x/);
      assert.deepEqual((await sampled("x", "DESC")).asked, once.asked);
      assert.notDeepEqual((await sampled("y", "ASC")).asked, once.asked);
      assert.notDeepEqual((await sampled(undefined, "ASC")).asked, (await sampled(undefined, "ASC")).asked);
    },
  );

  await t.step("objects that no row refers to are counted, warned of, or a failure", async () => {
    assert.deepEqual(codes(await run({ orphans: "fail" })), []);
    for (const place of ["amazon", "directory"] as const) {
      await put(place, "deep/er/secret-orphan.pdf", "x");
      const failed = await run({ orphans: "fail" }, place);
      assert.deepEqual([failed.verdict, codes(failed), counted(failed, "orphaned")], ["fail", ["OBJECTS_ORPHANED"], 1]);
      assert.doesNotMatch(JSON.stringify(failed), /secret-orphan/);
    }
    const warned = await run({ orphans: true, show: true });
    assert.deepEqual([warned.verdict, warned.checks![0].state, codes(warned)], ["pass", "warn", ["OBJECTS_ORPHANED"]]);
    assert.match(warned.findings[0].detail!, /secret-orphan/);
    assert.deepEqual((await run({ orphans: "count" })).notes?.map(({ code }) => code), ["OBJECTS_ORPHANED"]);
    assert.deepEqual(codes(await run({ orphans: "fail", orphan_age: "1h" })), []);
    const sample = await run({ orphans: "fail", sample: 5 });
    assert.equal(counted(sample, "orphaned"), 1);
  });

  await t.step("more objects than a page of a listing holds", async () => {
    const store = await openPlace("amazon");
    const numbers = Array.from({ length: 1_001 }, (_, i) => i);
    await inParallel(numbers, 16, (i) => store.write(`many/${i}`, ReadableStream.from([new Uint8Array(i)])));
    await store.close();
    const many = { prefix: "many/", orphans: "fail" };
    const query = (last: number) => `SELECT n AS key, n AS size FROM generate_series(0, ${last}) AS n`;
    assert.equal((await run({ ...many, sql: query(1_000) })).verdict, "pass");
    assert.deepEqual(codes(await run({ ...many, sql: query(999) })), ["OBJECTS_ORPHANED"]);
    assert.deepEqual(codes(await run({ ...many, sql: query(1_001) })), ["OBJECTS_MISSING"]);
  });

  await t.step("a query that gives no key does not pass, unless it may", async () => {
    const none = { sql: "SELECT object_key AS key FROM proofs WHERE false" };
    assert.deepEqual(codes(await run(none)), ["OBJECTS_NONE_REFERRED"]);
    assert.equal((await run({ ...none, minimum: 0 })).verdict, "pass");
    assert.deepEqual(codes(await run({ minimum: 65 })), ["OBJECTS_TOO_FEW_REFERRED"]);
    assert.deepEqual(codes(await run({ sql: "SELECT NULL AS key" })), ["OBJECTS_NONE_REFERRED"]);
  });

  await t.step(
    "what the server says of a query shows no row's content, and options that need others are refused",
    async () => {
      const failing = await run({ sql: "SELECT object_key::int AS key FROM proofs" });
      assert.deepEqual([failing.verdict, codes(failing)], ["unknown", ["QUERY_FAILED"]]);
      assert.doesNotMatch(JSON.stringify(failing), /pdf/);
      assert.throws(() => run({ seed: "x" }), /seed needs sample/);
      assert.throws(() => run({ orphan_age: "1d" }), /orphans, which is not given/);
    },
  );

  await t.step("a query that gives something else is not run", async () => {
    for (
      const query of [
        "SELECT object_key FROM proofs",
        "SELECT object_key AS key, 'large' AS size FROM proofs",
        "SELECT object_key AS key, md5(object_key) AS sha256 FROM proofs",
      ]
    ) assert.deepEqual(codes(await run({ sql: query })), ["OBJECTS_QUERY_WRONG"], query);
    const hashes = (as: string) => `SELECT object_key AS key, ${as} AS sha256 FROM proofs WHERE object_key = 'n/1'`;
    for (const as of ["upper(sha256)", "decode(sha256, 'hex')", "encode(decode(sha256, 'hex'), 'base64')"]) {
      assert.equal((await run({ sql: hashes(as) })).verdict, "pass", as);
    }
  });

  await Deno.remove(directory, { recursive: true });
});
