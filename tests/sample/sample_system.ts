import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "../../lib/storage/open_store.ts";
import { inParallel } from "../../lib/system/in_parallel.ts";
import { type S3Server, startS3Server } from "../support/s3_server.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import identitySql from "./identity.sql" with { type: "text" };
import shopSql from "./shop.sql" with { type: "text" };

const [app, denoConfig] = ["app.ts", "../../deno.json"].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** A whole system with everything that a drill can look at, made of real parts. */
export interface SampleSystem extends AsyncDisposable {
  server: TestServer;
  bucket: S3Server;
  /** Holds the configuration, the backups and the files. */
  directory: string;
  /** Of the configuration. */
  config: string;
  /** What the configuration takes from the environment, and the bucket's credentials. */
  env: Record<string, string>;
  /** The operator-managed files, by what they are. */
  files: { certificate: string; key: string; environment: string };
  /** Writes a configuration that runs `sql` on the restored shop in the place of pending migrations. */
  withMigration(sql: string, change?: (config: SampleConfig) => void): Promise<string>;
  putObject(key: string, body: string): Promise<void>;
  removeObject(key: string): Promise<void>;
}

/** A configuration as tests change it. */
// deno-lint-ignore no-explicit-any
export type SampleConfig = any;

const bodyOf = (key: string) => `the proof ${key}\n`.repeat(100);

