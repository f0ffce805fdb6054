/**
 * The scripts, run as real processes: in a separate checkout (with a space in its path), on a PATH that holds only
 * what a test puts there.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { writeProgram } from "./support/write_program.ts";

const repository = dirname(import.meta.dirname!);

/** What the scripts call, besides Deno, npm and PostgreSQL. */
const shellTools = [
  "awk",
  "bash",
  "cat",
  "chmod",
  "cmp",
  "cp",
  "cut",
  "dirname",
  "env",
  "find",
  "gzip",
  "mkdir",
  "mktemp",
  "mv",
  "rm",
  "sed",
  "sha256sum",
  "sleep",
  "tar",
  "tr",
  "uname",
  "xargs",
];

/** The checkout's main.ts. */
const echoProgram = `console.log(JSON.stringify({ cwd: Deno.cwd(), args: Deno.args, pid: Deno.pid }));
Deno.exit(7);
`;

interface Checkout {
  /** The checkout's root. */
  root: string;
  /** The only folder on the PATH. */
  bin: string;
  /** A folder with programs by the names of PostgreSQL's. */
  postgres: string;
  /** An empty folder. */
  empty: string;
}

async function writeScript(path: string, script: string): Promise<void> {
  await writeProgram(path, `#!/bin/sh\n${script}\n`);
}

async function linkFromPath(name: string, directory: string): Promise<void> {
  for (const candidate of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      await Deno.symlink(await Deno.realPath(join(candidate, name)), join(directory, name));
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`No ${name} on the PATH.`);
}

/** Runs a test with a fresh checkout, and removes it. */
async function withCheckout(test: (checkout: Checkout) => Promise<void>): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "pgrehearse scripts " }));
  const inside = (name: string) => join(directory, name);
  const checkout = { root: inside("root"), bin: inside("bin"), postgres: inside("postgres"), empty: inside("empty") };
  try {
    for (const folder of Object.values(checkout)) await Deno.mkdir(folder);
    await Deno.mkdir(join(checkout.root, "scripts/machine"), { recursive: true });
    const machine = ["deno", "postgres", "test_programs"].map((name) => `machine/${name}.sh`);
    const scripts = ["setup", "pgrehearse", "test", ...machine].map((name) => `scripts/${name}`);
    for (const file of [...scripts, "deno.json", "deno.lock"]) {
      await Deno.copyFile(join(repository, file), join(checkout.root, file));
    }
    await Deno.writeTextFile(join(checkout.root, "main.ts"), echoProgram);
    for (const tool of shellTools) await linkFromPath(tool, checkout.bin);
    for (const program of ["pg_dump", "pg_restore", "initdb", "postgres"]) {
      await writeScript(join(checkout.postgres, program), "exit 1");
    }
    await test(checkout);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
  pid: number;
}

async function run(
  command: string[],
  options: { path: string; env?: Record<string, string>; cwd?: string },
): Promise<Outcome> {
  const env: Record<string, string> = { PATH: options.path, NO_COLOR: "1", ...options.env };
  for (const name of ["HOME", "DENO_DIR", "TMPDIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] ??= value;
  }
  const child = new Deno.Command(command[0], {
    args: command.slice(1),
    env,
    clearEnv: true,
    cwd: options.cwd ?? "/",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), pid: child.pid };
}

function setup(checkout: Checkout, env: Record<string, string> = {}, ...args: string[]): Promise<Outcome> {
  return run([join(checkout.root, "scripts/setup"), ...args], {
    path: checkout.bin,
    env: { PGREHEARSE_PG_BIN: checkout.postgres, ...env },
  });
}

/** Sources setup as the other scripts do, and prints one of the variables it leaves. */
function variableAfterSetup(checkout: Checkout, name: string, env: Record<string, string> = {}): Promise<Outcome> {
  const script = `set -euo pipefail; . "$1" && printf '%s' "\${${name}-}"`;
  return run(["bash", "-c", script, "bash", join(checkout.root, "scripts/setup")], {
    path: checkout.bin,
    env: { PGREHEARSE_PG_BIN: checkout.postgres, ...env },
  });
}

/** Puts a `deno` on the PATH that answers setup's question about its version and its executable; returns the latter. */
async function putDenoOnPath(checkout: Checkout, version: string, fetching = "exit 0"): Promise<string> {
  const executable = join(checkout.empty, "..", "the real deno");
  await writeScript(executable, fetching);
  await writeScript(join(checkout.bin, "deno"), `test "$1" = eval && echo '${version} ${executable}'`);
  return executable;
}

/** Puts the Deno that runs this test on the PATH. */
function putThisDenoOnPath(checkout: Checkout): Promise<void> {
  return Deno.symlink(Deno.execPath(), join(checkout.bin, "deno"));
}

const workingDeno = `test "$1" = cache || echo deno 2.9.6`;

/** Packs this script as Deno's executable, as npm's registry has it, and lets the checkout take it for Deno. */
async function packDeno(checkout: Checkout, deno: string): Promise<string> {
  const directory = await Deno.makeTempDir({ dir: checkout.empty });
  await Deno.mkdir(join(directory, "package"));
  await writeScript(join(directory, "package/deno"), deno);
  const packed = join(directory, "deno.tgz");
  await new Deno.Command("tar", { args: ["-czf", packed, "-C", directory, "package"] }).output();
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(packed));
  const script = join(checkout.root, "scripts/machine/deno.sh");
  const text = await Deno.readTextFile(script);
  await Deno.writeTextFile(script, text.replaceAll(/\b[0-9a-f]{64}\b/g, new Uint8Array(digest).toHex()));
  return packed;
}

