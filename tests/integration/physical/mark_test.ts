import assert from "node:assert/strict";
import { join } from "node:path";
import { writeAndArchive } from "../../support/backup_tools.ts";
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
