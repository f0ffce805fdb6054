import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { runtimeStandIn, targets } from "./support/runtime_stand_ins.ts";
import { traceableDirectory } from "./support/traces.ts";
import { writeProgram } from "./support/write_program.ts";

const root = dirname(import.meta.dirname!);

/**
 * What the program may take besides the runtime. Measured on 2026-11-21: 2.9 MB, of which echarts is 1.1 MB,
 * the AWS SDK and zod 0.5 MB each. The packages as they are would be 20 MB and more: that they slip in again, or a whole
 * package where a part was meant, is what this is to show.
 */
const budgetBytes = 4_000_000;

interface Compiled {
  /** The executable's bytes, one character each. */
  text: string;
  /** The names that `deno compile` lists as embedded. */
  embedded: string[];
  sizeBytes: number;
}

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd: root, env }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Compiles with a stand-in for the runtime, as `deno task compile` is used. */
async function compile(target: string): Promise<Compiled> {
  await using directory = await traceableDirectory();
  const [runtime, output] = [join(directory.path, "denort"), join(directory.path, "made/pgrehearse")];
  const standIn = runtimeStandIn(target);
  await writeProgram(runtime, standIn);
  const { code, stderr } = await run(Deno.execPath(), ["task", "compile", "--target", target, "--output", output], {
    DENORT_BIN: runtime,
    NO_COLOR: "1",
  });
  assert.equal(code, 0, stderr);
  const bytes = await Deno.readFile(output);
  return {
    text: new TextDecoder("latin1").decode(bytes),
    embedded: [...stderr.matchAll(/^[├└]─[─┬] (\S+) \(/gm)].map(([, name]) => name),
    sizeBytes: bytes.length - standIn.length,
  };
}

/** Lists the files in the program's own folders that satisfy a condition. */
async function filesOf(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    if (isDirectory) found.push(...await filesOf(join(folder, name), isWanted));
    else if (isWanted(name)) found.push(join(folder, name));
  }
  return found;
}

/** A text's longest line that a template literal holds as it is. */
function longestLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => !/[`\\]|\$\{/.test(line));
  return lines.reduce((longest, line) => line.length > longest.length ? line : longest, "");
}

const occurrences = (text: string, part: string) => text.split(part).length - 1;

Deno.test("compile: the modules and the migrations are embedded, once, and nothing else", async () => {
  const { text, embedded, sizeBytes } = await compile("x86_64-unknown-linux-gnu");

  assert.ok(embedded.includes("main.js"), `${embedded}`);
  for (const name of embedded) assert.match(name, /^(main|require|[\w-]+-[0-9A-Z]{8})\.js$/);
  assert.equal(new Set(embedded).size, embedded.length);

  const texts = [
    ...await filesOf("migrations", (name) => name.endsWith(".sql")),
    ...await filesOf("lib", (name) => /\.(sql|sh)$/.test(name)),
  ];
  assert.ok(texts.length > 3);
  for (const file of texts) {
    const line = longestLine(await Deno.readTextFile(join(root, file)));
    assert.ok(line.length > 20, `${file} has no line to look for`);
    assert.equal(occurrences(text, line), 1, `${file}: ${line}`);
  }

  for (const file of ["README.md", "CHANGELOG.md", ...await filesOf("docs", () => true)]) {
    const line = longestLine(await Deno.readTextFile(join(root, file)));
    assert.equal(occurrences(text, line), 0, `${file}: ${line}`);
  }
  for (const trace of ["Deno.test(", root, "registry.npmjs.org"]) assert.equal(occurrences(text, trace), 0, trace);

  assert.ok(sizeBytes < budgetBytes, `${sizeBytes} bytes`);
});

Deno.test("compile: no test, document or script is among the program's modules, and no package of the tests", async () => {
  const { stdout } = await run(Deno.execPath(), ["info", "--json", "--frozen", "main.ts"]);
  interface Module {
    specifier: string;
    dependencies?: { code?: { specifier: string } }[];
  }
  const { modules } = JSON.parse(stdout) as { modules: Module[] };
  const local = modules.flatMap(({ specifier }) => specifier.split(`file://${root}/`)[1] ?? []);
  assert.ok(local.length > 100);
  assert.deepEqual(
    local.filter((path) => !/^(main\.ts|deno\.json|lib\/.*|migrations\/.*|docs\/findings\.md)$/.test(path)),
    [],
  );
  const imported = modules.flatMap(({ dependencies = [] }) => dependencies.map(({ code }) => code?.specifier ?? ""));
  const packages = imported.flatMap((specifier) => specifier.match(/^npm:((@[^/]+\/)?[^@/]+)/)?.[1] ?? []);
  assert.ok(packages.includes("postgres"));
  assert.deepEqual(packages.filter((name) => ["fast-check", "s3rver", "yaml"].includes(name)), []);
});

Deno.test("compile: has deno.json's permissions, asks for no other, and knows its version and commit", async () => {
  const { text } = await compile("x86_64-unknown-linux-gnu");
  const { permissions } = JSON.parse(text.match(/\{"argv":.*?"location":null/)![0] + "}");
  const { prompt, allow_sys, deny_import, ...rest } = permissions;
  assert.deepEqual(allow_sys, project.permissions.default.sys);
  assert.deepEqual({ prompt, deny_import }, { prompt: false, deny_import: [] }); // [] is all of them
  const allowed = Object.keys(rest).filter((name) => name !== "allow_import" && rest[name] !== null).sort();
  assert.deepEqual(allowed, ["allow_env", "allow_net", "allow_read", "allow_run", "allow_write"]);
  assert.match(text, /commit:("[0-9a-f]{40}(-dirty)?"|null)/);
});

Deno.test("compile: --target names the platform, for all that are released", async () => {
  for (const target of targets.slice(1)) { // the first is what the other tests compile for
    const { embedded } = await compile(target);
    assert.ok(embedded.includes("main.js"), target);
  }
});

Deno.test("compile: an argument it does not know is exit 2, and nothing is built", async () => {
  for (const args of [["--targte=x"], ["--target"], ["main.ts"]]) {
    const { code, stdout, stderr } = await run(join(root, "scripts/compile"), args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, /^compile: /);
  }
});