/** The option of each that names the file or the folder that is wanted. */
const fetching = {
  npm:
    `test "$1" = pack || exit 1; while [ "$1" != --pack-destination ]; do shift; done; to=$2/deno-platform-1.2.3.tgz`,
  curl: `while [ "$1" != -o ]; do shift; done; to=$2`,
  wget: `while [ "$1" != -O ]; do shift; done; to=$2`,
};

/** Puts a program on the PATH that fetches this script as Deno's executable, and then does what `afterwards` says. */
async function putFetcherOnPath(
  checkout: Checkout,
  deno: string,
  { tool = "npm", afterwards = "exit 0" }: { tool?: keyof typeof fetching; afterwards?: string } = {},
): Promise<void> {
  const packed = await packDeno(checkout, deno);
  await writeScript(join(checkout.bin, tool), `${fetching[tool]}\ncp '${packed}' "$to"\n${afterwards}`);
}

async function namesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map((entry) => entry.name).sort();
}

Deno.test("setup: says nothing and exits 0 when nothing is missing on this machine", async () => {
  const outcome = await run([join(repository, "scripts/setup")], {
    path: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
  });
  assert.deepEqual([outcome.code, outcome.stdout, outcome.stderr], [0, "", ""]);
});

Deno.test("setup: without Deno and all that could get it, one line says what to do, and the status is 2", () =>
  withCheckout(async (checkout) => {
    const outcome = await setup(checkout);
    assert.equal(outcome.code, 2);
    assert.equal(outcome.stdout, "");
    assert.match(outcome.stderr, /^setup: Deno 2\.9 or newer is missing, .*npm, curl and wget.* [Ii]nstall.*\n$/);
  }));

for (const version of ["1.46.3", "2.8.4", "0.99.0", "nonsense"]) {
  Deno.test(`setup: does not take a Deno ${version} on the PATH`, () =>
    withCheckout(async (checkout) => {
      await putDenoOnPath(checkout, version);
      assert.equal((await setup(checkout)).code, 2);
    }));
}

for (const version of ["2.9.0", "2.10.1", "3.0.0", "10.2.0"]) {
  Deno.test(`setup: takes a Deno ${version} on the PATH, by its real executable`, () =>
    withCheckout(async (checkout) => {
      const executable = await putDenoOnPath(checkout, version);
      const outcome = await variableAfterSetup(checkout, "deno");
      assert.deepEqual([outcome.code, outcome.stdout, outcome.stderr], [0, executable, ""]);
    }));
}

for (const tool of ["npm", "curl", "wget"] as const) {
  Deno.test(`setup: installs Deno with ${tool} once, and is silent the second time`, () =>
    withCheckout(async (checkout) => {
      await putFetcherOnPath(checkout, workingDeno, { tool });
      const first = await setup(checkout);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stderr, new RegExp(`^setup: Installing Deno \\d+\\.\\d+\\.\\d+ .* with ${tool}.*\\n$`));
      await Deno.remove(join(checkout.bin, tool));
      const second = await variableAfterSetup(checkout, "deno");
      assert.deepEqual([second.code, second.stderr], [0, ""]);
      assert.ok(second.stdout.startsWith(`${checkout.root}/.tools/deno-`), second.stdout);
      assert.equal((await Deno.stat(second.stdout)).isFile, true);
    }));
}

