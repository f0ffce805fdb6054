import fc from "fast-check";
import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/read_config.ts";
import { shardOf } from "../../lib/config/shard.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";

function read(config: unknown) {
  const { document, problems } = parseConfig(JSON.stringify(config), {});
  assert.deepEqual(problems, []);
  return document!;
}

function sharesOf(config: unknown, count: number) {
  return Array.from({ length: count }, (_, index) => shardOf(read(config), { index, count }));
}

const rows = (name: string, database: string) => ({ kind: "rows", name, database, table: "t", minimum: 1 });
const namesOf = (record: Record<string, unknown>) => Object.keys(record).join(" ");

Deno.test("shard: every database, and every check of one, is in exactly one share", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (size, count) => {
    fc.pre(count <= size);
    const names = Array.from({ length: size }, (_, n) => `db-${n}`);
    const config = {
      databases: Object.fromEntries(names.map((name) => [name, {}])),
      checks: names.map((name) => rows(`rows of ${name}`, name)),
    };
    const shares = sharesOf(config, count);
    assert.deepEqual(shares.flatMap(({ databases }) => Object.keys(databases)).sort(), names.toSorted());
    for (const { databases, checks } of shares) {
      assert.deepEqual(checks.map(({ name }) => name), Object.keys(databases).map((name) => `rows of ${name}`));
      assert.ok(Math.abs(Object.keys(databases).length - size / count) < 1);
    }
  }));
});

const fleet = {
  databases: { shop: {}, eu: {}, identity: {}, us: {} },
  buckets: {
    proofs: { address: "s3://a/proofs", copy_to: "s3://b/proofs", inventory: true },
    logos: { address: "s3://a/logos" },
  },
  files: [{ path: "/etc/key.pem" }],
  app: {
    api: { command: ["api"], database_env: { SHOP: "shop", IDENTITY: "identity" } },
    european: { command: ["api"], database_env: { SHOP: "eu" } },
  },
  checks: [
    rows("orders", "us"),
    { kind: "http", name: "version", app: "european", path: "/version" },
    { kind: "objects", name: "proof files", database: "eu", sql: "SELECT key FROM p", bucket: "proofs" },
    { kind: "objects", name: "logo files", database: "us", sql: "SELECT key FROM l", bucket: "logos" },
  ],
  steps: [
    { databases: ["identity", "us", "shop"] },
    { name: "migrations", command: { command: ["migrate"], database_env: { URL: "us" } } },
    { name: "first", command: { command: ["migrate"] } },
    { databases: ["eu"] },
    { objects: ["proofs"] },
    { start: ["api", "european"] },
    { name: "endpoints", checks: ["version", "orders"] },
  ],
};

Deno.test("shard: what belongs together stays together, and steps keep their order", () => {
  const [first, second, third] = sharesOf(fleet, 3).map(({ databases, buckets, app, files, checks, steps }) => ({
    databases: namesOf(databases),
    buckets: namesOf(buckets),
    app: namesOf(app),
    files: files.length,
    checks: checks.map(({ name }) => name).join(", "),
    steps: steps!.map(({ databases, objects, start, checks, name }) =>
      [name, databases, objects, start, checks].flat().filter(Boolean).join(" ")
    ),
  }));
  assert.deepEqual(first, {
    databases: "shop identity",
    buckets: "logos",
    app: "api",
    files: 1,
    checks: "files",
    steps: ["identity shop", "first", "api"],
  });
  assert.deepEqual(second, {
    databases: "eu",
    buckets: "proofs logos",
    app: "european",
    files: 0,
    checks: "version, proof files, inventory of proofs",
    steps: ["eu", "proofs", "european", "endpoints version"],
  });
  assert.deepEqual(third, {
    databases: "us",
    buckets: "logos",
    app: "",
    files: 0,
    checks: "orders, logo files",
    steps: ["us", "migrations", "endpoints orders"],
  });
});

Deno.test("shard: a share of one is the whole", () => {
  assert.deepEqual(shardOf(read(fleet), { index: 0, count: 1 }), read(fleet));
});

Deno.test("shard: more shares than there is to share out is an error for every one of them", () => {
  for (const index of [0, 3]) {
    assert.throws(
      () => shardOf(read(fleet), { index, count: 4 }),
      (error) =>
        error instanceof OperatorError && error.code === "TOO_MANY_SHARDS" &&
        /4 databases are named.*That makes 3 groups: too few for 4 shards/.test(error.message) &&
        /at most 3/.test(error.fix),
    );
  }
});
