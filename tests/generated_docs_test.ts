import assert from "node:assert/strict";
import { pages } from "../scripts/documents/pages.ts";
import { parseConfig } from "../lib/config/read_config.ts";
import { root } from "./support/source_files.ts";

Deno.test("docs: configuration.md and findings.md are what scripts/docs writes", async () => {
  for (const { path, text } of await pages(root)) {
    assert.equal(await Deno.readTextFile(`${root}/${path}`), text, `${path} is out of date: run scripts/docs`);
  }
});

Deno.test("docs: the configuration at the top of configuration.md is one that can be read", async () => {
  const text = await Deno.readTextFile(`${root}/docs/pgrehearse.jsonc`);
  const { document, problems } = parseConfig(text, { CHAT_WEBHOOK: "https://chat.example/hook" });
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.keys(document!.databases), ["shop", "accounts"]);
});