Deno.test("setup: what fails is followed by what works, and what is not the pinned Deno is never run", () =>
  withCheckout(async (checkout) => {
    const marker = join(checkout.root, "was run");
    await putFetcherOnPath(checkout, `: >'${marker}'; echo deno 2.9.6`, { tool: "npm" });
    await putFetcherOnPath(checkout, workingDeno, { tool: "wget" }); // now npm's is not the pinned one
    await writeScript(join(checkout.bin, "curl"), "echo 'no route to the registry' >&2; exit 7");
    const outcome = await setup(checkout);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stderr, /What npm got is not Deno .*SHA-256[^]*no route to the registry\nsetup: curl cannot/);
    await assert.rejects(Deno.stat(marker), Deno.errors.NotFound);
    await Deno.remove(join(checkout.bin, "wget"));
    await Deno.remove(join(checkout.root, ".tools"), { recursive: true });
    const broken = await setup(checkout);
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /make npm's registry reachable, and run this again\.\n$/);
    assert.deepEqual(await namesIn(join(checkout.root, ".tools")), []);
  }));

Deno.test("setup: with nothing to fetch Deno, root gets curl with apt-get", () =>
  withCheckout(async (checkout) => {
    await putFetcherOnPath(checkout, workingDeno, { tool: "curl" });
    const bin = (name: string) => join(checkout.bin, name);
    await Deno.rename(bin("curl"), bin("curl from its package"));
    for (const tool of ["sh", "flock"]) await linkFromPath(tool, checkout.bin);
    await writeScript(bin("apt-get"), `test "$1" = update || mv '${bin("curl from its package")}' '${bin("curl")}'`);
    await writeScript(bin("sudo"), `test "$1" = -n && shift && exec "$@"`);
    const outcome = await setup(checkout);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(
      outcome.stderr,
      /^setup: Installing curl with apt-get[^\n]*\nsetup: Installing Deno .* with curl.*\n$/,
    );
  }));

Deno.test("setup: two at once install one whole Deno and leave nothing else", () =>
  withCheckout(async (checkout) => {
    await putFetcherOnPath(checkout, workingDeno, { afterwards: "sleep 0.2" });
    const outcomes = await Promise.all([setup(checkout), setup(checkout)]);
    assert.deepEqual(outcomes.map((outcome) => outcome.code), [0, 0]);
    const [deno, ...others] = await namesIn(join(checkout.root, ".tools"));
    assert.deepEqual(others, [`fetched-${Deno.uid()}.lock`]);
    assert.deepEqual(await namesIn(join(checkout.root, ".tools", deno)), ["deno"]);
  }));

Deno.test("setup: killed in the middle of an installation, it leaves no broken Deno", () =>
  withCheckout(async (checkout) => {
    await putFetcherOnPath(checkout, "half of it", { afterwards: "kill -9 $PPID" });
    assert.equal((await setup(checkout)).code, 2);
    for (const name of await namesIn(join(checkout.root, ".tools"))) assert.match(name, /^install\./);
    await putFetcherOnPath(checkout, workingDeno);
    assert.equal((await setup(checkout)).code, 0);
  }));

Deno.test("setup: refuses a Deno that does not run here", () =>
  withCheckout(async (checkout) => {
    await putFetcherOnPath(checkout, "exit 127");
    const outcome = await setup(checkout);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /does not run on this platform/);
    assert.deepEqual(await namesIn(join(checkout.root, ".tools")), []);
  }));

Deno.test("setup: shows what npm said when npm fails", () =>
  withCheckout(async (checkout) => {
    await putFetcherOnPath(checkout, workingDeno, { afterwards: "echo 'registry unreachable' >&2; exit 1" });
    const outcome = await setup(checkout);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /registry unreachable\nsetup: npm cannot get Deno/);
    assert.deepEqual(await namesIn(join(checkout.root, ".tools")), []);
  }));

Deno.test("setup: fetches the packages when deno.lock changed, and only then", () =>
  withCheckout(async (checkout) => {
    const calls = join(checkout.root, "calls");
    await putDenoOnPath(checkout, "2.9.6", `echo "$1" >>'${calls}'`);
    await setup(checkout);
    await setup(checkout);
    assert.equal(await Deno.readTextFile(calls), "cache\n");
    await Deno.writeTextFile(join(checkout.root, "deno.lock"), "\n", { append: true });
    await setup(checkout);
    assert.equal(await Deno.readTextFile(calls), "cache\ncache\n");
  }));

