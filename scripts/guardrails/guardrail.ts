import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Sql } from "../../lib/postgres/connection/connect.ts";
import { type Outcome, pgrehearse } from "../../tests/support/pgrehearse.ts";
import { startS3Server } from "../../tests/support/s3_server.ts";
import { startTestServer } from "../../tests/support/server.ts";

export const tenantTables = ["audit_log", "findings", "jobs"];
const tenants = ["acme", "globex", "initech"];
const bucket = "s3://backups/guardrail";
const kmsKey = "arn:aws:kms:us-east-1:111122223333:key/guardrail";
const seed = await Deno.readTextFile(fileURLToPath(new URL("tenants.sql", import.meta.url)));

/** One thing that must hold; throws if it does not. */
export interface GuardrailStep {
  name: string;
  run(): Promise<void>;
}

/** The steps of the guardrail, each of which needs those before it, and what they happen in. */
export interface Guardrail extends AsyncDisposable {
  steps: GuardrailStep[];
}

/**
 * Seeds a multi-tenant database in a separate server, beside a separate S3 endpoint.
 *
 * The program runs as its users run it: as a process, the backup by a role that forced row security binds.
 */
export async function openGuardrail(): Promise<Guardrail> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startTestServer());
  const s3 = opened.use(await startS3Server());
  const admin = await server.connect();
  await admin`CREATE DATABASE tenants`;
  await admin.end();
  const sql = opened.adopt(await server.connect("tenants"), (sql) => sql.end({ timeout: 0 }));
  await sql.unsafe(seed).simple();

  const maintenanceUrl = server.url("tenants").replace("postgres@", "maintenance@");
  const run = (args: string[], options = "") =>
    pgrehearse([...args, "--endpoint", s3.endpoint], { env: { ...s3.env, ...(options && { PGOPTIONS: options }) } });
  const backup = (options: string, ...args: string[]) =>
    run(["backup", "--db-url", maintenanceUrl, "--to", bucket, ...kms, ...args], options);
  const guarded = ["--enable-row-security", ...tenantTables.flatMap(requireEveryTenant)];
  const countBackups = async () => (await run(["list", "--from", bucket])).verdict.backups!.length;

  const before = await describe(sql);
  const moved = opened.move();
  return {
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
    steps: [
      {
        name: "the maintenance role is bound by forced row security, and sees every row by its setting only",
        async run() {
          const as = async (options: string) => {
            const [{ rows }] = await sql.begin(async (sql) => {
              await sql.unsafe(`SET LOCAL row_security = on; SET LOCAL ROLE maintenance; ${options}`).simple();
              return await sql<{ rows: number }[]>`SELECT count(*)::int AS rows FROM jobs`;
            });
            return rows;
          };
          assert.equal(await as(""), 0);
          assert.equal(await as("SET LOCAL app.tenant = 'acme'"), 200);
          assert.equal(await as("SET LOCAL app.maintenance = 'on'"), 600);
        },
      },
      {
        name: "without --enable-row-security it is refused, naming the tables, and nothing is stored",
        async run() {
          refusedAsHidden(await backup("-c app.maintenance=on"), /audit_log.*findings.*jobs/);
          assert.equal(await countBackups(), 0);
        },
      },
      {
        name: "one tenant's rows withheld by the policy are exit 2, and no smaller backup",
        async run() {
          await withhold(sql, "initech");
          refusedAsHidden(await backup("-c app.maintenance=on", ...guarded), /no rows of .*:tenant with initech/);
          await withhold(sql, undefined);
          // Without the setting it sees nothing; with a tenant's it sees that one.
          refusedAsHidden(await backup("", ...guarded), /acme, globex, initech/);
          refusedAsHidden(await backup("-c app.tenant=acme", ...guarded), /globex, initech/);
          assert.equal(await countBackups(), 0);
          assert.deepEqual([...s3.unfinished], []);
        },
      },
      {
        name: "with every tenant in sight it backs up into the bucket, each object with the KMS headers",
        async run() {
          s3.requests.length = 0;
          const made = await backup("-c app.maintenance=on", ...guarded);
          assert.equal(made.status, 0, made.stderr);
          assert.ok(made.verdict.findings.some(({ code }) => code === "ROW_SECURITY_ENABLED"));
          const created = s3.requests.filter(({ method, query }) =>
            method === "PUT" && !query.has("uploadId") || method === "POST" && query.has("uploads")
          );
          const kinds = new Set(created.map(({ path }) => path.replace(/^.*Z\./, "")));
          assert.deepEqual([...kinds], ["claim", "dump", "globals.sql", "manifest.json"]);
          for (const { headers } of created) {
            assert.equal(headers.get("x-amz-server-side-encryption"), "aws:kms");
            assert.equal(headers.get("x-amz-server-side-encryption-aws-kms-key-id"), kmsKey);
          }
        },
      },
      {
        name: "every tenant table is dropped, and the wipe is proven",
        async run() {
          await sql.unsafe(`DROP TABLE ${tenantTables.join(", ")}`);
          const left = await sql`
            SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
            WHERE nspname = 'public'`;
          assert.deepEqual([...left], []);
          await assert.rejects(sql`SELECT FROM jobs`, { code: "42P01" });
        },
      },
      {
        name: "restored by the production command, it is exact, and so it counts and hashes",
        async run() {
          const target = ["--latest", "--from", bucket, "--target-url", server.url("tenants"), "--in-place"];
          const restored = await run([...["restore", ...target], ...authority]);
          assert.equal(restored.status, 0, restored.stderr);
          assert.equal(restored.verdict.proof, "exact");
          assert.deepEqual(await describe(sql), before);
        },
      },
      {
        name: "row security binds as before: a tenant sees its own rows only",
        async run() {
          const seen = await sql.begin(async (sql) => {
            await sql`SET LOCAL row_security = on`; // our own sessions have it off
            await sql`SET LOCAL ROLE app`;
            await sql`SET LOCAL app.tenant = 'globex'`;
            return await sql<{ tenant: string }[]>`SELECT DISTINCT tenant FROM findings`;
          });
          assert.deepEqual([...seen], [{ tenant: "globex" }]);
        },
      },
    ],
  };
}

