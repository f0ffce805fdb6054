import assert from "node:assert/strict";
import { type FindingsPage, findingsPage } from "../scripts/documents/findings.ts";
import { pages } from "../scripts/documents/pages.ts";
import { readSourceTree } from "../scripts/documents/source_tree.ts";
import { parseConfig } from "../lib/config/read_config.ts";
import { root } from "./support/source_files.ts";

let page: FindingsPage;
Deno.test.beforeAll(async () => {
  page = await findingsPage(root);
});

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

/** Words in capitals that are no codes: variables, what errors of the network and of the TLS library are called. */
const otherWords = [
  /^(AWS|PG|SSL|GITHUB|OTEL|DATABASE_URL$|NO_COLOR$|SMOKE_ROWS$|PGREHEARSE_)/,
  /^(EAI_AGAIN|ERR_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CONNECTION_(CLOSED|DESTROYED|ENDED)$|CONNECT_TIMEOUT$)/,
  /^(TLS_NOT_OFFERED|TLS_GARBLED|AUTHENTICATION_UNSUPPORTED)$/, // errors of our own driver's, told in other words
  /^(STANDARD_IA|WHEN_REQUIRED|ECRET_ACCESS_KEY|SQL_ASCII|LC_COLLATE|LC_CTYPE|LOCALE_PROVIDER)$/,
];

Deno.test("docs: no text in the sources that looks like a code is missing from findings.md", async () => {
  const tree = await readSourceTree(root, "lib");
  const words = new Set(tree.all("StringLiteral").map(({ value }) => value));
  const missing = [...words].filter((word) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(word))
    .filter((word) => !page.codes.has(word) && !otherWords.some((other) => other.test(word)));
  assert.deepEqual(missing, []);
});

Deno.test("docs: no code that a test expects is missing from findings.md", async () => {
  const tree = await readSourceTree(root, "tests");
  const words = new Set(tree.all("StringLiteral").map(({ value }) => value));
  const codes = [...words].filter((word) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(word))
    .filter((word) => ![...otherWords, ...inTestsOnly].some((other) => other.test(word)));
  assert.ok(codes.length > 150, `only ${codes.length} codes were found in tests`);
  assert.deepEqual(codes.filter((code) => !page.codes.has(code)), []);
});

/** Variables, keys and texts that tests make up. */
const inTestsOnly = [
  /^(DENO_DIR|XDG_CACHE_HOME|NODE_EXTRA_CA_CERTS|SHARD_INDEX|SHOP_URL|IDENTITY_URL|BUCKET_URL|DEEP_ARCHIVE)$/,
  /^(SOME_CODE|SOME_NOTE|EARLY_WARNING|CHECK_FAILED|APP_NOT_STARTED|TOOL_NOT_FOUND|REFRESHED_VIEW_DIFFERS)$/,
  /^(READY_AFTER_MS|EXIT_EARLY)$/,
];
