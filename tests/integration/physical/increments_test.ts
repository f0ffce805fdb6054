import assert from "node:assert/strict";
import { join } from "node:path";
import { findServerTools } from "../../../lib/postgres/tools.ts";
import { needing } from "../../support/needing.ts";
import { codesOf, copyOf, flipByte, runPhysicalDrill } from "../../support/physical_drills.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

const { major } = await findServerTools();

Deno.test(needing({ "PostgreSQL 17": major >= 17 }, "physical drill: a full backup and its increments"), async (t) => {
  await using primary = await startPhysicalPrimary({ settings: ["summarize_wal=on"] });
  const { archive, directory } = primary;
  const sql = await primary.connect();
  const place = await primary.makeDirectory("tablespaces/fast");
  await sql.unsafe(`CREATE TABLESPACE fast LOCATION '${place}'`);
  await sql`CREATE TABLE public.orders (id integer PRIMARY KEY, note text) TABLESPACE fast`;
  await sql`CREATE TABLE public.still AS SELECT n, repeat('y', 400) FROM generate_series(1, 100) AS n`;
  const [{ still }] = await sql<{ still: string }[]>`SELECT pg_relation_filepath('public.still') AS still`;
  const pgbench = (...args: string[]) =>
    primary.run("pgbench", "-h", join(directory, "socket"), "-U", "postgres", ...args, "postgres");
  await pgbench("-i", "-q");
  const write = (from: number) =>
    sql`INSERT INTO public.orders SELECT n, repeat('x', 400) FROM generate_series(${from}::integer, ${
      from + 3_000
    }) AS n`;
  const writing = pgbench("-n", "-c", "2", "-T", "6");
  await write(0);
  const mapping = (name: string) => `--tablespace-mapping=${place}=${join(directory, "backups", `${name}.fast`)}`;
  const chain = join(directory, "backups");
  await primary.backUp("full", "--wal-method=none", mapping("full"));
  await write(10_000);
  const of = (name: string) => `--incremental=${join(chain, name, "backup_manifest")}`;
  await primary.backUp("monday", "--wal-method=none", of("full"), mapping("monday"));
  await write(20_000);
  await sql`DELETE FROM public.orders WHERE id < 1000`;
  await primary.backUp("tuesday", "--wal-method=none", of("monday"), mapping("tuesday"));
  await writing;
  await write(30_000);
  await primary.archiveAll();
  const [{ rows }] = await sql<{ rows: string }[]>`SELECT count(*) AS rows FROM public.orders`;
  assert.equal(Number(rows), 4 * 3_001 - 1_000);
  await sql.end();

  const drill = (physical: string, options = {}) => runPhysicalDrill(physical, { walArchive: archive, ...options });
  await t.step("the newest increment is combined with those before it, and recovered", async () => {
    const verdict = await drill(chain, { verify: "full" });
    assert.deepEqual([verdict.verdict, codesOf(verdict)], ["pass", []], JSON.stringify(verdict.findings, null, 1));
    assert.equal(verdict.backup?.name, "tuesday");
    assert.deepEqual(verdict.covers?.slice(-3), ["tables", "indexes with every row", "pages"]);
  });
  await t.step("an increment in the middle, and the full backup", async () => {
    for (const set of ["monday", "full"]) {
      const verdict = await drill(chain, { set, verify: "standard" });
      assert.deepEqual([verdict.verdict, codesOf(verdict)], ["pass", []], JSON.stringify(verdict.findings, null, 1));
    }
  });
  /** Drills a copy of all three that was broken first. */
  const broken = async (codes: string[], change: (chain: string) => Promise<unknown>) => {
    const copy = await copyOf(chain);
    try {
      await change(copy);
      const verdict = await drill(copy, { set: "tuesday", verify: "standard" });
      assert.deepEqual(codesOf(verdict), codes, JSON.stringify(verdict.findings, null, 1));
    } finally {
      await Deno.remove(copy, { recursive: true });
    }
  };
  await t.step("a parent is missing: the first, or the one in the middle", async () => {
    for (const missing of ["full", "monday"]) {
      await broken(
        ["PHYSICAL_BACKUP_INCOMPLETE"],
        (copy) => Deno.remove(join(copy, missing), { recursive: true }),
      );
    }
  });
  await t.step("a parent's label, file or tablespace is missing, and a page of it is changed", async () => {
    await broken(["PHYSICAL_BACKUP_INCOMPLETE"], (copy) => Deno.remove(join(copy, "full/backup_label")));
    await broken(["PHYSICAL_RESTORE_FAILED"], (copy) => Deno.remove(join(copy, "full", still)));
    await broken(["PHYSICAL_BACKUP_INCOMPLETE"], async (copy) => {
      const links = join(copy, "monday/pg_tblspc");
      const [name] = await Array.fromAsync(Deno.readDir(links), ({ name }) => name);
      await Deno.remove(join(links, name));
      await Deno.symlink("/nowhere", join(links, name));
    });
    await broken(["PHYSICAL_BACKUP_DAMAGED"], (copy) => flipByte(join(copy, "full", still), 5_000));
  });
});