/** Makes the system: databases filled, objects put, files written, nothing backed up yet. */
export async function makeSampleSystem(): Promise<SampleSystem> {
  const [server, bucket] = await Promise.all([startTestServer(), startS3Server()]);
  const directory = await Deno.makeTempDir({ prefix: "pgr-sample-" });
  for (const [name, value] of Object.entries(bucket.env)) Deno.env.set(name, value);
  const files = await makeFiles(directory);
  await fill(server, "shop", shopSql);
  await fill(server, "identity", identitySql);

  const address = "s3://backups/proofs";
  const withStore = async <T>(work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>) => {
    const store = await openStore(address, { endpoint: bucket.endpoint });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const putObject = (key: string, body: string) =>
    withStore(async (store) => void await store.write(key, ReadableStream.from([new TextEncoder().encode(body)])));
  const keys = Array.from({ length: 30 }, (_, n) => `tenant-${n % 3 + 1}/proof-${n}.pdf`);
  await inParallel(keys, 8, (key) => putObject(key, bodyOf(key)));
  await referTo(server, keys);

  const env = {
    ...bucket.env,
    SHOP_URL: server.url("shop"),
    IDENTITY_URL: server.url("identity"),
    S3_ENDPOINT: bucket.endpoint,
    CANARY: "yellow-and-alive-7319",
  };
  const config = sampleConfig(directory, files);
  const write = async (name: string, content: SampleConfig) => {
    const path = join(directory, name);
    await Deno.writeTextFile(path, JSON.stringify(content, null, 2));
    return path;
  };
  return {
    server,
    bucket,
    directory,
    config: await write("pgrehearse.jsonc", config),
    env,
    files,
    async withMigration(sql, change = () => {}) {
      const changed = structuredClone(config);
      changed.steps[1].command.command = ["psql", "-v", "ON_ERROR_STOP=1", "-qc", sql, "-d"];
      changed.steps[1].command.command = [
        "sh",
        "-c",
        `exec psql -v ON_ERROR_STOP=1 -q -d "$DATABASE_URL" -c "$STATEMENTS"`,
      ];
      changed.steps[1].command.env = { STATEMENTS: sql };
      change(changed);
      return await write("changed.jsonc", changed);
    },
    putObject,
    removeObject: (key) => withStore(async (store) => void await store.remove(key)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await bucket[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function fill(server: TestServer, database: string, statements: string): Promise<void> {
  const admin = await server.connect();
  await admin.unsafe(`CREATE DATABASE ${database}`);
  await admin.end();
  const sql = await server.connect(database);
  await sql.unsafe(statements);
  await sql.end();
}

async function referTo(server: TestServer, keys: string[]): Promise<void> {
  const sql = await server.connect("shop");
  const proofs = keys.map((key, n) => ({
    tenant_id: n % 3 + 1,
    object_key: key,
    size: bodyOf(key).length,
    sha256: createHash("sha256").update(bodyOf(key)).digest("hex"),
  }));
  await sql`INSERT INTO proofs ${sql(proofs)}`;
  await sql`INSERT INTO canary VALUES ('yellow-and-alive-7319')`;
  await sql.end();
}

/** A certificate authority's key and certificate, and an environment file. */
async function makeFiles(directory: string): Promise<SampleSystem["files"]> {
  const files = {
    certificate: join(directory, "ca.pem"),
    key: join(directory, "ca.key"),
    environment: join(directory, "service.env"),
  };
  const { success, stderr } = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=sample"]
      .concat("-keyout", files.key, "-out", files.certificate),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.writeTextFile(files.environment, "SESSION_SECRET=not-in-any-verdict\n");
  for (const path of Object.values(files)) await Deno.chmod(path, 0o600);
  return files;
}

function sampleConfig(directory: string, files: SampleSystem["files"]): SampleConfig {
  return {
    databases: {
      shop: { url: "${SHOP_URL}", distribution: ["proofs:tenant_id"] },
      identity: { url: "${IDENTITY_URL}" },
    },
    store: join(directory, "backups"),
    buckets: { proofs: { address: "s3://backups/proofs", endpoint: "${S3_ENDPOINT}", inventory: true } },
    files: [
      { path: files.certificate, mode: "0600", certificate_key: files.key, valid_for: "30d" },
      { path: files.key, mode: "0600" },
      { path: files.environment, mode: "0600" },
    ],
    checks: [
      {
        kind: "sql",
        name: "no proof without a tenant",
        database: "shop",
        sql: "SELECT count(*) FROM proofs LEFT JOIN tenants USING (tenant_id) WHERE tenants IS NULL",
        expect: "= 0",
      },
      { kind: "rows", name: "proofs", database: "shop", table: "proofs", minimum: 10, percent_of_last_good: 90 },
      { kind: "distribution", name: "proofs by tenant", database: "shop", column: "proofs:tenant_id" },
      {
        kind: "sequence",
        name: "receipt numbers",
        database: "shop",
        table: "receipts",
        column: "receipt_no",
        per: ["tenant_id"],
        start: 1,
      },
      {
        kind: "chain",
        name: "audit chain",
        database: "shop",
        table: "audit_events",
        id: "id",
        previous_hash: "previous_hash",
        hash: "hash",
        payload: "coalesce(previous_hash, '') || '|' || id || '|' || actor || '|' || action",
      },
      {
        kind: "objects",
        name: "proof files",
        database: "shop",
        sql: "SELECT object_key AS key, size, sha256, at FROM proofs",
        bucket: "proofs",
        since: "30d",
        orphans: "warn",
      },
      {
        kind: "secrets",
        name: "no secrets in rows",
        database: "shop",
      },
      {
        kind: "idempotency",
        name: "requests under way",
        database: "shop",
        table: "idempotency_keys",
        in_progress: "state = 'in_progress'",
        created_at: "created_at",
        expires_after: "24h",
      },
      {
        kind: "canary",
        name: "canary",
        database: "shop",
        sql: "SELECT value FROM canary",
        value: "${CANARY}",
      },
      { kind: "http", name: "version", app: "api", path: "/api/v1/version", pointer: "/version", equals: "1.4.2" },
      {
        kind: "http",
        name: "proofs endpoint",
        app: "api",
        path: "/proofs",
        pointer: "/proofs/0/is_readable",
        equals: true,
      },
      {
        kind: "queue",
        name: "queues",
        database: "shop",
        counts: {
          jobs: { table: "jobs", where: "state <> 'done'" },
          "dead letters": { table: "dead_letters" },
        },
      },
    ],
    steps: [
      { databases: ["shop"] },
      { name: "migrations", command: { command: ["true"] } },
      {
        name: "shop",
        checks: [
          "no proof without a tenant",
          "proofs",
          "proofs by tenant",
          "receipt numbers",
          "audit chain",
          "no secrets in rows",
          "requests under way",
          "canary",
        ],
      },
      { name: "objects", checks: ["proof files", "inventory of proofs"] },
      { name: "identity", databases: ["identity"] },
      { name: "files", checks: ["files"] },
      { start: ["api"] },
      { name: "endpoints", checks: ["version", "proofs endpoint"] },
      { name: "queues", checks: ["queues"] },
    ],
    app: {
      api: {
        command: [Deno.execPath(), "run", "--quiet", "--no-prompt", "--cached-only", "-A", "--config", denoConfig, app],
        database_env: { DATABASE_URL: "shop", IDENTITY_URL: "identity" },
        env: { BUCKET_URL: "${S3_ENDPOINT}/backups/proofs", CERTIFICATE: files.certificate },
        ready: "/readyz",
        fail_on_log: ["schema version [^1]"],
      },
    },
    policy: { rto: "10m", rpo: "1h", max_backup_age: "1d", require_proof: "exact" },
    controls: { "ISO27001-A.8.13": ["backup", "drill"], "SOC2-A1.2": ["drill"] },
  };
}
