import assert from "node:assert/strict";
import { join } from "node:path";
import { copyProgram, nobody, runAsNobody } from "../../support/ordinary_user.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

Deno.test({
  name: "physical drill: an ordinary user recovers what it may read, a tar and a tablespace that the WAL makes",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using primary = await startPhysicalPrimary();
    const place = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-user-" });
    try {
      await Deno.chmod(place, 0o755);
      const [program, temporary] = ["program", "temporary"].map((name) => join(place, name));
      await Deno.mkdir(temporary);
      await Deno.chown(temporary, nobody, nobody);
      await copyProgram(program);
      const sql = await primary.connect();
      const tar = await primary.backUp("tar", "--format=tar", "--gzip");
      const late = await primary.makeDirectory("tablespaces/late");
      await sql.unsafe(`CREATE TABLESPACE late LOCATION '${late}'`);
      await sql`CREATE TABLE public.orders TABLESPACE late AS SELECT n AS id FROM generate_series(1, 1000) AS n`;
      await sql.end();
      await primary.archiveAll();
      // Everybody may read what is backed up here, as the server's account is not this one on every host.
      await new Deno.Command("chmod", { args: ["-R", "a+rX", primary.directory] }).output();
      const args = ["drill", "--physical", tar, "--wal-archive", primary.archive];
      const { verdict } = await runAsNobody(program, args, temporary);
      if (verdict.findings.some(({ code }) => code === "PHYSICAL_NEEDS_ISOLATION")) return; // no namespaces for users here
      assert.equal(verdict.verdict, "pass", JSON.stringify(verdict.findings, null, 1));
      assert.deepEqual(await Array.fromAsync(Deno.readDir(temporary)), []);
    } finally {
      await Deno.remove(place, { recursive: true });
    }
  },
});
