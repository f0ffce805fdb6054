import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { listWhole, ordinaryUser, packProgram, runAlone, type Runner, startAlone } from "./support/packed.ts";
import { outcomeOf } from "./support/pgrehearse.ts";
import { startS3Server } from "./support/s3_server.ts";
import { startTestServer } from "./support/server.ts";
import { traceableDirectory } from "./support/traces.ts";
import { writeProgram } from "./support/write_program.ts";
import { needing } from "./support/needing.ts";

const isRoot = Deno.uid() === 0;
const version = { status: 0, stdout: `${project.version}\n`, stderr: "" };

let packing: string;
let packed: string;

Deno.test.beforeAll(async () => {
  packing = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-" });
  await Deno.chmod(packing, 0o755);
  packed = await packProgram(packing);
});

Deno.test.afterAll(() => Deno.remove(packing, { recursive: true }));

/** The folder that a packed program unpacks itself into. */
async function folderName(): Promise<string> {
  return (await readHead()).match(/^name='(.*)'$/m)![1];
}

async function readHead(): Promise<string> {
  using file = await Deno.open(packed);
  const bytes = new Uint8Array(2_000);
  await file.read(bytes);
  return new TextDecoder().decode(bytes);
}

const names = async (directory: string) => (await Array.fromAsync(Deno.readDir(directory), ({ name }) => name)).sort();

/** Runs with a cache in `directory`. */
const inCache = (directory: string): Runner => ({ env: { XDG_CACHE_HOME: directory } });

async function mountSmall(options: string, directory: string): Promise<boolean> {
  await Deno.mkdir(directory);
  const { success } = await new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", options, "none", directory],
    stderr: "null",
  }).output();
  return success;
}

Deno.test("pack: copied alone, without environment, as another user, smoke passes; nothing unpacks twice", async () => {
  await using directory = await traceableDirectory();
  const program = join(directory.path, "pgrehearse");
  await Deno.copyFile(packed, program);
  const uid = isRoot ? ordinaryUser : undefined;
  const cache = join("/tmp", `pgrehearse-cache-${uid ?? Deno.uid()}`);
  const unpacked = join(cache, await folderName());
  const remove = () => Deno.remove(unpacked, { recursive: true }).catch(() => {});
  await remove();
  try {
    const { status, verdict, stderr } = outcomeOf(await runAlone(program, ["smoke"], { uid }));
    assert.equal(status, 0, stderr);
    assert.equal(verdict.proof, "exact");
    const { mode, uid: owner } = await Deno.stat(cache);
    assert.deepEqual([mode! & 0o777, owner], [0o700, uid ?? Deno.uid()]);
    const before = (await listWhole(unpacked)).filter((line) => !/\/(started|notes)\b/.test(line));
    assert.deepEqual(await runAlone(program, ["--version"], { uid, env: { PATH: "/nonexistent" } }), version);
    const after = (await listWhole(unpacked)).filter((line) => !/\/(started|notes)\b/.test(line));
    assert.deepEqual(after, before);
  } finally {
    await remove();
    await Deno.remove(cache).catch(() => {}); // unless other versions are there
  }
});

Deno.test("pack: names the commit, and Deno's own caches stay in the cache", async () => {
  await using home = await traceableDirectory();
  const { stdout, stderr } = await runAlone(packed, ["--version", "--json"], { env: { HOME: home.path } });
  const { commit, ...rest } = JSON.parse(stdout);
  assert.ok(commit === null || /^[0-9a-f]{40}(-dirty)?$/.test(commit), commit);
  assert.deepEqual([rest.version, rest.deno, stderr], [project.version, Deno.version.deno, ""]);
  assert.deepEqual(await names(home.path), [".cache"]);
  assert.deepEqual(await names(join(home.path, ".cache")), ["pgrehearse"]);
  assert.deepEqual(await names(join(home.path, ".cache/pgrehearse")), [await folderName()]);
});

Deno.test("pack: what is loaded late is there and works: S3, age, the configuration, charts", async () => {
  await using server = await startTestServer();
  await using s3 = await startS3Server();
  await using directory = await traceableDirectory();
  const path = (name: string) => join(directory.path, name);
  const env = { ...s3.env, XDG_CACHE_HOME: path("cache") };
  const run = async (...args: string[]) => outcomeOf(await runAlone(packed, args, { env, cwd: directory.path }));
  const sql = await server.connect();
  await sql`CREATE TABLE orders AS SELECT generate_series(1, 100) AS id`;
  await sql.end();
  const store = ["s3://backups/packed", "--endpoint", s3.endpoint];

  const { verdict: key } = await run("keygen", "--output", "identity");
  const made = await run("backup", "--db-url", server.url(), "--to", ...store, "--encrypt", key.recipient!);
  assert.equal(made.status, 0, made.stderr);
  const drilled = await run("drill", "--latest", "--from", ...store, "--identity", "identity");
  assert.equal(drilled.verdict.proof, "exact", drilled.stderr);

  for (const name of ["one", "two"]) await Deno.writeTextFile(path(`${name}.json`), drilled.stdout);
  assert.equal((await run("report", "one.json", "two.json", "--html", "page.html")).status, 0);
  assert.match(await Deno.readTextFile(path("page.html")), /<svg/);

  await Deno.writeTextFile(path("pgrehearse.jsonc"), '{\n  // a comment\n  "nonsense": 1\n}\n');
  const { findings } = (await run("drill", "--config", "pgrehearse.jsonc")).verdict;
  assert.match(findings[0].code, /^CONFIG_/, JSON.stringify(findings));
});

