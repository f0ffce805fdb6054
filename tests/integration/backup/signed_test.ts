import assert from "node:assert/strict";
import { sha256Of, writeSignature } from "../../../lib/evidence/signature.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import type { SigningKey } from "../../../lib/evidence/signing_key.ts";
import { writeKey } from "../../support/evidence.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { hour, storeBackup } from "../../support/stored_backups.ts";

const directory = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(directory, { recursive: true }));
const mine = await writeKey(directory, "mine");
const theirs = await writeKey(directory, "theirs");

/** A backup whose dump is none: what got past its signature ends with that. */
async function storeSigned(keys: SigningKey[], change?: (manifest: string) => string) {
  const store = await openStore(await Deno.makeTempDir({ dir: directory }));
  const name = await storeBackup(store, { ageMs: hour });
  await store.write(`${name}.dump`, ReadableStream.from([new Uint8Array(1)]));
  const manifest = `${name}.manifest.json`;
  for (const key of keys) await writeSignature(store, manifest, { sha256: (await sha256Of(store, manifest))!, key });
  const path = store.localPath!(manifest);
  if (change) await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
  return { store, name };
}

async function drill(args: string[]): Promise<[number, string]> {
  const { status, verdict } = await pgrehearse(["drill", "--no-record", ...args]);
  return [status, verdict.findings[0].code];
}

const cases: { of: string; make: Parameters<typeof storeSigned>; expected: [number, string] }[] = [
  { of: "signed by a trusted key", make: [[mine.key]], expected: [1, "NOT_A_DUMP"] },
  { of: "not signed", make: [[]], expected: [2, "SIGNATURE_MISSING"] },
  { of: "signed by another key", make: [[theirs.key]], expected: [2, "SIGNATURE_NOT_TRUSTED"] },
  {
    of: "changed since",
    make: [[mine.key], (text) => text.replace('"rows": []', '"rows": [ ]')],
    expected: [1, "SIGNATURE_WRONG"],
  },
];

for (const { of, make, expected } of cases) {
  Deno.test(`signature: a manifest that is ${of} ends with ${expected[1]}`, async () => {
    const { store, name } = await storeSigned(...make);
    const trusted = ["--trusted-key", mine.publicPath];
    assert.deepEqual(await drill(["--latest", "--from", store.address, ...trusted]), expected);
    assert.deepEqual(await drill([store.localPath!(`${name}.dump`), ...trusted]), expected);
    assert.deepEqual((await drill(["--latest", "--from", store.address]))[1], "NOT_A_DUMP");
  });
}

Deno.test("signature: a dump that another tool made has none", async () => {
  const dump = await Deno.makeTempFile({ dir: directory, suffix: ".sql" });
  await Deno.writeTextFile(dump, "SELECT 1;\n");
  assert.deepEqual(await drill([dump, "--trusted-key", mine.publicPath]), [2, "SIGNATURE_MISSING"]);
  const piped = await pgrehearse(["drill", "/dev/stdin", "--trusted-key", mine.publicPath], { stdin: "SELECT 1;\n" });
  assert.deepEqual([piped.status, piped.verdict.findings[0].code], [2, "SIGNATURE_MISSING"], piped.stderr);
});

Deno.test("policy: what it demands and can be known beforehand fails before anything is done", async () => {
  const { store } = await storeSigned([theirs.key]);
  const config = `${directory}/pgrehearse.jsonc`;
  const run = async (command: string, fields: object) => {
    const url = "postgresql://127.0.0.1:1/shop";
    const databases = { shop: { url, target_url: url } };
    await Deno.writeTextFile(config, JSON.stringify({ databases, store: store.address, wait: "1ms", ...fields }));
    const { status, verdict } = await pgrehearse([command, "--config", config]);
    const done = verdict.phases.map(({ name }) => name).filter((name) => name !== "find" && name !== "cleanup");
    return [status, verdict.findings[0].code, ...done];
  };
  const trusted_keys = [mine.publicPath];
  for (const command of ["drill", "restore"]) {
    assert.deepEqual(await run(command, { policy: { require_encryption: true } }), [1, "NOT_ENCRYPTED"]);
    const signed = { policy: { require_signature: true }, trusted_keys };
    assert.deepEqual(await run(command, signed), [2, "SIGNATURE_NOT_TRUSTED"]);
  }
  assert.deepEqual(await run("backup", { policy: { require_encryption: true } }), [1, "NOT_ENCRYPTED"]);
  assert.deepEqual(await run("backup", { policy: { require_signature: true }, trusted_keys }), [1, "NOT_SIGNED"]);
});