Deno.test("setup: packages that cannot be fetched are status 2, for pgrehearse too, and are tried again", () =>
  withCheckout(async (checkout) => {
    await putDenoOnPath(checkout, "2.9.6", "echo 'no route to the registry' >&2; exit 1");
    const env = { PGREHEARSE_PG_BIN: checkout.postgres };
    for (const script of ["setup", "pgrehearse", "setup"]) {
      const outcome = await run([join(checkout.root, "scripts", script)], { path: checkout.bin, env });
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, /^no route to the registry\nsetup: Deno cannot load the program and its packages/);
    }
  }));

Deno.test("setup: a folder without PostgreSQL's programs is refused in one sentence, with status 2", () =>
  withCheckout(async (checkout) => {
    await putDenoOnPath(checkout, "2.9.6");
    const outcomes = [
      await setup(checkout, { PGREHEARSE_PG_BIN: checkout.empty }),
      await setup(checkout, {}, "--pg-bin", checkout.empty),
      await setup(checkout, {}, `--pg-bin=${checkout.empty}`),
    ];
    for (const outcome of outcomes) {
      assert.deepEqual([outcome.code, outcome.stdout], [2, ""]);
      assert.match(outcome.stderr, /^setup: .* does not hold all of pg_dump, pg_restore, initdb, postgres: .*\.\n$/);
      assert.ok(outcome.stderr.includes(checkout.empty));
    }
  }));

Deno.test("setup: --pg-bin wins over PGREHEARSE_PG_BIN", () =>
  withCheckout(async (checkout) => {
    await putDenoOnPath(checkout, "2.9.6");
    const outcome = await setup(checkout, { PGREHEARSE_PG_BIN: checkout.empty }, "--pg-bin", checkout.postgres);
    assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
  }));

Deno.test("setup: --pg-bin may be a list, client programs in one folder and server programs in another", () =>
  withCheckout(async (checkout) => {
    await putDenoOnPath(checkout, "2.9.6");
    const [client, server] = ["client", "server"].map((name) => join(checkout.empty, "..", name));
    for (const folder of [client, server]) await Deno.mkdir(folder);
    for (const program of ["pg_dump", "pg_restore"]) await writeScript(join(client, program), "exit 1");
    for (const program of ["initdb", "postgres"]) await writeScript(join(server, program), "exit 1");
    assert.equal((await setup(checkout, {}, "--pg-bin", `${client}:${server}`)).code, 0);
    assert.equal((await setup(checkout, { PGREHEARSE_PG_BIN: `${checkout.empty}:${server}:${client}` })).code, 0);
    const outcome = await setup(checkout, {}, "--pg-bin", `${client}:${checkout.empty}`);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /does not hold all of/);
  }));

Deno.test("setup: hands SSL_CERT_FILE to npm and Deno, unless they have their own certificate authority", () =>
  withCheckout(async (checkout) => {
    await putDenoOnPath(checkout, "2.9.6");
    const name = "NODE_EXTRA_CA_CERTS";
    const handed = await variableAfterSetup(checkout, name, { SSL_CERT_FILE: "/ca.pem" });
    assert.equal(handed.stdout, "/ca.pem");
    const own = await variableAfterSetup(checkout, name, { SSL_CERT_FILE: "/ca.pem", [name]: "/own.pem" });
    assert.equal(own.stdout, "/own.pem");
  }));

Deno.test("pgrehearse: becomes the program, in the caller's folder, with the caller's arguments", () =>
  withCheckout(async (checkout) => {
    await putThisDenoOnPath(checkout);
    const args = ["--pg-bin", checkout.postgres, "smoke", "two words", "--help"];
    const outcome = await run([join(checkout.root, "scripts/pgrehearse"), ...args], {
      path: checkout.bin,
      cwd: checkout.empty,
    });
    assert.deepEqual([outcome.code, outcome.stderr], [7, ""]);
    assert.deepEqual(JSON.parse(outcome.stdout), { cwd: checkout.empty, args, pid: outcome.pid });
  }));

Deno.test("pgrehearse: lets the program say what it cannot do without PostgreSQL", () =>
  withCheckout(async (checkout) => {
    await putThisDenoOnPath(checkout);
    const args = ["smoke", "--pg-bin", checkout.empty];
    const outcome = await run([join(checkout.root, "scripts/pgrehearse"), ...args], { path: checkout.bin });
    assert.equal(outcome.code, 7);
    assert.deepEqual(JSON.parse(outcome.stdout).args, args);
    assert.match(outcome.stderr, /does not hold all of/);
  }));

