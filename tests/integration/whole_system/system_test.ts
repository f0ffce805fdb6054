import assert from "node:assert/strict";
import { readConfig } from "../../../lib/config/read_config.ts";
import { join } from "node:path";
import { makeSampleSystem, type SampleConfig, type SampleSystem } from "../../sample/sample_system.ts";
import { runDrill } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { traceableDirectory } from "../../support/traces.ts";

/** One thing broken, and the one check that watches it. */
interface Breakage {
  check: string;
  /** What pending migrations would do to the restored shop. */
  sql?: string;
  /** What happens outside of the databases; returns how it is undone. */
  outside?: (system: SampleSystem) => Promise<() => Promise<void>>;
  change?: (config: SampleConfig) => void;
  /** @default {"fail"} */
  state?: "fail" | "warn" | "review";
}

const objectKey = "tenant-1/proof-0.pdf";

async function rewritten(path: string, text: string): Promise<() => Promise<void>> {
  const before = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text);
  return () => Deno.writeTextFile(path, before);
}

const breakages: Record<string, Breakage> = {
  "a proof whose tenant is gone": {
    check: "no proof without a tenant",
    sql: `ALTER TABLE proofs DROP CONSTRAINT proofs_tenant_id_fkey; UPDATE proofs SET tenant_id = 9 WHERE proof_id = 1`,
    change: (config) => removeCheck(config, "proofs by tenant"),
  },
  "too few rows": {
    check: "proofs",
    sql: "SELECT 1",
    change: ({ checks }) => checks.find(({ name }: SampleConfig) => name === "proofs").minimum = 31,
  },
  "rows that moved to another tenant": {
    check: "proofs by tenant",
    sql: "UPDATE proofs SET tenant_id = 2 WHERE proof_id = 1",
  },
  "a gap in receipt numbers": {
    check: "receipt numbers",
    sql: "DELETE FROM receipts WHERE tenant_id = 2 AND receipt_no = 17",
  },
  "an audit event that was altered": {
    check: "audit chain",
    sql: "UPDATE audit_events SET actor = 'nobody' WHERE id = 100",
  },
  "audit events cut off at the end": {
    check: "audit chain",
    sql: "DELETE FROM audit_events WHERE id > 190",
  },
  "a private key in a row": {
    check: "no secrets in rows",
    sql: `UPDATE jobs SET payload = to_jsonb('-----BEGIN RSA PRIV' || E'ATE KEY-----\\n' || repeat('MIIEow', 40)
      || E'\\n-----END RSA PRIV' || 'ATE KEY-----') WHERE job_id = 1`,
  },
  "a request still under way": {
    check: "requests under way",
    sql: "INSERT INTO idempotency_keys VALUES ('now', 'in_progress', now())",
  },
  "a canary that is another one": { check: "canary", sql: "UPDATE canary SET value = 'grey'" },
  "an object that is gone": {
    check: "proof files",
    outside: async ({ removeObject, putObject }) => {
      await removeObject(objectKey);
      return () => putObject(objectKey, `the proof ${objectKey}\n`.repeat(100));
    },
    change: withoutInventory,
  },
  "an object that was altered": {
    check: "proof files",
    outside: async ({ putObject }) => {
      const whole = `the proof ${objectKey}\n`.repeat(100);
      await putObject(objectKey, whole.replace("the", "teh"));
      return () => putObject(objectKey, whole);
    },
    change: withoutInventory,
  },
  "an object that no row refers to": {
    check: "proof files",
    outside: async ({ putObject, removeObject }) => {
      await putObject("tenant-1/forgotten.pdf", "?");
      return () => removeObject("tenant-1/forgotten.pdf");
    },
    state: "warn",
  },
  "an object of the inventory that is gone": {
    check: "inventory of proofs",
    outside: async ({ removeObject, putObject }) => {
      await removeObject(objectKey);
      return () => putObject(objectKey, `the proof ${objectKey}\n`.repeat(100));
    },
    change: (config) => removeCheck(config, "proof files"),
  },
  "a file that was altered": {
    check: "files",
    outside: ({ files }) => rewritten(files.environment, "SESSION_SECRET=another\n"),
  },
  "a file that everybody may read": {
    check: "files",
    outside: async ({ files }) => {
      await Deno.chmod(files.key, 0o644);
      return () => Deno.chmod(files.key, 0o600);
    },
  },
  "an application of another version": {
    check: "version",
    change: ({ checks }) => checks.find(({ name }: SampleConfig) => name === "version").equals = "1.4.3",
  },
  "jobs that wait": { check: "queues", sql: "INSERT INTO jobs VALUES (99, 'queued', '{}')", state: "review" },
};

