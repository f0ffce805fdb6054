import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { readImports, root, type SourceFile, sourcesBelow } from "./support/source_files.ts";

/** The house, from the roof down; docs/architecture.md draws it. Rooms of one storey may import each other one way. */
const storeys = [
  ["commands"],
  ["jobs"],
  ["config"],
  ["checks"],
  ["dumps", "fetch"],
  ["targets"],
  ["manifest", "chain", "selftest", "physical"],
  ["run"],
  ["evidence"],
  ["storage", "postgres"],
  ["report"],
  ["verdict"],
  ["options"],
  ["system"],
];

const files = await readImports("lib");
const roomOf = (path: string) => path.startsWith("lib/") ? path.split("/")[1] : undefined;
const storeyOf = (path: string) => storeys.findIndex((rooms) => rooms.includes(roomOf(path)!));

/** The imports that leave their room. */
function arrows(sources: SourceFile[]): { from: string; to: string }[] {
  return sources.flatMap(({ path, imports }) => imports.map((to) => ({ from: path, to })))
    .filter(({ from, to }) => roomOf(to) !== undefined && roomOf(from) !== roomOf(to));
}

/** Every circle among some names, as the names on it. */
function circles(edges: Map<string, Set<string>>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (name: string, way: string[]) => {
    if (way.includes(name)) found.push([...way.slice(way.indexOf(name)), name]);
    if (done.has(name)) return;
    done.add(name);
    for (const next of edges.get(name) ?? []) visit(next, [...way, name]);
  };
  for (const name of edges.keys()) visit(name, []);
  return found;
}

function edgesOf(pairs: { from: string; to: string }[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of pairs) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

Deno.test("architecture: every room of lib/ has its storey, and docs/architecture.md names them in this order", async () => {
  const rooms = await Array.fromAsync(Deno.readDir(`${root}/lib`), ({ name, isDirectory }) => isDirectory && name);
  assert.deepEqual(rooms.toSorted(), storeys.flat().sort());
  const text = await Deno.readTextFile(`${root}/docs/architecture.md`);
  const drawn = [...text.matchAll(/^\| `lib\/(\w+)\/`/gm)].map(([, room]) => room);
  assert.deepEqual(drawn, storeys.flat());
});

Deno.test("architecture: imports go downwards only", () => {
  assert.ok(files.length > 300 && arrows(files).length > 300);
  const upwards = arrows(files).filter(({ from, to }) => storeyOf(to) < storeyOf(from));
  assert.deepEqual(upwards, []);
});

Deno.test("architecture: no circle between rooms, and none between files, not even of types", () => {
  const rooms = arrows(files).map(({ from, to }) => ({ from: roomOf(from)!, to: roomOf(to)! }));
  assert.deepEqual(circles(edgesOf(rooms)), []);
  const between = files.flatMap(({ path, imports }) => imports.map((to) => ({ from: path, to })));
  assert.deepEqual(circles(edgesOf(between)), []);
});

Deno.test("architecture: what a room leaves to another", async () => {
  const outside = files.flatMap(({ path, imports }) =>
    imports.filter((to) => !to.startsWith("lib/")).map((to) => ({ room: roomOf(path), to }))
  );
  for (const { room, to } of outside) {
    const allowed = room === "chain" && to.startsWith("migrations/") || room === "verdict" && to === "deno.json";
    assert.ok(allowed, to);
  }
  for (const { path } of files) {
    const text = await Deno.readTextFile(`${root}/${path}`);
    const must = (allowed: RegExp, pattern: RegExp, what: string) => {
      if (!allowed.test(path)) assert.doesNotMatch(text, pattern, `${path} ${what}`);
    };
    assert.doesNotMatch(text, /\bimport\((?!")/, `${path} imports something computed`);
    must(/^lib\/system\//, /new Deno\.Command\(|Deno\.addSignalListener/, "starts a process or listens for signals");
    must(/^lib\/(commands|system)\//, /Deno\.args|Deno\.exit\(/, "reads argv or exits");
    must(/^lib\/(commands|report|system)\//, /\bconsole\.\w+\(|Deno\.(stdout|stderr)\b/, "prints");
    must(/^lib\/postgres\//, /^import (?!type).* from "postgres"|import\("postgres"\)/m, "loads the driver");
  }
});

Deno.test("architecture: what a file exports, another file uses, under its name", async () => {
  const main = { path: "main.ts", text: await Deno.readTextFile(`${root}/main.ts`) };
  const all = [main, ...await sourcesBelow("lib"), ...await sourcesBelow("tests"), ...await sourcesBelow("scripts")];
  const users = new Map<string, Set<string>[]>();
  for (const { path, text } of all) {
    // The list of findings uses every room as a whole.
    if (path === "lib/commands/rooms_of_findings.ts") continue;
    const words = new Set(text.match(/\w+/g));
    for (const [, specifier] of text.matchAll(/"(\.\.?\/[^"]+\.ts)"/g)) {
      const to = relative(root, join(root, dirname(path), specifier));
      users.set(to, [...users.get(to) ?? [], words]);
    }
  }
  const unused: string[] = [];
  for (const { path, text } of all.filter(({ path }) => path.startsWith("lib/"))) {
    assert.doesNotMatch(text, /^export (type )?(\{[^}]*\}|\*) from /m, `${path} hands on what another file has`);
    const exported = [
      ...text.matchAll(/^export (?:async )?(?:(?:function\*?|const|class|interface|type) (\w+)|type \{ (\w+) \};)/gm),
    ];
    const every = [...text.matchAll(/^export (?!\* as )/gm)];
    assert.equal(exported.length, every.length, `${path} exports something in a way that this test cannot read`);
    for (const [, name, asType] of exported) {
      if (!users.get(path)?.some((words) => words.has(name ?? asType))) unused.push(`${path}: ${name}`);
    }
  }
  assert.deepEqual(unused, []);
});