/** Runs `scripts/test` in a checkout whose tests/ holds these files. */
async function runTests(checkout: Checkout, files: Record<string, string>, ...args: string[]): Promise<Outcome> {
  await putThisDenoOnPath(checkout);
  await Deno.mkdir(join(checkout.root, "tests"));
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(checkout.root, "tests", name), text);
  return await run([join(checkout.root, "scripts/test"), ...args], {
    path: checkout.bin,
    env: { PGREHEARSE_PG_BIN: checkout.postgres },
    cwd: checkout.root,
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

const passing = `Deno.test("passing", () => {});\n`;
const failing = `Deno.test("failing", () => {\n  throw new Error("the reason");\n});\n`;
const ignored = `Deno.test.ignore("ignored", () => {});\n`;

const endings: { of: string; files: Record<string, string>; line: string; code: number; says: RegExp }[] = [
  { of: "a passing test", files: { "a_test.ts": passing }, line: "1 passed, 0 failed", code: 0, says: /passing .*ok/ },
  {
    of: "a passing, a failing and an ignored test",
    files: { "a_test.ts": passing + ignored, "b_test.ts": failing },
    line: "1 passed, 1 failed, 1 skipped",
    code: 1,
    says:
      /What failed, once more:\nFAILED: \S*b_test.ts: failing\n {2}Error: the reason\n[^]*Not run here:\n {2}ignored\n1 passed/,
  },
  {
    of: "a failing step",
    files: {
      "a_test.ts":
        `Deno.test("outer", (t) => t.step("in \\"quotes\\" & <more>", () => { throw new Error("a\\nb"); }).then(() => {}));\n`,
    },
    line: "0 passed, 2 failed",
    code: 1,
    says: /once more:\nFAILED: \S*a_test.ts: outer > in "quotes" & <more>\n {2}Error: a\n {2}b\n/,
  },
  {
    of: "no test at all",
    files: { "a_test.ts": "export {};\n" },
    line: "0 passed, 1 failed",
    code: 1,
    says: /no test ran/,
  },
  {
    of: "nothing but an ignored test",
    files: { "a_test.ts": ignored },
    line: "0 passed, 1 failed, 1 skipped",
    code: 1,
    says: /no test ran/,
  },
  {
    of: "a file that does not load",
    files: { "a_test.ts": passing, "b_test.ts": `throw new Error("at load");\n` },
    line: "1 passed, 1 failed",
    code: 1,
    says: /at load/,
  },
  {
    of: "a runner that dies",
    files: { "a_test.ts": `${passing}Deno.test("deadly", () => Deno.kill(Deno.pid, "SIGKILL"));\n` },
    line: "0 passed, 1 failed",
    code: 1,
    says: /it ended with status 137/,
  },
];

for (const { of, files, line, code, says } of endings) {
  Deno.test(`test: the closing line of ${of}`, () =>
    withCheckout(async (checkout) => {
      const outcome = await runTests(checkout, files, "--no-check", "tests");
      assert.deepEqual([lastLine(outcome.stdout), outcome.code], [line, code], outcome.stdout + outcome.stderr);
      assert.match(outcome.stdout, says);
    }));
}

Deno.test("test: each check counts, and one that fails shows why", () =>
  withCheckout(async (checkout) => {
    await Deno.writeTextFile(join(checkout.root, "main.ts"), "export const answer:number = 42;\n");
    const outcome = await runTests(checkout, { "a_test.ts": passing });
    // lint, types and the test; format; shellcheck is not on this PATH, and what gets a newer server not in this checkout
    const counts = "3 passed, 1 failed, 2 skipped";
    assert.deepEqual([lastLine(outcome.stdout), outcome.code], [counts, 1], outcome.stdout + outcome.stderr);
    assert.match(outcome.stdout, /FAILED: format\n[^]*main\.ts/);
    assert.match(
      outcome.stdout,
      /\nNot run here:\n {2}shell scripts \(skipped: needs shellcheck\)\n {2}a sample on .*\n3 pa/,
    );
  }));

Deno.test("test: ends with its line, and status 2, when the machine cannot be set up", () =>
  withCheckout(async (checkout) => {
    const outcome = await run([join(checkout.root, "scripts/test")], { path: checkout.bin });
    assert.deepEqual([outcome.code, outcome.stdout], [2, "0 passed, 1 failed\n"]);
  }));
