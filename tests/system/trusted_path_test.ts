import assert from "node:assert/strict";
import { join } from "node:path";
import { reasonForDistrust } from "../../lib/system/trusted_path.ts";
import { needing } from "../support/needing.ts";

const nobody = 65534;

/** A file of ours in two directories of ours, below the temporary directory that everybody may write. */
async function fileInDirectories(): Promise<{ top: string; directory: string; file: string }> {
  const top = await Deno.realPath(await Deno.makeTempDir({ prefix: "pgr-trust-" }));
  const directory = join(top, "a");
  await Deno.mkdir(directory, { mode: 0o755 });
  const file = join(directory, "file");
  await Deno.writeTextFile(file, "", { mode: 0o644 });
  return { top, directory, file };
}

Deno.test("trusted path: no other account can exchange our file in our directories", async () => {
  const { top, directory, file } = await fileInDirectories();
  assert.equal(await reasonForDistrust(file), undefined);
  await Deno.symlink(directory, join(top, "link"));
  assert.equal(await reasonForDistrust(join(top, "link", "file")), undefined);
  assert.equal(await reasonForDistrust(join(top, "absent", "file")), undefined);
  await Deno.remove(top, { recursive: true });
});

Deno.test("trusted path: whoever can write the file or a directory on its way is named", async () => {
  const { top, directory, file } = await fileInDirectories();
  const reasonWith = async (path: string, mode: number, wanted = file) => {
    const before = (await Deno.stat(path)).mode! & 0o7777;
    await Deno.chmod(path, mode);
    const reason = await reasonForDistrust(wanted);
    await Deno.chmod(path, before);
    return reason;
  };
  assert.equal(await reasonWith(file, 0o646), `everybody may write ${file}`);
  assert.equal(await reasonWith(directory, 0o757), `everybody may write ${directory}`);
  assert.equal(await reasonWith(top, 0o707), `everybody may write ${top}`);
  assert.equal(await reasonWith(directory, 0o1757), `everybody may write ${directory}`);
  assert.equal(await reasonWith(top, 0o1707), undefined); // as in /tmp: what is there cannot be exchanged
  await Deno.symlink(directory, join(top, "link"));
  assert.equal(await reasonWith(directory, 0o757, join(top, "link", "file")), `everybody may write ${directory}`);
  await Deno.remove(top, { recursive: true });
});

Deno.test({
  ...needing(
    { root: Deno.uid() === 0 },
    "trusted path: what belongs to another account is not trusted, nor a group's, nor its links",
  ),
  async fn() {
    const { top, directory, file } = await fileInDirectories();
    const reason = (path: string) => `${path} belongs to another account (uid ${nobody})`;
    await Deno.chown(file, nobody, nobody);
    assert.equal(await reasonForDistrust(file), reason(file));
    await Deno.chown(file, 0, 0);
    await Deno.chown(directory, nobody, null);
    assert.equal(await reasonForDistrust(file), reason(directory));
    await Deno.chown(directory, 0, nobody);
    await Deno.chmod(directory, 0o775);
    assert.equal(await reasonForDistrust(file), `the group ${nobody} may write ${directory}`);
    await Deno.chmod(directory, 0o755);
    const link = join(top, "link");
    await Deno.symlink(file, link);
    await new Deno.Command("chown", { args: ["-h", String(nobody), link] }).output();
    assert.equal(await reasonForDistrust(link), reason(link));
    await Deno.remove(top, { recursive: true });
  },
});

Deno.test("trusted path: a circle of links ends", async () => {
  const top = await Deno.makeTempDir({ prefix: "pgr-trust-" });
  await Deno.symlink(join(top, "b"), join(top, "a"));
  await Deno.symlink(join(top, "a"), join(top, "b"));
  assert.match((await reasonForDistrust(join(top, "a")))!, /too many symbolic links/);
  await Deno.remove(top, { recursive: true });
});
