import assert from "node:assert/strict";
import { join } from "node:path";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { codesOf, copyOf, flipByte, runPhysicalDrill, segmentsOf } from "../../support/physical_drills.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

Deno.test("physical drill: what is broken is found, and named", async (t) => {
  await using primary = await startPhysicalPrimary();
  const { archive } = primary;
  const sql = await primary.connect();
  await sql`CREATE TABLE public.orders (id integer PRIMARY KEY, note text)`;
  const insert = (from: number) =>
    sql`INSERT INTO public.orders SELECT n, repeat('x', 400) FROM generate_series(${from}::integer, ${
      from + 4_000
    }) AS n`;
  await insert(0);
  const [{ before }] = await sql<{ before: string }[]>`SELECT pg_current_wal_lsn()::text AS before`;
  const [{ beforeTime }] = await sql<
    { beforeTime: string }[]
  >`SELECT (now() - interval '1 hour')::text AS "beforeTime"`;
  // Without the WAL in it: all of it comes from the archive.
  const base = await primary.backUp("base", "--wal-method=none");
  const withWal = await primary.backUp("with_wal");
  await insert(10_000);
  await primary.archiveAll();
  const [{ reached }] = await sql<{ reached: string }[]>`SELECT pg_current_wal_lsn()::text AS reached`;
  await insert(20_000);
  const [{ oid }] = await sql<{ oid: string }[]>`SELECT pg_relation_filepath('public.orders') AS oid`;
  await primary.archiveAll();
  await insert(30_000);
  await primary.archiveAll();
  const [{ end }] = await sql<{ end: string }[]>`SELECT pg_current_wal_lsn()::text AS end`;
  await sql.end();
  const segments = await segmentsOf(archive);
  const label = await Deno.readTextFile(join(base, "backup_label"));
  const first = /file ([0-9A-F]{24})/.exec(label)![1];
  const middle = segments.at(-4)!;

  /** Drills a copy that was broken first, and says which codes must be found. */
  const situation = (
    name: string,
    codes: string[],
    drill: (copy: { base: string; archive: string }) => Promise<Verdict>,
    check?: (verdict: Verdict) => void,
  ) =>
    t.step(name, async () => {
      const copy = { base: await copyOf(base), archive: await copyOf(archive) };
      try {
        const verdict = await drill(copy);
        assert.deepEqual(codesOf(verdict), codes, JSON.stringify(verdict.findings, null, 1));
        assert.equal(verdict.verdict, codes.length === 0 ? "pass" : "fail");
        check?.(verdict);
      } finally {
        await Promise.all(Object.values(copy).map((path) => Deno.remove(path, { recursive: true })));
      }
    });
  const message = ({ findings }: Verdict) => findings.find(({ severity }) => severity !== "warning")!.message;

  await situation("nothing broken passes", [], ({ base, archive }) => runPhysicalDrill(base, { walArchive: archive }));
  await situation("a file that is missing", ["PHYSICAL_BACKUP_DAMAGED"], async ({ base, archive }) => {
    await Deno.remove(join(base, oid));
    return await runPhysicalDrill(base, { walArchive: archive });
  }, (verdict) => assert.match(message(verdict), new RegExp(oid)));
  await situation("a file cut short", ["PHYSICAL_BACKUP_DAMAGED"], async ({ base, archive }) => {
    await Deno.truncate(join(base, oid), 8_192);
    return await runPhysicalDrill(base, { walArchive: archive });
  });
  await situation("a byte changed, by the manifest", ["PHYSICAL_BACKUP_DAMAGED"], async ({ base, archive }) => {
    await flipByte(join(base, oid), 5_000);
    return await runPhysicalDrill(base, { walArchive: archive, verify: "standard" });
  });
  await situation(
    "a byte changed, without a manifest, by checksums",
    ["RELATION_CORRUPT", "PHYSICAL_BACKUP_DAMAGED"],
    async ({ base, archive }) => {
      await Deno.remove(join(base, "backup_manifest"));
      await flipByte(join(base, oid), 5_000);
      return await runPhysicalDrill(base, { walArchive: archive, verify: "standard" });
    },
  );
  await situation("no backup_label", ["PHYSICAL_BACKUP_INCOMPLETE"], async ({ base, archive }) => {
    await Deno.remove(join(base, "backup_label"));
    return await runPhysicalDrill(base, { walArchive: archive });
  });
  await situation("a damaged pg_control", ["CONTROL_FILE_UNREADABLE"], async ({ base, archive }) => {
    await Deno.remove(join(base, "backup_manifest"));
    await flipByte(join(base, "global/pg_control"), 60);
    return await runPhysicalDrill(base, { walArchive: archive });
  });
  await situation("the first segment is missing", ["WAL_MISSING"], async ({ base, archive }) => {
    await Deno.remove(join(archive, first));
    return await runPhysicalDrill(base, { walArchive: archive });
  }, (verdict) => assert.match(message(verdict), new RegExp(first)));
  await situation("a segment in the middle is missing", ["WAL_MISSING"], async ({ base, archive }) => {
    await Deno.remove(join(archive, middle));
    return await runPhysicalDrill(base, { walArchive: archive });
  }, (verdict) => {
    assert.match(message(verdict), new RegExp(`${middle}.*--to-lsn`));
    assert.deepEqual(verdict.phases.map(({ name }) => name), ["find"]); // nothing was restored
  });
  await situation("a segment is missing, of an archive that is not listed", ["WAL_MISSING"], async (copy) => {
    await Deno.remove(join(copy.archive, middle));
    return await runPhysicalDrill(copy.base, { restoreCommand: `cp ${copy.archive}/%f "%p"` });
  });
  await situation("a segment cut short", ["WAL_UNUSABLE"], async ({ base, archive }) => {
    await Deno.truncate(join(archive, middle), 100_000);
    return await runPhysicalDrill(base, { walArchive: archive });
  });
  await situation("a segment exchanged for another", ["WAL_UNUSABLE"], async ({ base, archive }) => {
    await Deno.copyFile(join(archive, segments.at(-6)!), join(archive, middle));
    return await runPhysicalDrill(base, { walArchive: archive });
  }, (verdict) => assert.match(message(verdict), new RegExp(middle)));
  await situation("a byte changed in a segment", ["WAL_UNUSABLE"], async ({ base, archive }) => {
    await flipByte(join(archive, middle), 9_000);
    return await runPhysicalDrill(base, { walArchive: archive });
  });
  await situation("a segment of another system", ["WAL_UNUSABLE"], async ({ base, archive }) => {
    // The system's identifier is in the header of the first page.
    await flipByte(join(archive, middle), 24);
    return await runPhysicalDrill(base, { walArchive: archive });
  }, (verdict) => assert.match(verdict.findings[0].detail!, /different database system/));
  await situation(
    "a target before the backup",
    ["TARGET_TOO_EARLY"],
    ({ base, archive }) => runPhysicalDrill(base, { walArchive: archive, target: { kind: "lsn", value: before } }),
  );
  await situation(
    "a time before the backup",
    ["TARGET_TOO_EARLY"],
    ({ base, archive }) => runPhysicalDrill(base, { walArchive: archive, target: { kind: "time", value: beforeTime } }),
  );
  await situation(
    "a restore point that is not there",
    ["TARGET_NOT_REACHED"],
    ({ base, archive }) => runPhysicalDrill(base, { walArchive: archive, target: { kind: "name", value: "nowhere" } }),
  );
  await situation(
    "a time that no commit comes after",
    ["TARGET_NOT_REACHED"],
    ({ base, archive }) =>
      runPhysicalDrill(base, { walArchive: archive, target: { kind: "time", value: "2099-01-02 03:04:05+00" } }),
  );
  await situation("a target behind a missing segment", ["WAL_MISSING"], async ({ base, archive }) => {
    await Deno.remove(join(archive, middle));
    return await runPhysicalDrill(base, { walArchive: archive, target: { kind: "name", value: "nowhere" } });
  });
  await situation("a place behind a missing segment is refused at once", ["WAL_MISSING"], async ({ base, archive }) => {
    await Deno.remove(join(archive, middle));
    return await runPhysicalDrill(base, { walArchive: archive, target: { kind: "lsn", value: end } });
  }, ({ phases }) => assert.deepEqual(phases.map(({ name }) => name), ["find"]));
  await situation("a target before a missing segment is reached", [], async ({ base, archive }) => {
    await Deno.remove(join(archive, middle));
    return await runPhysicalDrill(base, { walArchive: archive, target: { kind: "lsn", value: reached } });
  });
  await situation("an increment without its parent", ["PHYSICAL_BACKUP_INCOMPLETE"], async ({ base, archive }) => {
    await Deno.writeTextFile(join(base, "backup_label"), `${label}INCREMENTAL FROM LSN: 0/100028\n`);
    return await runPhysicalDrill(base, { walArchive: archive });
  });

  await t.step("a backup with its own WAL needs no archive, and knows no newer point", async () => {
    const verdict = await runPhysicalDrill(withWal);
    assert.deepEqual(
      [verdict.verdict, verdict.recovery?.stopped_at],
      ["pass", "end"],
      JSON.stringify(verdict.findings),
    );
  });
  await t.step("what cannot be looked at is not a failure of the backup", async () => {
    const unknown = async (code: string, physical: string, options = {}) => {
      const verdict = await runPhysicalDrill(physical, options);
      assert.deepEqual([verdict.verdict, codesOf(verdict)], ["unknown", [code]], JSON.stringify(verdict.findings));
    };
    await unknown("PHYSICAL_SOURCE_UNUSABLE", archive);
    await unknown("PHYSICAL_SOURCE_UNUSABLE", join(base, "nowhere"));
    await unknown("PHYSICAL_SOURCE_UNUSABLE", base, { set: "another" });
    await unknown("RESTORE_COMMAND_FAILED", base, { restoreCommand: "no_such_program %f %p" });
    await unknown("WAL_ARCHIVE_UNREADABLE", base, {
      walArchive: join(base, "nowhere"),
      restoreCommand: `cp ${archive}/%f %p`,
    });
    const copy = await copyOf(base);
    await Deno.writeTextFile(join(copy, "PG_VERSION"), "99\n");
    await unknown("PHYSICAL_MAJOR_MISSING", copy, { walArchive: archive });
    await Deno.remove(copy, { recursive: true });
  });
});
