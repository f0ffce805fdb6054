import assert from "node:assert/strict";
import { catalogue } from "../lib/commands/explanations.ts";
import { documents } from "./support/documents.ts";
import { startPgrehearse } from "./support/pgrehearse.ts";
import { filesBelow, root } from "./support/source_files.ts";

/** Habits that a pattern finds without false alarm, and what to write instead; docs/wording.md has the rest. */
const habits: [RegExp, string][] = [
  [
    /(?<![Tt]here )\b(is|are|was|were) no (?!(long|larg|bigg|small|fast|slow|new|old|lat|earli|wid)er\b)(?!more |less |fewer |better |worse )\p{Ll}/gu,
    "not a …, or has no …",
  ],
  [/\bst(ands?|ood)\b(?! (for|in for|still)\b)(?!-)/gi, "is, or what it does"],
  [/(?<![`"'\w])(no|some)body\b(?![`"'])/gi, "who it is, or the passive"],
  [
    /\b(at most|newest|after|before|within|of|reached|by|this|and|show) so (many|few|soon)\b/gi,
    "this many, or the number",
  ],
  [/\bof (its|their|our|your|his|her|one's) own\b/gi, "its own …, or a separate …"],
  [/\b(others|otherwise) than\b|\banother( \w+)? than\b/gi, "differs from"],
  [/\bthe very (?!same\b)\w/gi, "the, or exactly"],
  [/\bto be had\b/gi, "available, or who provides it"],
  [/\bthat which\b|\bmade a mistake\b/gi, "what, or who did what"],
  [/\b\d{5,} bytes\b/g, "kB, MB, GB"],
  [/\b0\.0 (ms|s|min|h|d|kB|MB|GB)\b/g, "a smaller unit"],
  [/ — /g, "a comma, a colon or a full stop"],
];

/** The page that shows what not to write. */
const ofBadExamples = "docs/wording.md";

Deno.test("wording: the patterns find what they are for, and leave plain sentences alone", () => {
  const bad = [
    "This is no backup.",
    "What to do stands below.",
    "Nobody can read it.",
    "at most so many records",
    "a store of its own",
    "The rows are others than in the manifest.",
    "It is another dump than that.",
    "at the very instant of the dump",
    "It was not to be had.",
    "pgrehearse made a mistake",
    "There are 4194304 bytes free.",
    "It is 0.0 h old.",
    "A clever thing — or is it?",
  ];
  assert.deepEqual(bad.filter((sentence) => habitsIn(sentence).length !== 1), []);
  const plain = "There is no table. It is no longer there. The default it stands for. A standby. chown `nobody`. " +
    "It has so many rows that it is slow. its own store, 4.2 MB, 10.0 s";
  assert.deepEqual(habitsIn(plain), []);
});

Deno.test("wording: findings are in plain English", () => {
  const examples = catalogue.flatMap((definition) => definition.examples());
  assert.ok(examples.length > 300);
  none(examples.map(({ said }) => [`findings: ${said.code}`, `${said.message} ${"fix" in said ? said.fix : ""}`]));
});

Deno.test("wording: the manual page, which has every help text, is in plain English", async () => {
  const { stdout } = await startPgrehearse(["man"]).output();
  const help = stdout.replaceAll("\\-", "-").replaceAll(/\\f./g, "");
  assert.ok(help.includes("--incident-at"));
  none([["help", help]]);
});

Deno.test("wording: documents are in plain English", async () => {
  const names = (await documents()).filter((name) => name !== ofBadExamples);
  const texts = await Promise.all(names.map(async (name) => [name, await readText(name)] as const));
  const [, unreleased] = /^## Unreleased$([^]*?)(?=^## |(?![^]))/m.exec(await readText("CHANGELOG.md")) ?? [];
  assert.ok(unreleased !== undefined && names.length > 8);
  none([...texts, ["CHANGELOG.md", unreleased]]);
});

Deno.test("wording: sources and scripts are in plain English, comments and texts alike", async () => {
  const sources = await filesBelow("lib", /\.(ts|sql|sh)$/);
  const scripts = await filesBelow("scripts", /(\.(ts|sql|sh)|\/\w+)$/);
  assert.ok(sources.length > 500 && scripts.length > 40);
  none([...sources, ...scripts].map(({ path, text }) => [path, text]));
});

Deno.test("wording: tests have plain names and comments", async () => {
  const tests = await filesBelow("tests", /\.ts$/);
  const gather = (pattern: RegExp) =>
    tests.flatMap(({ path, text }) => [...text.matchAll(pattern)].map((found) => [path, found.at(-1)!] as const));
  const names = gather(/(?:Deno\.test|\.step|\btest)\(\s*(?:t, )?(["`])((?:\\.|(?!\1).)*)\1/g);
  const comments = gather(/(\/\*\*[^]*?\*\/|(?<=^|\s)\/\/ .*$)/gm);
  assert.ok(names.length > 1000 && comments.length > 500);
  none([...names, ...comments]);
});

function readText(path: string): Promise<string> {
  return Deno.readTextFile(`${root}/${path}`);
}

function none(texts: (readonly [name: string, text: string])[]) {
  const found = texts.flatMap(([name, text]) => habitsIn(text).map((habit) => `${name}: ${habit}`));
  assert.deepEqual(found, [], found.join("\n"));
}

function habitsIn(text: string): string[] {
  // A sentence goes on over lines of comments, and over texts that are put together.
  const flowing = text.replaceAll(/["`'] \+\s*["`']/g, "").replaceAll(/\s*\n\s*((\*(?!\/)|\/\/|#|--)\s)?\s*/g, " ");
  return habits.flatMap(([pattern, instead]) =>
    [...flowing.matchAll(pattern)].map(({ index, 0: { length } }) =>
      `"…${flowing.slice(Math.max(0, index - 40), index + length + 25)}…": say ${instead}`
    )
  );
}
