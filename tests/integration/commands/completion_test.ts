import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { needing } from "../../support/needing.ts";

async function printed(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await startPgrehearse(args).output();
  assert.deepEqual([status, stderr], [0, ""], stderr);
  return stdout;
}

async function run(command: string, args: string[]): Promise<{ success: boolean; said: string }> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
  return { success, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** Whether a program is installed here, that not every host has. */
async function isThere(command: string): Promise<boolean> {
  return (await run("sh", ["-c", `command -v ${command}`])).success;
}

async function inFile<T>(text: string, work: (path: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir();
  try {
    const path = join(directory, "text");
    await Deno.writeTextFile(path, text);
    return await work(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const commands = [...(await printed("--help")).matchAll(/^ {2}([a-z][a-z-]+) {2,}\S/gm)].map(([, name]) => name);

Deno.test("help: commands in groups, examples and exit status; every command's fits 80 columns and ends with both", async () => {
  const help = await printed("--help");
  assert.ok(commands.includes("drill") && commands.includes("completion") && commands.length > 15, commands.join());
  assert.ok([...help.matchAll(/^[A-Z].*:$/gm)].length > 5, help);
  assert.match(help, /\nExit status: 0 pass;.*\n\nExamples:\n {2}pgrehearse smoke\n/);
  for (const text of [help, ...await Promise.all(commands.map((command) => printed(command, "--help")))]) {
    assert.match(text, /\nExit status: 0 /);
    assert.match(text, /\nExamples?:\n {2}pgrehearse /);
    for (const line of text.split("\n")) assert.ok(line.length <= 80 || line.startsWith("  pgrehearse "), line);
  }
});

Deno.test("completion: bash completes commands, options and values, also after =, and leaves files to itself", async () => {
  const script = await printed("completion", "bash");
  const cases: [words: string[], expected: string[]][] = [
    [["pgrehearse", "dri"], ["drill"]],
    [["pgrehearse", ""], [...commands, "--version", "--help"]],
    [["pgrehearse", "backup", "--fo"], ["--format"]],
    [["pgrehearse", "backup", "--format", ""], ["custom", "directory"]],
    [["pgrehearse", "backup", "--format", "=", "cu"], ["custom"]],
    [["pgrehearse", "backup", "--format", "="], ["custom", "directory"]],
    [["pgrehearse", "drill", "--from", ""], []],
    [["pgrehearse", "drill", "--no-pro"], ["--no-progress"]],
    [["pgrehearse", "completion", ""], ["bash", "zsh", "fish", "--help"]],
  ];
  await inFile(script, async (path) => {
    for (const [words, expected] of cases) {
      const { said } = await run("bash", [
        "-c",
        `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pgrehearse; printf '%s\\n' "\${COMPREPLY[@]}"`,
        "bash",
        path,
        ...words,
      ]);
      assert.deepEqual(said.split("\n").filter(Boolean), expected, words.join(" "));
    }
  });
});

for (const shell of ["bash", "zsh", "fish"] as const) {
  Deno.test({
    ...needing({ [shell]: await isThere(shell) }, `completion: ${shell} reads its script without complaint`),
    async fn() {
      const script = await printed("completion", shell);
      for (const command of commands) assert.ok(script.includes(command), command);
      assert.deepEqual(await inFile(script, (path) => run(shell, ["-n", path])), { success: true, said: "" });
    },
  });
}

Deno.test({
  ...needing({ fish: await isThere("fish") }, "completion: fish completes commands and values"),
  async fn() {
    await inFile(await printed("completion", "fish"), async (path) => {
      const complete = (line: string) => run("fish", ["--no-config", "-c", `source ${path}; complete -C '${line}'`]);
      assert.match((await complete("pgrehearse dri")).said, /^drill\trestore a backup/);
      assert.match((await complete("pgrehearse backup --format ")).said, /^custom\t.*\ndirectory\t/);
    });
  },
});

Deno.test("completion: another shell is exit 2, with a verdict", async () => {
  const { status, verdict } = await pgrehearse(["completion", "tcsh"]);
  assert.equal(status, 2);
  assert.equal(verdict.findings[0].code, "USAGE");
  assert.match(verdict.findings[0].message, /bash, zsh, fish/);
});

Deno.test("man: the page names every command and option, and what reads it has no complaint", async () => {
  const page = await printed("man");
  for (const command of commands) {
    assert.ok(page.includes(`.SH ${command.toUpperCase().replaceAll("-", "\\-")}\n`), command);
  }
  assert.ok(page.includes("\\-\\-no\\-progress"));
  assert.doesNotMatch(page, /^'|^\.(?!TH|SH|SS|TP|PP|B |I |nf|fi|ad|nh)/m);
  await inFile(page, async (path) => {
    if (await isThere("groff")) {
      const { success, said } = await run("groff", ["-ww", "-man", "-Tutf8", "-z", path]);
      assert.deepEqual({ success, said }, { success: true, said: "" });
    }
    if (await isThere("mandoc")) {
      const { said } = await run("mandoc", ["-T", "lint", "-W", "warning", path]);
      assert.doesNotMatch(said.replace(/.*missing date.*\n/, ""), /./);
    }
  });
});
