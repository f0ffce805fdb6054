import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { startBusyDatabase } from "../../support/busy_database.ts";
import { type Outcome, pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const backups = 10;

/** A parallel pg_dump gives up where a session waits to change a table; of a part, the manifest is captured after the dump. */
const variants: Record<number, string[]> = {
  4: ["--format=directory", "--jobs=1"],
  9: ["--exclude-table-data=emptied"],
};

const said = ({ verdict, stderr }: Outcome) => JSON.stringify(verdict, null, 2) + stderr;

Deno.test("live backup: every backup of a database under load drills exactly", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const stores = Array.from({ length: backups }, (_, place) => join(directory.path, `store${place}`));
  const heads = new Set<string>();

  await t.step(`${backups} backups while everything is written to`, async () => {
    await using busy = await startBusyDatabase(server);
    let before = { ...busy.commits };
    for (const [place, to] of stores.entries()) {
      const args = ["backup", "--quiet", "--db-url", server.url(busy.name), "--to", to];
      const outcome = await pgrehearse([...args, ...variants[place] ?? []]);
      assert.equal(outcome.status, 0, said(outcome));
      const manifest: Manifest = JSON.parse(await Deno.readTextFile(outcome.verdict.backup!.manifest!));
      heads.add(manifest.chain!.chain_head_hash!);
      const { audit, sequences } = busy.commits;
      assert.ok(audit > before.audit && sequences > before.sequences, "nobody wrote while the backup was made");
      before = { ...busy.commits };
    }
    for (const [kind, commits] of Object.entries(busy.commits)) assert.ok(commits >= 2, `${kind}: ${commits}`);
  });
  assert.equal(heads.size, backups, "each backup saw another state");

  await t.step(`${backups} drills, all exact`, async () => {
    for (const from of stores) {
      const outcome = await pgrehearse([
        "drill",
        "--quiet",
        "--latest",
        "--from",
        from,
        "--trust-dump",
        "--into",
        server.url(),
      ]);
      assert.equal(outcome.status, 0, said(outcome));
      assert.equal(outcome.verdict.proof, "exact");
      assert.equal(outcome.verdict.post?.verifier_walked, outcome.verdict.post?.row_count);
    }
  });

  await t.step("one value in one row changed, and it is none any more", async () => {
    const drill = ["drill", "--latest", "--from", stores[0], "--trust-dump", "--into", server.url(), "--keep-running"];
    const kept = await pgrehearse(drill);
    assert.equal(kept.status, 0, said(kept));
    const database = /pgrehearse_kept_[0-9a-f]+/.exec(kept.stderr)![0];
    const compare = () =>
      pgrehearse(["compare", "--db-url", server.url(database), "--manifest", kept.verdict.backup!.manifest!]);
    const same = await compare();
    assert.equal(same.status, 0, said(same));
    const sql = await server.connect(database);
    await sql`UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = 77777`;
    const changed = await compare();
    assert.equal(changed.status, 1);
    const findings = changed.verdict.findings.map(({ code, object }) => ({ code, object }));
    assert.deepEqual(findings, [{ code: "ROWS_DIFFER", object: "public.pgbench_accounts_3" }]);
    await sql.end();
  });
});