const kms = ["--sse", "aws:kms", "--sse-kms-key-id", kmsKey];
const authority = [
  ...["--operator", "ann", "--approved-by", "bob", "--reason", "the guardrail", "--confirm", "tenants"],
  "--terminate-connections",
];

function requireEveryTenant(table: string): string[] {
  return ["--require-values", `${table}:tenant=${tenants.join(",")}`];
}

/** The policy's mistake: even maintenance does not see this tenant. */
async function withhold(sql: Sql, tenant: string | undefined): Promise<void> {
  const maintenance = "current_setting('app.maintenance', true) = 'on'";
  const but = tenant === undefined ? "" : ` AND tenant <> '${tenant}'`;
  await sql.unsafe(
    tenantTables.map((table) => `
    ALTER POLICY tenants_apart ON ${table} USING (
      ${maintenance}${but} OR tenant = current_setting('app.tenant', true)
    )`).join(";"),
  ).simple();
}

function refusedAsHidden({ status, verdict, stderr }: Outcome, message: RegExp): void {
  assert.equal(status, 2, stderr);
  assert.equal(verdict.verdict, "unknown");
  assert.equal(verdict.findings[0].code, "ROWS_HIDDEN");
  assert.match(verdict.findings[0].message, message);
}

/** Of every tenant in every table, as a superuser sees it: how many rows, and a hash of them all. */
async function describe(sql: Sql): Promise<Record<string, unknown>> {
  const described: Record<string, unknown> = {};
  for (const table of tenantTables) {
    const rows = await sql<{ tenant: string; rows: number; hash: string }[]>`
      SELECT
        tenant,
        count(*)::int AS rows,
        encode(sha256(convert_to(string_agg(t::text, E'\n' ORDER BY id), 'UTF8')), 'hex') AS hash
      FROM ${sql(table)} AS t
      GROUP BY tenant
      ORDER BY tenant`;
    assert.deepEqual(rows.map(({ tenant }) => tenant), tenants);
    described[table] = [...rows];
  }
  return described;
}
