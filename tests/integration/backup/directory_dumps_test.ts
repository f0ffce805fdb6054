import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { runDrill } from "../../support/jobs.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { codes, said } from "../../support/verdicts.ts";

Deno.test("a dump in directory format is read from its own files only", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const into = server.url();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql`CREATE TABLE t AS SELECT 'a'::text AS v`;
  await sql`SELECT lo_from_bytea(0, 'large')`;
  await sql.end();
  const { pgDump } = await findClientTools(1);
  const sound = join(directory.path, "sound");
  const args = ["-Fd", "--compress=0", "-f", sound, server.url(name)];
  assert.ok((await new Deno.Command(pgDump, { args }).output()).success);
  const secret = join(directory.path, "secret");
  await Deno.writeTextFile(secret, "told\n\\.\n");
  const rows = (await Array.fromAsync(Deno.readDir(sound))).map(({ name }) => name).find((file) => /^\d/.test(file))!;

  async function changed(change: (path: string) => Promise<unknown>): Promise<Verdict> {
    const path = join(directory.path, "changed");
    await new Deno.Command("cp", { args: ["-R", sound, path] }).output();
    await change(path);
    const verdict = await runDrill(path, { into, timeoutMs: 30_000 });
    await Deno.remove(path, { recursive: true });
    return verdict;
  }

  await t.step("as pg_dump wrote it, it restores", async () => {
    const verdict = await changed(() => Promise.resolve());
    assert.equal(verdict.proof, "restored", said(verdict));
    assert.equal(verdict.contents![0].database, name);
  });

  await t.step(
    "names that lead out of it are refused: in its table of contents, and in its list of large objects",
    async () => {
      const renamed = await changed(async (path) => {
        // A name as long, so that the rest stays in its place.
        const toc = Buffer.from(await Deno.readFile(join(path, "toc.dat")));
        const at = toc.indexOf(rows);
        assert.ok(at > 0);
        toc.write("../x".padEnd(rows.length, "x"), at);
        await Deno.writeFile(join(path, "toc.dat"), toc);
      });
      assert.deepEqual([renamed.verdict, codes(renamed)], ["unknown", ["DUMP_READS_ELSEWHERE"]], said(renamed));
      const listed = await changed((path) => Deno.writeTextFile(join(path, "blobs.toc"), `16400 ../secret\n`));
      assert.deepEqual(codes(listed), ["DUMP_READS_ELSEWHERE"], said(listed));
      const packed = await changed(async (path) => {
        await Deno.remove(join(path, "blobs.toc"));
        await Deno.writeTextFile(join(path, "blobs.toc.gz"), "");
      });
      assert.deepEqual(codes(packed), ["DUMP_READS_ELSEWHERE"], said(packed));
    },
  );

  await t.step("a link, a FIFO or a directory in place of a file is refused", async () => {
    const replacements: ((path: string) => Promise<unknown>)[] = [
      (path) => Deno.symlink(secret, path),
      (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
      (path) => Deno.mkdir(path),
    ];
    for (const file of [rows, "toc.dat"]) {
      for (const replace of replacements) {
        const verdict = await changed(async (path) => {
          await Deno.remove(join(path, file));
          await replace(join(path, file));
        });
        assert.deepEqual([verdict.verdict, codes(verdict)], ["unknown", ["DUMP_READS_ELSEWHERE"]], said(verdict));
      }
    }
  });

  await t.step("what is packed cannot lead out of it either", async () => {
    const shell = "ln -s ../secret link.sql && tar -cf link.tar link.sql && tar -cf dir.tar sound && " +
      "rm link.sql && ln -s ../secret sound/9999.dat && tar -cf linked.tar sound";
    const made = await new Deno.Command("sh", { args: ["-c", shell], cwd: directory.path }).output();
    assert.ok(made.success, new TextDecoder().decode(made.stderr));
    const sound = await runDrill(join(directory.path, "dir.tar"), { into });
    assert.equal(sound.proof, "restored", said(sound));
    const link = await runDrill(join(directory.path, "link.tar"), { into });
    assert.deepEqual(codes(link), ["NOT_A_FILE"], said(link));
    const linked = await runDrill(join(directory.path, "linked.tar"), { into });
    assert.deepEqual(codes(linked), ["NOT_A_FILE"], said(linked));
  });
});