/** So that only one check sees what is broken. */
function removeCheck({ checks, steps }: SampleConfig, name: string): void {
  const isOther = (check: SampleConfig) => check !== name && check.name !== name;
  checks.splice(0, checks.length, ...checks.filter(isOther));
  for (const step of steps) if (step.checks) step.checks = step.checks.filter(isOther);
}

function withoutInventory(config: SampleConfig): void {
  config.buckets.proofs.inventory = false;
  removeCheck(config, "inventory of proofs");
}

Deno.test("system", async (t) => {
  await using system = await makeSampleSystem();
  await using tmp = await traceableDirectory();
  const env = { ...system.env, TMPDIR: tmp.path };

  await t.step("a backup of all of it is a set, and records what checks compare with", async () => {
    const { status, verdict, stderr } = await pgrehearse(["backup", "--config", system.config], { env });
    assert.equal(status, 0, stderr);
    assert.deepEqual(verdict.restored!.map(({ database }) => database), ["shop", "identity"]);
    const manifest = JSON.parse(await Deno.readTextFile(verdict.backup!.manifest!));
    assert.equal(manifest.set.lead, verdict.backup!.name);
    const kinds = manifest.recorded.map(({ kind }: SampleConfig) => kind).sort();
    for (const kind of ["chain", "files", "inventory"]) assert.ok(kinds.includes(kind), kind);
    const text = JSON.stringify(manifest);
    for (const secret of [system.env.CANARY, "not-in-any-verdict"]) assert.ok(!text.includes(secret));
  });

  await t.step("one command drills it, and nothing stays", async () => {
    const { status, verdict, stdout, stderr } = await pgrehearse(["drill", "--config", system.config], {
      env,
      cwd: system.directory,
    });
    assert.equal(status, 0, stderr);
    assert.equal(verdict.proof, "exact");
    const { checks } = JSON.parse(await Deno.readTextFile(system.config));
    assert.deepEqual(
      verdict.checks!.map(({ name }) => name).sort(),
      [...checks.map(({ name }: SampleConfig) => name), "files", "inventory of proofs"].sort(),
    );
    assert.ok(verdict.checks!.every(({ state }) => state === "pass"));
    const phases = verdict.phases.map(({ name }) => name);
    const steps = [
      "databases",
      "migrations",
      "shop",
      "objects",
      "identity",
      "files",
      "start api",
      "endpoints",
      "queues",
    ];
    assert.deepEqual(phases.filter((name) => steps.includes(name)), steps);
    assert.ok(verdict.recovery!.rto_ms! > 0 && verdict.recovery!.rpo_ms! > 0);
    assert.deepEqual(verdict.controls, ["ISO27001-A.8.13", "SOC2-A1.2"]);
    for (const secret of [system.env.CANARY, "not-in-any-verdict"]) assert.ok(!(stdout + stderr).includes(secret));
    assert.deepEqual(await tmp.traces(), []);
  });

  for (const [name, { check, sql = "SELECT 1", outside, change, state = "fail" }] of Object.entries(breakages)) {
    await t.step(`${name}: ${check} says so, and no other check`, async () => {
      const undo = await outside?.(system);
      try {
        const config = await readConfig(await system.withMigration(sql, change), env);
        const verdict = await runDrill(undefined, { config, env, from: join(system.directory, "backups") });
        const found = verdict.checks!.filter((each) => each.state !== "pass" && each.state !== "not_run");
        const said = JSON.stringify(verdict.findings, null, 2);
        assert.deepEqual(found.map((each) => [each.name, each.state]), [[check, state]], said);
        assert.equal(verdict.verdict, { fail: "fail", warn: "pass", review: "unknown" }[state], said);
        assert.ok(verdict.findings.some((finding) => finding.check === check), said);
      } finally {
        await undo?.();
      }
    });
  }

  await t.step("what waits for review passes with the name of who looked", async () => {
    const config = await readConfig(await system.withMigration(breakages["jobs that wait"].sql!), env);
    const options = { config, env, from: join(system.directory, "backups") };
    const { verdict, reviewed_by } = await runDrill(undefined, { ...options, reviewedBy: "Ann" });
    assert.deepEqual([verdict, reviewed_by], ["pass", "Ann"]);
  });
});
