import assert from "node:assert/strict";
import { catalogue } from "../lib/commands/explanations.ts";
import { sourcesBelow } from "./support/source_files.ts";

const sources = await sourcesBelow("lib");
const codes = new Set(catalogue.flatMap(({ codes }) => codes));
const isOfDefinitions = (path: string) => /\/findings(\/\w+)?\.ts$/.test(path);
const isMechanism = (path: string) => /^lib\/system\/(define_finding|operator_error)\.ts$/.test(path);

Deno.test("findings: the catalogue knows every file that defines some", () => {
  const defining = sources.filter(({ path, text }) => !isMechanism(path) && /\bdefine(Finding\w*|Note)\b/.test(text));
  const listed = sources.find(({ path }) => path === "lib/commands/rooms_of_findings.ts")!.text;
  for (const { path } of defining) {
    assert.ok(isOfDefinitions(path), `${path} defines findings: they belong into the room's findings.ts`);
    assert.ok(listed.includes(`"${path.replace("lib/commands/", "./").replace("lib/", "../")}"`), path);
  }
  assert.ok(defining.length > 2 && codes.size > 10);
});

Deno.test("findings: a code is defined once, in capitals", () => {
  const all = catalogue.flatMap(({ codes }) => codes);
  // What was not restored, and what a restore lacked, may be of one kind: a family may share a code.
  const single = catalogue.filter(({ codes }) => codes.length === 1).flatMap(({ codes }) => codes);
  assert.deepEqual(single.filter((code, index) => single.indexOf(code) !== index), []);
  assert.deepEqual(all.filter((code) => !/^[A-Z][A-Z0-9_]*$/.test(code)), []);
});

Deno.test("findings: every example is a sentence with what to do", () => {
  for (const { codes, examples } of catalogue) {
    const all = examples();
    assert.ok(all.length > 0, `${codes[0]} has no example`);
    for (const { said, means } of all) {
      const { message } = said;
      const fix = "fix" in said ? said.fix : undefined;
      assert.ok(codes.includes(said.code), `${said.code} is not among ${codes}`);
      for (const text of [message, fix ?? ""]) {
        assert.doesNotMatch(text, /undefined|\[object|NaN|\s\s|\.\.(?!\.)| \.(?= |$)|^\s|\s$/, said.code);
      }
      // A name may come first: a path, a check's, a program's.
      assert.match(message, /^([A-Z"'/]|\S*[^a-z\s]\S* |[^.]{1,60}?: |pgrehearse |psql )/, said.code);
      assert.match(message, /[.?]$/, said.code);
      if (fix !== undefined) assert.match(fix, /^([A-Z]|pg)/, said.code);
      assert.equal(fix === undefined, means === "note", said.code);
    }
  }
});

Deno.test("findings: nothing else makes one, or writes a code out", () => {
  for (const { path, text } of sources) {
    if (isOfDefinitions(path) || isMechanism(path)) continue;
    const program = text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
    assert.doesNotMatch(program, /new OperatorError\(/, `${path} makes an error of its own`);
    assert.doesNotMatch(program, /\bcode: ["'`][A-Z]/, `${path} makes a finding of its own`);
    // What a mutation must bring up is expected there by name, as tests do.
    if (path.startsWith("lib/selftest/")) continue;
    const written = [...program.matchAll(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g)].map(([word]) => word);
    assert.deepEqual(written.filter((word) => codes.has(word)), [], `${path} writes a code out: use is(), or .code`);
  }
});
