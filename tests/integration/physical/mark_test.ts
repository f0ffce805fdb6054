import assert from "node:assert/strict";
import { join } from "node:path";
import { writeAndArchive } from "../../support/backup_tools.ts";
import { codesOf, runPhysicalDrill as drilled } from "../../support/physical_drills.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

Deno.test("mark --light: any role plants a mark that pg_waldump shows and a drill recovers to", async () => {
  await using primary = await startPhysicalPrimary();
  const base = await primary.backUp("base", "-X", "none");
  const sql = await primary.connect();
  await sql`CREATE ROLE visitor LOGIN`;
  await sql.end();
  const url = primary.url().replace("postgres@", "visitor@");
  const { status, verdict: { mark } } = await pgrehearse(["mark", "--light", "--db-url", url]);
  assert.equal(status, 0);
  assert.equal(mark?.timeline, 1);
  const segment = await writeAndArchive(primary);
  const shown = await primary.run("pg_waldump", "--rmgr=LogicalMessage", join(primary.archive, segment));
  assert.match(shown, new RegExp(`tx: +${mark!.xid},.*prefix "pgrehearse"`));
  const drill = ["drill", "--physical", base, "--wal-archive", primary.archive, "--verify", "quick"];
  const reached = await pgrehearse([...drill, "--to-xid", mark!.xid]);
  assert.deepEqual([reached.status, reached.verdict.recovery?.stopped_at], [0, "target"], reached.stderr);
});

Deno.test("a drill measures the recovery point against the newest mark that came back", async () => {
  await using primary = await startPhysicalPrimary();
  const idle = await primary.backUp("idle");
  const held = async (base: string, rpoLimitMs: number, walArchive?: string) => {
    const drill = await drilled(base, { rpoLimitMs, walArchive });
    assert.equal(drill.recovery!.rpo_limit_ms, rpoLimitMs);
    const { ok, not_run = false } = drill.assertions.find(({ name }) => name === "policy: rpo")!;
    return [drill.verdict, codesOf(drill), ok, not_run];
  };

  // No mark is there yet: only an upper limit of the loss is known. It is enough where it is within the limit.
  await writeAndArchive(primary);
  assert.deepEqual(await held(idle, 3_600_000, primary.archive), ["pass", [], true, false]);
  assert.deepEqual(await held(idle, 0, primary.archive), ["unknown", ["POLICY_UNKNOWN"], false, true]);
  const misplaced = await pgrehearse(["drill", "--latest", "--from", idle, "--rpo-limit", "1d"]);
  assert.match(misplaced.stderr, /--rpo-limit is for --physical/);
  const light = ["mark", "--light", "--db-url", primary.url()];
  const plant = async () => (await pgrehearse(light)).verdict.mark!;
  const earlier = await plant();
  const newer = await plant();
  const sql = await primary.connect();
  // Messages of other programs, and one under our prefix whose transaction does not come back.
  await sql`SELECT pg_logical_emit_message(false, 'outbox', repeat('prefix "pgrehearse"; payload', 100))`;
  await sql.begin(async (transaction) => {
    await transaction`SELECT pg_current_xact_id(), pg_logical_emit_message(false, 'pgrehearse', 'undone')`;
    throw new Error("undone");
  }).catch(() => {});
  await sql`CREATE TABLE public.later AS SELECT 1 AS id`;
  await sql.end();
  await primary.archiveAll();

  const { verdict, recovery } = await drilled(idle, { walArchive: primary.archive });
  assert.equal(verdict, "pass");
  assert.equal(recovery!.newest_mark?.xid, newer.xid);
  const { at } = recovery!.newest_mark!;
  assert.ok(at >= newer.at && at <= recovery!.last_commit_at!, `${at}, planted ${newer.at}`);
  assert.ok(recovery!.rpo_ms! >= recovery!.lost_at_most_ms!, "the archive's files are newer than the last commit");

  // Held against a limit: the last commit that came back is within it, or not.
  assert.deepEqual(await held(idle, 3_600_000, primary.archive), ["pass", [], true, false]);
  assert.deepEqual(await held(idle, 0, primary.archive), ["fail", ["RPO_EXCEEDED"], false, false]);

  // Between them: only the first has come back. A target that was named says nothing of what would be lost.
  const between = await drilled(idle, { walArchive: primary.archive, target: { kind: "xid", value: earlier.xid } });
  assert.deepEqual([between.recovery!.newest_mark?.xid, between.recovery!.rpo_ms], [earlier.xid, undefined]);

  // None was planted: how much would be lost is unknown, and only a limit of it is said.
  const without = await drilled(idle);
  assert.deepEqual([without.verdict, without.recovery!.newest_mark, without.recovery!.rpo_ms], [
    "pass",
    undefined,
    undefined,
  ]);
});
