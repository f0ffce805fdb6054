import assert from "node:assert/strict";
import { join } from "node:path";
import { copyProgram, nobody, runAsNobody } from "../../support/ordinary_user.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { needing } from "../../support/needing.ts";

/** A directory with a configuration, and programs of PostgreSQL's names, that leave a mark each when they run. */
async function plant(directory: string): Promise<{ marks: () => Promise<string[]>; bin: string }> {
  const [bin, mark] = [join(directory, "bin"), join(directory, "marks")];
  await Deno.mkdir(mark);
  await Deno.chmod(mark, 0o777);
  await Deno.mkdir(bin);
  for (const name of ["pg_dump", "pg_restore", "initdb", "postgres", "psql"]) {
    await Deno.writeTextFile(join(bin, name), `#!/bin/sh\ntouch ${mark}/program\n`, { mode: 0o755 });
  }
  const command = ["/bin/sh", "-c", `touch ${mark}/command`];
  await Deno.writeTextFile(
    join(directory, "pgrehearse.jsonc"),
    JSON.stringify({
      databases: { shop: {} },
      store: join(directory, "store"),
      pg_bin: bin,
      steps: [{ name: "x", command: { command } }],
    }),
    { mode: 0o644 },
  );
  return { bin, marks: () => Array.fromAsync(Deno.readDir(mark), ({ name }) => name) };
}

const commands = ["drill", "backup", "doctor", "status", "history"];

Deno.test({
  ...needing(
    { root: Deno.uid() === 0 },
    "configuration: root takes none that lies in the working directory, whoever it belongs to",
  ),
  async fn() {
    for (const [owner, mode] of [[nobody, 0o1777], [0, 0o755]]) {
      await using directory = await traceableDirectory();
      const { marks } = await plant(directory.path);
      await Deno.chown(directory.path, owner, owner);
      await Deno.chown(join(directory.path, "pgrehearse.jsonc"), owner, owner);
      await Deno.chmod(directory.path, mode);
      for (const command of commands) {
        const { status, verdict } = await pgrehearse([command], { cwd: directory.path });
        assert.deepEqual([status, verdict.command, verdict.findings[0].code], [2, command, "CONFIG_NOT_TRUSTED"]);
        assert.match(verdict.findings[0].message, owner === 0 ? /root uses only/ : /belongs to another account/);
      }
      assert.deepEqual(await marks(), []);
    }
  },
});

Deno.test({
  ...needing({ root: Deno.uid() === 0 }, "configuration: an account takes its own, and none that another can write"),
  async fn() {
    await using program = await traceableDirectory();
    await using directory = await traceableDirectory();
    await copyProgram(program.path);
    await plant(directory.path);
    const cwd = directory.path;
    const config = join(cwd, "pgrehearse.jsonc");
    await Deno.chmod(cwd, 0o755);
    const firstCode = async () => {
      const { verdict } = await runAsNobody(program.path, ["status"], cwd, { cwd });
      return verdict.findings[0]?.code;
    };
    for (const path of [cwd, config]) await Deno.chown(path, nobody, nobody);
    assert.notEqual(await firstCode(), "CONFIG_NOT_TRUSTED");
    await Deno.chmod(config, 0o664);
    assert.equal(await firstCode(), "CONFIG_NOT_TRUSTED");
    await Deno.chmod(config, 0o644);
    await Deno.chown(config, 1, 1);
    assert.equal(await firstCode(), "CONFIG_NOT_TRUSTED");
  },
});

Deno.test({
  ...needing({ root: Deno.uid() === 0 }, "programs: those that another account can exchange are not run"),
  async fn() {
    await using directory = await traceableDirectory();
    const { bin, marks } = await plant(directory.path);
    for await (const { name } of Deno.readDir(bin)) await Deno.chown(join(bin, name), nobody, nobody);
    const named = await pgrehearse(["smoke", "--pg-bin", bin]);
    assert.deepEqual([named.status, named.verdict.findings[0].code], [2, "PROGRAM_NOT_TRUSTED"]);
    assert.match(named.verdict.findings[0].message, /initdb was not run: .* belongs to another account/);
    // Found on the PATH, they are passed over for those of the distribution.
    const found = await pgrehearse(["smoke"], { env: { PATH: `${bin}:${Deno.env.get("PATH")}` } });
    assert.equal(found.verdict.verdict, "pass", found.stderr);
    assert.deepEqual(await marks(), []);
  },
});
