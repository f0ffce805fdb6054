import assert from "node:assert/strict";
import { join } from "node:path";
import { requireWritable } from "../../lib/system/files.ts";
import { appendRegular } from "../../lib/system/regular_file.ts";
import { readPasswordFile } from "../../lib/postgres/connection/passfile.ts";
import { findService } from "../../lib/postgres/connection/service_file.ts";
import { needing } from "../support/needing.ts";
import { nobody } from "../support/ordinary_user.ts";

Deno.test("files: nothing is appended through a link or to a pipe, and no settings are read from one", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const at = (name: string) => join(directory, name);
    await appendRegular(at("summary"), "a");
    await appendRegular(at("summary"), "b");
    assert.equal(await Deno.readTextFile(at("summary")), "ab");
    await Deno.symlink(at("summary"), at("link"));
    await Deno.symlink(at("nothing"), at("dangling"));
    await new Deno.Command("mkfifo", { args: ["-m", "600", at("pipe")] }).output();
    for (const name of ["link", "dangling", "pipe"]) {
      await assert.rejects(appendRegular(at(name), "c"), /not a regular file/, name);
    }
    assert.equal(await Deno.readTextFile(at("summary")), "ab");
    await assert.rejects(findService("a", { PGSERVICEFILE: at("pipe") }), { code: "SERVICE_FILE_INVALID" });
    assert.match((await readPasswordFile(at("pipe"))).warning!, /ignored/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test({
  ...needing({ root: Deno.uid() === 0 }, "files: root may write to a directory that is another account's alone"),
  async fn() {
    const directory = await Deno.makeTempDir();
    await Deno.chmod(directory, 0o700);
    await Deno.chown(directory, nobody, nobody);
    await requireWritable(directory).finally(() => Deno.remove(directory));
  },
});
