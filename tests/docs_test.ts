import assert from "node:assert/strict";
import { parseConfig } from "../lib/config/read_config.ts";
import { verdictSchema } from "../lib/verdict/verdict_schema.ts";
import { startDocumentedHost } from "./support/documented_host.ts";
import { type Block, blocksOf, commandsOf, documents } from "./support/documents.ts";
import { startPgrehearse } from "./support/pgrehearse.ts";
import { root } from "./support/source_files.ts";

const names = await documents();
const blocks = (await Promise.all(names.map(blocksOf))).flat();
const runnable = blocks.filter(({ language }) => language === "sh");

/** What readers see in front of commands that no test runs from the text. */
const notRunHere = /^# not run by the tests: (.+)$/m;

for (const document of names) {
  const own = runnable.filter((block) => block.document === document);
  if (own.length === 0 || document === "CONTRIBUTING.md") continue; // contributing_test.ts runs that, in a checkout
  Deno.test(`docs: every command of ${document} ends as it says`, async () => {
    const commands = (await Promise.all(own.map(commandsOf))).flat();
    await using host = await startDocumentedHost({ physical: document === "docs/physical.md" });
    const ran = await host.run(commands);
    assert.equal(ran.length, commands.length);
    for (const { command: { line, text, statuses }, status, said } of ran) {
      assert.ok(statuses.includes(status), `${document}:${line}: ${text}\nended with ${status}\n${said}`);
    }
  });
}

Deno.test("docs: commands are run, or say in front that no test runs them, and why", () => {
  const languages = ["sh", "text", "json", "jsonc", "ts", "sql"];
  const other = blocks.filter(({ language }) => !languages.includes(language));
  assert.deepEqual(other.map(({ document, line }) => `${document}:${line}`), []);
  const looksRunnable =
    /^\s*(sudo |\$ )?(\.?\/?scripts\/\w+|pgrehearse|psql|pg_\w+|systemctl|kubectl|cosign|curl|deno) /m;
  const silent = blocks.filter(({ language, text }) =>
    language !== "sh" && looksRunnable.test(text) && !notRunHere.test(text)
  );
  assert.deepEqual(silent.map(({ document, line }) => `${document}:${line}`), []);
  assert.deepEqual(counted(runnable), runCounts);
  assert.deepEqual(counted(blocks.filter(({ text }) => notRunHere.test(text))), notRunCounts);
});

/** How many blocks are run from the text, and how many say that they are not. Who adds one knows which kind it is. */
const runCounts = {
  "README.md": 2,
  "CONTRIBUTING.md": 1,
  "docs/backup.md": 11,
  "docs/drills.md": 6,
  "docs/evidence.md": 1,
  "docs/physical.md": 3,
  "docs/restore.md": 10,
};
const notRunCounts = {
  "README.md": 1,
  "CONTRIBUTING.md": 1,
  "docs/backup.md": 1,
  "docs/evidence.md": 2,
  "docs/physical.md": 3,
  "docs/reliability.md": 1,
  "docs/restore.md": 2,
};

function counted(some: Block[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(some, ({ document }) => document)].map(([name, each]) => [name, each.length]),
  );
}

Deno.test("docs: every configuration that they show can be read", () => {
  const shown = blocks.filter(({ language }) => language === "jsonc");
  assert.ok(shown.length >= 3);
  for (const { document, line, text } of shown) {
    const { problems } = parseConfig(text, { CHAT_WEBHOOK: "https://chat.example/hook" });
    assert.deepEqual(problems, [], `${document}:${line}`);
  }
});

Deno.test("docs: every command and option that is named in a sentence exists, and README names every command", async () => {
  const helpOf = async (...command: string[]) => (await startPgrehearse([...command, "--help"]).output()).stdout;
  const commands = [...(await helpOf()).matchAll(/^ {2}([a-z][a-z-]+) {2,}/gm)].map(([, command]) => command);
  const helps = new Map(await Promise.all(commands.map(async (name) => [name, await helpOf(name)] as const)));
  let seen = 0;
  for (const document of names) {
    const text = await Deno.readTextFile(`${root}/${document}`);
    for (const [, code] of text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)) {
      const isProgram = code.startsWith("pgrehearse ");
      const [command, ...words] = code.replace(/^pgrehearse /, "").split(/\s+/);
      const help = helps.get(command);
      if (isProgram) assert.ok(help !== undefined || /^(-|COMMAND)/.test(command), `${document}: there is no ${code}`);
      if (!help) continue;
      for (const word of words.filter((word) => word.startsWith("--"))) {
        const option = word.replace(/[^a-z-].*/, "");
        assert.match(help, new RegExp(`^ +(-\\w, )?${option}\\b`, "m"), `${document}: ${code}`);
        seen++;
      }
    }
  }
  assert.ok(seen > 5, "hardly an option was found");
  const listed = [...(await Deno.readTextFile(`${root}/README.md`)).matchAll(/^\| (`[^|]*)\|/gm)]
    .flatMap(([, cell]) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
  assert.deepEqual(commands.filter((name) => !listed.includes(name)), []);
});

Deno.test("docs: every verdict that they show is one", () => {
  const shown = blocks.filter(({ language, text }) => language === "json" && text.includes("pgrehearse.verdict/v1"));
  assert.equal(shown.length, 1);
  for (const { text } of shown) verdictSchema.parse(JSON.parse(text));
});

Deno.test("docs: every link to a file of ours, and to a heading in it, leads there", async () => {
  for (const document of names) {
    const text = await Deno.readTextFile(`${root}/${document}`);
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)]*)\)/g)) {
      const [path, heading] = target.split("#");
      const file = path === "" ? document : new URL(path, `file:///${document}`).pathname.slice(1);
      const found = await Deno.readTextFile(`${root}/${file}`).catch(() => undefined);
      assert.ok(found !== undefined, `${document}: ${target}`);
      const headings = [...found.matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title));
      assert.ok(heading === undefined || headings.includes(heading), `${document}: ${target}`);
    }
  }
});

Deno.test("docs: every file of ours that is named in a sentence is there", async () => {
  const missing: string[] = [];
  for (const document of [...names, "CHANGELOG.md"]) {
    const text = await Deno.readTextFile(`${root}/${document}`);
    for (const [, path] of text.matchAll(/(?<!`)`((?:lib|tests|scripts|docs|migrations)\/[\w./-]*)[^`\n]*`/g)) {
      const isThere = [path, `${path}_test.ts`].map((each) =>
        Deno.stat(`${root}/${each}`).then(() => true, () => false)
      );
      if (!(await Promise.all(isThere)).includes(true)) missing.push(`${document}: ${path}`);
    }
  }
  assert.deepEqual(missing, []);
});

function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}
