import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { type Block, blocksOf, commandsOf } from "./support/documents.ts";
import { root } from "./support/source_files.ts";

Deno.test("CONTRIBUTING.md: whoever follows the recipe of a check gets one that works", async () => {
  const copy = await Deno.makeTempDir({ prefix: "pgr-checkout-" });
  try {
    const parts = ["deno.json", "deno.lock", "main.ts", "lib", "migrations", "scripts", "docs", "tests"];
    await run("cp", ["-R", ...parts.map((part) => join(root, part)), copy], root);
    const blocks = await blocksOf("CONTRIBUTING.md");
    const code = blocks.filter(({ language }) => language === "ts");
    assert.deepEqual(code.map(placeOf), [
      { path: "lib/checks/extension.ts", where: undefined },
      { path: "lib/checks/findings.ts", where: "at the end" },
      { path: "lib/checks/kinds.ts", where: "among the imports" },
      { path: "lib/checks/kinds.ts", where: "in the list" },
      { path: "tests/checks/extension_test.ts", where: undefined },
    ]);
    for (const block of code) await write(copy, block);
    const commands = (await Promise.all(blocks.filter(({ language }) => language === "sh").map(commandsOf))).flat();
    assert.equal(commands.length, 5);
    for (const { line, text } of commands) {
      const { success, said } = await run("bash", ["-c", text], copy);
      assert.ok(success, `CONTRIBUTING.md:${line}: ${text}\n${said}`);
      if (text.startsWith("deno test")) assert.match(said, /1 passed \(3 steps\)/);
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

/** What a block's first line says: a file, and perhaps where in it. */
function placeOf({ text }: Block): { path: string; where: string | undefined } {
  const [, path, where] = /^\/\/ (\S+?)(?:, (.*))?\n/.exec(text) ?? [];
  return { path, where };
}

async function write(copy: string, block: Block): Promise<void> {
  const { path, where } = placeOf(block);
  const code = block.text.slice(block.text.indexOf("\n") + 1);
  const file = join(copy, path);
  if (where === undefined) return await Deno.writeTextFile(file, code, { createNew: true });
  const text = await Deno.readTextFile(file);
  if (where === "at the end") return await Deno.writeTextFile(file, text + code);
  const before = where === "in the list" ? "] as unknown as" : 'import type { CheckKind } from "./check.ts";';
  assert.ok(text.includes(before), `${path} has no ${before}`);
  await Deno.writeTextFile(file, text.replace(before, code + before));
}

async function run(program: string, args: string[], cwd: string): Promise<{ success: boolean; said: string }> {
  const env = { PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`, NO_COLOR: "1" };
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, env }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  return { success, said };
}
