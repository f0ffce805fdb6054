import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { checkSystem } from "../support/checks.ts";
import { innocentTexts, jwt, noise, pem, secretSamples } from "../support/secret_samples.ts";
import { startTestServer } from "../support/server.ts";

const found = ({ findings }: Verdict) =>
  findings.map(({ code, object, message, actual }) =>
    code === "SECRET_FOUND" ? [object, /\((.*)\)/.exec(message)![1], actual] : code
  );
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test("secrets check", async (t) => {
  await using server = await startTestServer();
  const setUp = async (...statements: string[]) => {
    const name = await server.makeDatabase();
    const sql = await server.connect(name);
    for (const statement of statements) await sql.unsafe(statement);
    return { sql, url: server.url(name) };
  };
  const run = (url: string, options: object = {}) =>
    checkSystem([{ kind: "secrets", name: "secrets", ...options }], { databases: { shop: url } });

  await t.step("finds every form, alone and amid text, in text and in json, and shows none", async () => {
    const { sql, url } = await setUp("CREATE TABLE notes (n int, plain text, padded text, doc jsonb, raw json)");
    const rows = secretSamples.map(([, secret], n) => ({
      n,
      plain: secret,
      padded: `${"words, ".repeat(400)}(${secret})\n${"more words. ".repeat(300)}`,
      doc: { setting: secret, nested: [{ n }] },
      raw: { value: `see ${secret};` },
    }));
    for (const row of rows) await sql`INSERT INTO notes ${sql(row as never)}`;
    for (const column of ["plain", "padded", "doc", "raw"]) {
      const exclude = ["plain", "padded", "doc", "raw"].filter((other) => other !== column).map((c) => `notes:${c}`);
      const verdict = await run(url, { exclude });
      const counts = Map.groupBy(secretSamples, ([what]) => what);
      assert.deepEqual(
        Object.fromEntries(found(verdict).map(([, what, count]) => [what, count])),
        Object.fromEntries([...counts].map(([what, samples]) => [what, samples.length])),
        column,
      );
      const text = JSON.stringify(verdict);
      for (const [what, secret] of secretSamples) {
        for (let at = 0; at + 12 <= secret.length; at += 12) {
          const part = secret.slice(at, at + 12);
          if (/[A-Z0-9]{2}.*[a-z0-9]/.test(part)) assert.ok(!text.includes(part), `${what}: ${part}`);
        }
      }
    }
    await sql.end();
  });

  await t.step("each form by itself, so that none hides behind another", async () => {
    const { sql, url } = await setUp("CREATE TABLE one (t text)");
    for (const [what, secret] of secretSamples) {
      await sql`TRUNCATE one`;
      await sql`INSERT INTO one VALUES (${secret})`;
      const verdict = await run(url);
      assert.ok(found(verdict).some(([object, form]) => object === "public.one.t" && form === what), what);
    }
    await sql.end();
  });

  await t.step("what only looks like one is none", async () => {
    const { sql, url } = await setUp("CREATE TABLE notes (t text, doc jsonb)");
    for (const text of innocentTexts) {
      await sql`INSERT INTO notes ${sql({ t: text, doc: { text } } as never)}`;
      const verdict = await run(url);
      assert.deepEqual(found(verdict), [], text.slice(0, 80));
      assert.equal(verdict.verdict, "pass");
    }
    await sql.end();
  });

  await t.step("in every kind of column that holds text, and in every table once", async () => {
    const secret = secretSamples.find(([what]) => what === "Google API key")![1];
    const { sql, url } = await setUp(
      `CREATE SCHEMA "Odd schema"`,
      "CREATE DOMAIN public.label AS varchar(200)",
      "CREATE TYPE public.pair AS (a text, b int)",
      `CREATE TABLE "Odd schema"."T" (gone text, v varchar(99), c char(60), "an array" text[], x xml, d public.label,
        ds public.label[], p public.pair, b bytea, n numeric, u uuid, e text)`,
      `ALTER TABLE "Odd schema"."T" DROP COLUMN gone`,
      `INSERT INTO "Odd schema"."T" VALUES ('${secret}', '${secret}', '{x,${secret}}', '<a>${secret}</a>', '${secret}',
        ARRAY['${secret}'], ROW('${secret}', 1), '${secret}', 1, gen_random_uuid(), NULL)`,
      "CREATE TABLE parts (id int, t text) PARTITION BY RANGE (id)",
      "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
      "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
      `INSERT INTO parts SELECT g, '${secret}' FROM generate_series(0, 19, 4) AS g`,
      "CREATE TABLE parent (t text)",
      "CREATE TABLE child () INHERITS (parent)",
      `INSERT INTO child VALUES ('${secret}')`,
      "CREATE MATERIALIZED VIEW seen AS SELECT * FROM parts",
      "CREATE VIEW looked AS SELECT * FROM parts",
      "CREATE TABLE empty (t text)",
      "CREATE TABLE no_columns ()",
    );
    await sql.end();
    const what = "Google API key";
    const odd = ["an array", "c", "d", "ds", "p", "v", "x"].map((column) => [`Odd schema.T.${column}`, what, 1]);
    const others = [["public.child.t", what, 1], ["public.parts.t", what, 5]];
    assert.deepEqual(found(await run(url)), [...odd, ...others]);
    const withBytea = await run(url, { bytea: true, exclude: ["Odd schema.T:c", "parts", "public.child"] });
    assert.deepEqual(
      found(withBytea).map(([object]) => object),
      ["an array", "b", "d", "ds", "p", "v", "x"].map((column) => `Odd schema.T.${column}`),
    );
    assert.deepEqual(withBytea.assertions.map(({ name, actual }) => [name, actual]), [[
      "secrets: columns with secrets",
      7,
    ]]);
  });

  await t.step("a secret may be allowed by the hash of its text", async () => {
    const key = pem("EC PRIVATE KEY", 3);
    const token = jwt({ alg: "HS256" }, { sub: "test" });
    const { sql, url } = await setUp("CREATE TABLE t (a text, doc jsonb)");
    await sql`INSERT INTO t ${sql({ a: `${token} and\n${key}\n`, doc: { key } } as never)}`;
    assert.equal(found(await run(url)).length, 3);
    assert.deepEqual(found(await run(url, { allow: [sha256(token)] })).map((f) => f[1]), [
      "private key",
      "private key",
    ]);
    assert.equal((await run(url, { allow: [sha256(token), sha256(key)] })).verdict, "pass");
    await sql`INSERT INTO t (a) VALUES (${jwt({ alg: "HS256" }, { sub: "real" })})`;
    assert.deepEqual(found(await run(url, { allow: [sha256(token), sha256(key)] })), [["public.t.a", "JWT", 1]]);
    await sql.end();
  });

  await t.step("counts rows, wherever in a table of many pages they are", async () => {
    const secret = secretSamples.find(([what]) => what === "Stripe key")![1];
    const { sql, url } = await setUp(
      "CREATE TABLE many (id int, t text)",
      `INSERT INTO many SELECT g, CASE WHEN g IN (1, 777, 150000, 299999, 300000) THEN '${secret} ${secret}'
        ELSE 'order ' || md5(g::text) END FROM generate_series(1, 300000) AS g`,
    );
    await sql.end();
    assert.deepEqual(found(await run(url)), [["public.many.t", "Stripe key", 5]]);
  });

  await t.step("in a value of megabytes that does not compress", async () => {
    const secret = secretSamples.find(([what]) => what === "SendGrid key")![1];
    const { sql, url } = await setUp("CREATE TABLE large (t text, doc jsonb)");
    const bytes = crypto.getRandomValues(new Uint8Array(60_000)).toHex();
    await sql`INSERT INTO large ${sql({ t: `${bytes.repeat(20)} ${secret} ${bytes}`, doc: [bytes, secret] } as never)}`;
    await sql`INSERT INTO large (t) SELECT ${bytes} FROM generate_series(1, 50)`;
    await sql.end();
    assert.deepEqual(found(await run(url)), [
      ["public.large.doc", "SendGrid key", 1],
      ["public.large.t", "SendGrid key", 1],
    ]);
  });

  await t.step("a table of more than 100 columns of text", async () => {
    const columns = Array.from({ length: 250 }, (_, place) => `c${place}`);
    const { sql, url } = await setUp(`CREATE TABLE wide (${columns.map((column) => `${column} text`)})`);
    const secret = secretSamples.find(([what]) => what === "Vault token")![1];
    await sql`INSERT INTO wide (c0, c120, c249) VALUES ('a', 'b', ${secret})`;
    await sql.end();
    assert.deepEqual(found(await run(url)), [["public.wide.c249", "Vault token", 1]]);
  });

  await t.step("what a role may not read is not looked at, and no pass", async () => {
    const { sql, url } = await setUp(
      "CREATE ROLE narrow LOGIN",
      "CREATE TABLE closed (t text)",
      "INSERT INTO closed VALUES ('x')",
    );
    await sql.end();
    const { verdict } = await run(url.replace("postgres@", "narrow@"));
    assert.equal(verdict, "unknown");
  });

  await t.step("objects: found by name, allowed by hash, only the beginning of large ones", async () => {
    const { sql, url } = await setUp("CREATE TABLE nothing (t text)");
    await sql.end();
    const directory = await Deno.makeTempDir({ prefix: "pgr-secrets-" });
    try {
      for (const [place, [, secret]] of secretSamples.entries()) {
        await Deno.writeTextFile(join(directory, `s-${place}`), `\u0000ä ${secret} \n`);
      }
      for (const [place, text] of innocentTexts.entries()) {
        await Deno.writeTextFile(join(directory, `i-${place}`), text);
      }
      const secret = secretSamples[0][1];
      await Deno.writeTextFile(join(directory, "large"), noise(1024).repeat(1024) + secret);
      const look = async (objects: object, options: object = {}) => {
        const verdict = await run(url, { objects: [{ bucket: directory, ...objects }], ...options });
        return { ...verdict, forms: verdict.findings.map(({ message }) => /\((.*)\)/.exec(message)?.[1]).sort() };
      };
      const all = await look({ prefix: "s-" });
      assert.deepEqual(all.forms, [...new Set(secretSamples.map(([what]) => what))].sort());
      assert.match(all.findings.find(({ message }) => /npm/.test(message))!.detail!, /^s-\d+$/);
      assert.ok(!JSON.stringify(all).includes(secret.slice(40, 60)));
      assert.deepEqual((await look({ prefix: "i-" })).forms, []);
      assert.deepEqual((await look({ prefix: "s-0" }, { allow: [sha256(secret)] })).verdict, "pass");
      assert.deepEqual((await look({ prefix: "large" })).forms, ["private key"]);
      const cut = await look({ prefix: "large", first_mib: 1 });
      assert.deepEqual([cut.verdict, cut.notes![0].code], ["pass", "SECRETS_PARTLY_READ"]);
      const some = await look({ sample: 3 });
      assert.equal(some.assertions[1].expected, "0 of 3 objects");
      assert.equal((await look({ prefix: "gone" })).verdict, "unknown");
      await Deno.mkdir(join(directory, "deep/deeper"), { recursive: true });
      await Deno.writeTextFile(join(directory, "deep/deeper/s"), secret);
      assert.deepEqual((await look({ prefix: "deep/" })).forms, ["private key"]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});