Deno.test("pack: several may start at once, on an empty cache", async () => {
  await using directory = await traceableDirectory();
  const runs = Array.from({ length: 4 }, () => runAlone(packed, ["--version"], inCache(directory.path)));
  assert.deepEqual(await Promise.all(runs), runs.map(() => version));
  const cache = join(directory.path, "pgrehearse");
  assert.deepEqual(await names(cache), [await folderName()]);
  const folder = join(cache, await folderName());
  assert.deepEqual((await names(folder)).filter((name) => name.startsWith("unpacking.")), []);
});

Deno.test("pack: what is damaged in the cache does not run, and is repaired", async () => {
  await using directory = await traceableDirectory();
  await runAlone(packed, ["--version"], inCache(directory.path));
  const folder = join(directory.path, "pgrehearse", await folderName());
  const whole = await names(folder);
  const main = await Deno.readTextFile(join(folder, "main.js"));
  const other = project.version.replace(/^\d/, "9");
  const damages: [string, () => Promise<void>][] = [
    [
      "other code of the same size",
      () => Deno.writeTextFile(join(folder, "main.js"), main.replaceAll(project.version, other)),
    ],
    ["a cut-short Deno", () => Deno.truncate(join(folder, "deno"), 1_000_000)],
    ["another Deno", () => Deno.writeTextFile(join(folder, "deno"), `#!/bin/sh\necho ${other}\n`)],
    ["no Deno", () => Deno.remove(join(folder, "deno"))],
    ["a late-loaded part missing", () => Deno.remove(join(folder, whole.find((name) => name.startsWith("smoke-"))!))],
    ["wider permissions", () => Deno.writeTextFile(join(folder, "deno.json"), "{}")],
    ["nothing but the folder", () => Deno.remove(folder, { recursive: true }).then(() => Deno.mkdir(folder))],
  ];
  for (const [damage, inflict] of damages) {
    await inflict();
    assert.deepEqual(await runAlone(packed, ["--version"], inCache(directory.path)), version, damage);
    assert.deepEqual(await names(folder), whole, damage);
    assert.equal(await Deno.readTextFile(join(folder, "main.js")), main, damage);
    assert.deepEqual(await names(dirname(folder)), [await folderName()], damage);
  }
});

Deno.test("pack: a cache directory that others can change is refused, and what lies there is not run", async () => {
  await using directory = await traceableDirectory();
  const cache = join(directory.path, "pgrehearse");
  const refused = async (why: string) => {
    const { status, stdout, stderr } = await runAlone(packed, ["--version"], inCache(directory.path));
    assert.deepEqual({ status, stdout }, { status: 2, stdout: "" }, why);
    assert.match(
      stderr,
      /pgrehearse is not a directory of mode 0700 of this user .*: remove it, or set XDG_CACHE_HOME/,
    );
  };
  await runAlone(packed, ["--version"], inCache(directory.path));
  await Deno.chmod(cache, 0o770);
  await refused("the group may write");
  await Deno.chmod(cache, 0o700);
  if (isRoot) {
    await Deno.chown(cache, ordinaryUser, ordinaryUser);
    await refused("somebody else's");
    await Deno.chown(cache, 0, 0);
  }
  await Deno.rename(cache, join(directory.path, "elsewhere"));
  await Deno.symlink(join(directory.path, "elsewhere"), cache);
  await refused("a link");
  await Deno.remove(cache);
  await Deno.writeTextFile(cache, "");
  await refused("a file");
});

Deno.test("pack: a home that is unsafe or not writable is passed by for the temporary directory", async () => {
  await using home = await traceableDirectory();
  await using temporary = await traceableDirectory();
  const run = (env: Record<string, string>) =>
    runAlone(packed, ["--version"], { env: { TMPDIR: temporary.path, ...env } });
  await Deno.chmod(home.path, 0o777); // without the sticky bit, everybody may rename what lies there
  const homes: Record<string, string>[] = [{ HOME: home.path }, { XDG_CACHE_HOME: home.path }, { HOME: "/dev/null" }, {
    HOME: "relative",
  }];
  for (const env of homes) {
    assert.deepEqual(await run(env), version);
    assert.deepEqual(await names(home.path), []);
  }
  assert.deepEqual(await names(temporary.path), [`pgrehearse-cache-${Deno.uid()}`]);
  await Deno.chmod(temporary.path, 0o777);
  const { status, stderr } = await run({});
  assert.equal(status, 2);
  assert.match(stderr, /There is no safe place to unpack this program/);
});

