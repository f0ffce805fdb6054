import assert from "node:assert/strict";
import { join } from "node:path";
import { findProgram } from "../../support/find_program.ts";
import { needing } from "../../support/needing.ts";
import { pathWithout } from "../../support/ordinary_user.ts";
import { type Outcome, pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const codes = ({ status, verdict }: Outcome) => [status, verdict.findings.map(({ code }) => code)];

/** How 64 MB of a dump become a few KB. */
const packed: Record<string, { program: string; script: string }> = {
  "gzip": { program: "gzip", script: "gzip <shop.sql >bomb" },
  "gzip in gzip": { program: "gzip", script: "gzip <shop.sql | gzip >bomb" },
  "zstd": { program: "zstd", script: "zstd -q <shop.sql >bomb" },
  "bzip2": { program: "bzip2", script: "bzip2 <shop.sql >bomb" },
  "xz": { program: "xz", script: "xz -1 <shop.sql >bomb" },
  "lz4": { program: "lz4", script: "lz4 -q <shop.sql >bomb" },
  "tar in gzip": { program: "tar", script: "tar -czf bomb shop.sql" },
  "zip": { program: "zip", script: "zip -q bomb.zip shop.sql && mv bomb.zip bomb" },
};

Deno.test({
  // Mounting needs root.
  ...needing({ root: Deno.uid() === 0 }, "unpacking: a bomb takes the room that there is, says so, and leaves nothing"),
  async fn(t) {
    await using directory = await traceableDirectory();
    const disk = join(directory.path, "disk");
    await Deno.mkdir(disk);
    const size = "size=20m,mode=1777";
    const mounted = await new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", size, "none", disk] }).output();
    if (!mounted.success) return; // not allowed in this container
    try {
      const head =
        "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a text);\nCOPY public.t (a) FROM stdin;\n";
      await Deno.writeTextFile(join(directory.path, "shop.sql"), head + `${"0".repeat(1023)}\n`.repeat(65_536));
      for (const [what, { program, script }] of Object.entries(packed)) {
        if (!await findProgram(program)) continue;
        await t.step(what, async () => {
          const { success } = await new Deno.Command("sh", { args: ["-c", script], cwd: directory.path }).output();
          assert.ok(success);
          const drill = await pgrehearse(["drill", join(directory.path, "bomb")], { env: { TMPDIR: disk } });
          assert.deepEqual(codes(drill), [2, ["DISK_FULL"]], drill.stderr);
          assert.deepEqual(await Array.fromAsync(Deno.readDir(disk), ({ name }) => name), []);
        });
      }
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  },
});

Deno.test({
  ...needing({ root: Deno.uid() === 0 }, "unpacking: nothing of a dump is read that is refused for want of isolation"),
  async fn(t) {
    await using server = await startTestServer();
    await using directory = await traceableDirectory();
    const env = { PATH: await pathWithout(directory.path, "bwrap", "unshare") };
    await t.step("one in gzip that cannot be unpacked", async () => {
      const path = join(directory.path, "cut.sql.gz");
      await Deno.writeFile(path, new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]));
      const refused = await pgrehearse(["drill", path], { env });
      assert.deepEqual(codes(refused), [2, ["ISOLATION_MISSING"]], refused.stderr);
      const trusted = await pgrehearse(["drill", path, "--trust-dump"], { env });
      assert.deepEqual(codes(trusted), [1, ["ISOLATION_INCOMPLETE", "DUMP_TRUNCATED"]], trusted.stderr);
    });
    await t.step("our backup, unsigned and altered", async () => {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      await sql.unsafe("CREATE TABLE t AS SELECT 1 AS a");
      await sql.end();
      const to = join(directory.path, "store");
      const { verdict } = await pgrehearse(["backup", "--db-url", server.url(database), "--to", to]);
      await Deno.truncate(verdict.backup!.path, 100);
      const refused = await pgrehearse(["drill", verdict.backup!.path], { env });
      assert.deepEqual(codes(refused), [2, ["ISOLATION_MISSING"]], refused.stderr);
    });
  },
});
