import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import { makeBackup, manifestOf, runBackup } from "../../support/jobs.ts";
import { outcomeOf, startPgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { writeProgram } from "../../support/write_program.ts";
import { needing } from "../../support/needing.ts";

/** A directory of PostgreSQL's programs whose pg_dump may write 32 KiB into a file: a disk that is full for it alone. */
async function limitedTools(directory: string): Promise<string> {
  const { pgDump } = await findClientTools(0);
  await Deno.chmod(directory, 0o755); // no program is run that everybody may write
  for await (const { name } of Deno.readDir(dirname(pgDump))) {
    if (name !== "pg_dump") await Deno.symlink(join(dirname(pgDump), name), join(directory, name));
  }
  await writeProgram(join(directory, "pg_dump"), `#!/bin/bash\nulimit -f 32\ntrap '' XFSZ\nexec ${pgDump} "$@"\n`);
  return directory;
}

for (const format of ["custom", "directory"] as const) {
  Deno.test(`disk full: no room for a dump in ${format} format is exit 2, and nothing stays`, async () => {
    await using server = await startTestServer();
    await using directory = await traceableDirectory();
    await using tools = await traceableDirectory();
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql`CREATE TABLE t AS SELECT md5(i::text) FROM generate_series(1, 20000) AS i`;
    await sql.end({ timeout: 5 });
    const pgBin = await limitedTools(tools.path);
    const { verdict, findings } = await runBackup(server.url(database), directory.path, { format, pgBin });
    assert.equal(verdict, "unknown");
    assert.equal(findings[0].code, "DISK_FULL", JSON.stringify(findings));
    assert.deepEqual(await directory.traces(), []);
  });
}

Deno.test({
  // Mounting needs root.
  ...needing(
    { root: Deno.uid() === 0 },
    "disk full: too small a disk is found before anything is written, and a full one while it is",
  ),
  async fn() {
    await using server = await startTestServer();
    await using directory = await traceableDirectory();
    const disk = join(directory.path, "disk");
    await Deno.mkdir(disk);
    const mounted = await new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=10m", "none", disk] }).output();
    if (!mounted.success) return; // not allowed in this container
    try {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      const backup = async () =>
        outcomeOf(await startPgrehearse(["backup", "--db-url", server.url(database), "--to", disk]).output());
      // Hashes do not compress: the dump takes more than the quarter that the preflight wants to see free.
      await sql`CREATE TABLE t AS SELECT sha512(i::text::bytea) AS v FROM generate_series(1, 200000) AS i`;
      await sql.end({ timeout: 5 });
      await Deno.writeFile(join(disk, "ballast"), new Uint8Array(5_000_000));
      const before = await backup();
      assert.equal(before.status, 2);
      assert.equal(before.verdict.findings[0].code, "DISK_FULL");
      assert.match(before.verdict.findings[0].message, /has \d(\.\d)? MB free; the dump may need about \d(\.\d)? MB/);
      await Deno.truncate(join(disk, "ballast"));
      const middle = await backup();
      assert.equal(middle.status, 2);
      assert.equal(middle.verdict.findings[0].code, "DISK_FULL");
      assert.match(middle.verdict.findings[0].message, /disk is full/);
      assert.deepEqual(await Array.fromAsync(Deno.readDir(disk), ({ name }) => name), ["ballast"]);
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  },
});

Deno.test({
  name: "disk full: a drill on a full disk says nothing of the backup, whenever it notices",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using server = await startTestServer();
    await using directory = await traceableDirectory();
    const disk = join(directory.path, "disk");
    await Deno.mkdir(disk);
    const mounted = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=100m,mode=1777", "none", disk],
    }).output();
    if (!mounted.success) return; // not allowed in this container
    try {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql`CREATE TABLE t AS SELECT repeat('x', 2000) AS v FROM generate_series(1, 60000)`;
      await sql`ALTER TABLE t ALTER v SET STORAGE PLAIN`;
      await sql.end({ timeout: 5 });
      const path = await makeBackup(server.url(database), join(directory.path, "store"));
      const drill = async () =>
        outcomeOf(
          await startPgrehearse(["drill", path, "--from", join(directory.path, "store")], { env: { TMPDIR: disk } })
            .output(),
        );
      const before = await drill();
      assert.equal(before.status, 2, before.stderr);
      assert.deepEqual(before.verdict.findings.map(({ code }) => code), ["DISK_FULL"]);
      assert.match(
        before.verdict.findings[0].message,
        /has \d+(\.\d)? MB free; the database needs about \d+(\.\d)? MB/,
      );
      const manifest = JSON.parse(await Deno.readTextFile(manifestOf(path)));
      await Deno.writeTextFile(
        manifestOf(path),
        JSON.stringify({ ...manifest, database: { ...manifest.database, size_bytes: 0 } }),
      );
      const middle = await drill();
      assert.equal(middle.status, 2, middle.stderr);
      assert.deepEqual(middle.verdict.findings.map(({ code }) => code), ["DISK_FULL"]);
      assert.deepEqual(await Array.fromAsync(Deno.readDir(disk), ({ name }) => name), []);
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  },
});