Deno.test("pack: no room to unpack is exit 2 with the reason, and nothing half-made stays", async () => {
  await using directory = await traceableDirectory();
  const limited = join(directory.path, "limited");
  // A process that may write 1 MiB into a file: a disk that is full for it alone.
  await writeProgram(limited, `#!/bin/bash\nulimit -f 1024\ntrap '' XFSZ\nexec ${packed} "$@"\n`);
  const cases = [{ program: limited, cache: join(directory.path, "cache"), reason: /tar: deno: / }];
  const disk = join(directory.path, "disk");
  const isMounted = isRoot && await mountSmall("size=20m", disk);
  if (isMounted) cases.push({ program: packed, cache: disk, reason: /No space left on device/ });
  try {
    for (const { program, cache, reason } of cases) {
      const { status, stdout, stderr } = await runAlone(program, ["--version"], inCache(cache));
      assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
      assert.match(stderr, /^pgrehearse: Cannot unpack .* takes \d+ kB: /);
      assert.match(stderr, reason);
      assert.match(stderr, /Is there room \(df -h /);
      assert.deepEqual(await names(join(cache, "pgrehearse")), []);
    }
  } finally {
    if (isMounted) await new Deno.Command("umount", { args: [disk] }).output();
  }
});

Deno.test({
  // Mounting needs root.
  ...needing({ root: Deno.uid() === 0 }, "pack: a cache where nothing may run is exit 2, and says so"),
  async fn() {
    await using directory = await traceableDirectory();
    const disk = join(directory.path, "disk");
    if (!await mountSmall("noexec,size=200m", disk)) return; // not allowed in this container
    try {
      const { status, stderr } = await runAlone(packed, ["--version"], inCache(disk));
      assert.equal(status, 2);
      assert.match(stderr, /allows no programs \(noexec\)/);
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  },
});

Deno.test("pack: a file that was cut short on its way is exit 2, and nothing half-made stays", async () => {
  await using directory = await traceableDirectory();
  const program = join(directory.path, "pgrehearse");
  await writeProgram(program, (await Deno.readFile(packed)).subarray(0, 20_000_000));
  const { status, stderr } = await runAlone(program, ["--version"], inCache(join(directory.path, "cache")));
  assert.equal(status, 2);
  assert.match(stderr, /Cannot unpack [^]*unexpected end of file[^]*fetch it again/);
  assert.deepEqual(await names(join(directory.path, "cache/pgrehearse")), []);
});

Deno.test("pack: unpacking clears away what was killed, and versions that were not started for a month", async () => {
  await using directory = await traceableDirectory();
  const cache = join(directory.path, "pgrehearse");
  await Deno.mkdir(cache, { mode: 0o700 });
  const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
  for (
    const [name, age] of [["unpacking.dead", 2], ["unpacking.alive", 0], ["0.0.1-x", 800], ["0.0.2-y", 24]] as const
  ) {
    await Deno.mkdir(join(cache, name));
    await Deno.writeTextFile(join(cache, name, "started"), "");
    await Deno.utime(join(cache, name, "started"), hours(age), hours(age));
    await Deno.utime(join(cache, name), hours(age), hours(age));
  }
  assert.deepEqual(await runAlone(packed, ["--version"], inCache(directory.path)), version);
  assert.deepEqual(await names(cache), ["0.0.2-y", await folderName(), "unpacking.alive"]);
});

Deno.test("pack: signals reach the program, and its exit status and output are the program's own", async () => {
  await using directory = await traceableDirectory();
  await using temporary = await traceableDirectory();
  const env = { XDG_CACHE_HOME: directory.path, TMPDIR: temporary.path };
  const usage = outcomeOf(await runAlone(packed, ["smok"], { env }));
  assert.deepEqual([usage.status, usage.verdict.findings[0].code], [2, "USAGE"]);

  const child = startAlone(packed, ["smoke"], { env });
  let stderr = "";
  const watching = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (stderr === "") child.kill("SIGTERM"); // it has begun to speak, so it listens
      stderr += text;
    }
  })();
  const stdout = await new Response(child.stdout).text();
  await watching;
  const { status, verdict } = outcomeOf({ status: (await child.status).code, stdout, stderr });
  assert.deepEqual([status, verdict.verdict], [143, "unknown"]);
  assert.deepEqual(await temporary.traces(), []);
});
