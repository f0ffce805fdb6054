import assert from "node:assert/strict";
import { join } from "node:path";
import { readManifest } from "../../lib/manifest/read_manifest.ts";
import { readIdentities } from "../../lib/storage/encryption.ts";
import { sumFile } from "../../lib/system/checksums.ts";
import { openRegular, readRegular, readRegularText } from "../../lib/system/regular_file.ts";
import { readSigningKey, readVerificationKey } from "../../lib/evidence/signing_key.ts";
import { traceableDirectory } from "../support/traces.ts";

Deno.test("what is read is a regular file: a FIFO or a device hangs nothing", async (t) => {
  await using directory = await traceableDirectory();
  const at = (name: string) => join(directory.path, name);
  await Deno.writeTextFile(at("file"), "Zürich");
  await Deno.symlink(at("file"), at("link"));
  await Deno.symlink("/dev/zero", at("zero"));
  assert.ok((await new Deno.Command("mkfifo", { args: ["-m", "600", at("fifo")] }).output()).success);

  await t.step("a file is read, and a link to one where links are followed", async () => {
    assert.equal(await readRegularText(at("file")), "Zürich");
    assert.equal(await readRegularText(at("link")), "Zürich");
    await assert.rejects(readRegularText(at("link"), { followLinks: false }), {
      code: "NOT_A_FILE",
      message: /a link/,
    });
    await assert.rejects(openRegular(at("nothing")), Deno.errors.NotFound);
  });

  await t.step("anything else is refused, whoever wants to read it", async () => {
    for (const path of [at("fifo"), at("zero"), "/dev/null", directory.path]) {
      await assert.rejects(openRegular(path), { code: "NOT_A_FILE" }, path);
      await assert.rejects(Array.fromAsync(readRegular(path)), { code: "NOT_A_FILE" });
      await assert.rejects(sumFile(path), { code: "NOT_A_FILE" });
      await assert.rejects(readManifest(path), { code: "NOT_A_FILE" });
      await assert.rejects(readSigningKey(path), { code: "NOT_A_FILE" });
      await assert.rejects(readIdentities(path), { code: "NOT_A_FILE" });
      await assert.rejects(readVerificationKey(path), { code: "BAD_VERIFICATION_KEY" });
    }
  });
});
