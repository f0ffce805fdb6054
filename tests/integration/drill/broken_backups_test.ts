import assert from "node:assert/strict";
import { chooseFlips, makeDumpsToFlip, tryFlip } from "../../support/bit_flips.ts";
import { makeBrokenBackups } from "../../support/broken_backups.ts";
import { makeBackup, manifestOf, runDrill } from "../../support/jobs.ts";
import { copyProgram, runAsNobody } from "../../support/ordinary_user.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { needing } from "../../support/needing.ts";

Deno.test("broken backups: none passes, and the finding says which it is", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  for (const { name, path, code, names, noChecksum, isForeign } of await makeBrokenBackups(server, directory.path)) {
    await t.step(name, async () => {
      const { verdict, findings } = await runDrill(path, {
        checksum: !noChecksum,
        into: isForeign ? undefined : server.url(),
      });
      assert.notEqual(verdict, "pass");
      const finding = findings.find((finding) => finding.code === code);
      assert.ok(finding, `no ${code} in ${JSON.stringify(findings, null, 2)}`);
      if (names) assert.match(finding.message, names);
      assert.ok(!JSON.stringify(findings).includes("INTERNAL_ERROR"), JSON.stringify(findings, null, 2));
    });
  }
});

// scripts/torture turns 400 of them.
const flips = { custom: 10, directory: 8, uncompressed: 8 } as const;

Deno.test("broken backups: a bit turned anywhere is caught, by the checksum and without it", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const dumps = await makeDumpsToFlip(server, directory.path);
  for (const format of Object.keys(flips) as (keyof typeof flips)[]) {
    await t.step(format, async () => {
      for (const flip of await chooseFlips(dumps[format], flips[format], 7)) {
        const { isCaughtByChecksum, unchecked } = await tryFlip(server, dumps[format], flip);
        const where = `bit ${flip.bit} of byte ${flip.byte} of ${format} ${flip.file}`;
        assert.ok(isCaughtByChecksum, where);
        assert.ok(!["missed", "timeout"].includes(unchecked.kind), `${unchecked.kind}: ${where}`);
      }
    });
  }
});

Deno.test({
  // Only root can run the program as another account.
  ...needing({ root: Deno.uid() === 0 }, "broken backups: without read permission the finding says so"),
  async fn() {
    await using server = await startTestServer();
    await using program = await traceableDirectory();
    await using directory = await traceableDirectory();
    await using temporary = await traceableDirectory();
    await copyProgram(program.path);
    const dump = await makeBackup(server.url(await server.makeDatabase()), directory.path);
    const drill = () => runAsNobody(program.path, ["drill", dump], temporary.path);

    const both = await drill(); // both are 0600, and root's
    assert.equal(both.status, 2, both.stderr);
    assert.equal(both.verdict.findings[0].code, "MANIFEST_UNREADABLE");
    await Deno.chmod(manifestOf(dump), 0o644);
    const one = await drill();
    assert.equal(one.status, 2, one.stderr);
    const unreadable = one.verdict.findings.find(({ code }) => /^(DUMP|STORE)_UNREADABLE$/.test(code));
    assert.ok(unreadable, one.stdout);
    assert.match(unreadable.fix, /permission/);
    await Deno.chmod(directory.path, 0o700);
    const none = await drill();
    assert.equal(none.status, 2, none.stderr);
    assert.equal(none.verdict.findings[0].code, "BACKUP_MISSING");
    assert.match(none.verdict.findings[0].message, /[Pp]ermission/);
    assert.deepEqual(await temporary.traces(), []);
  },
});
