import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { screenAfter } from "../../support/screen.ts";
import { startTestServer } from "../../support/server.ts";
import { needing } from "../../support/needing.ts";
import { verdictSchema } from "../../../lib/verdict/verdict_schema.ts";

const program = fileURLToPath(new URL("../../../scripts/pgrehearse", import.meta.url));

const hasScript = await new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" }).output()
  .then(({ success }) => success, () => false);

/** Runs the program at a terminal of 80 columns, with stdout in a file. Needs util-linux's `script`. */
async function atTerminal(args: string, env: Record<string, string> = {}) {
  const stdout = await Deno.makeTempFile();
  const command = `stty cols 80 rows 24; ${program} ${args} >${stdout}`;
  const { code, stdout: seen } = await new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", command, "/dev/null"],
    stdin: "null",
    stdout: "piped",
    env: { TERM: "xterm", LANG: "C.UTF-8", NO_COLOR: "", COLUMNS: "", LINES: "", ...env },
  }).output();
  const verdict = verdictSchema.parse(JSON.parse(await Deno.readTextFile(stdout)));
  await Deno.remove(stdout);
  const text = new TextDecoder().decode(seen);
  return { status: code, verdict, text, screen: screenAfter(text).filter(Boolean) };
}

/** The same with stdout on the terminal, too. */
async function shownAtTerminal(args: string): Promise<string> {
  const { stdout } = await new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", `stty cols 80 rows 24; ${program} ${args} 2>/dev/null`, "/dev/null"],
    stdin: "null",
    env: { TERM: "xterm", LANG: "C.UTF-8", NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout).replaceAll("\r", "");
}

Deno.test(needing({ script: hasScript }, "terminal"), async (test) => {
  await test.step("terminal: phases are drawn while they last, and what stays is a line each and the summary", async () => {
    const { status, verdict, text, screen } = await atTerminal("smoke");
    assert.equal(status, 0, text);
    assert.match(text, /cluster +0:0\d/, "a running phase was drawn");
    const summary = screen.findIndex((line) => line.startsWith("smoke: PASS"));
    assert.deepEqual(
      screen.slice(0, summary).map((line) => line.trim().split(" ")[0]),
      verdict.phases.map(({ name }) => name),
    );
    for (const line of screen) assert.ok(line.length <= 80, line);
    assert.ok(text.includes("\x1b[1;32mPASS"), "in color");
  });

  await test.step("terminal: NO_COLOR, TERM=dumb, --no-progress and --quiet are heeded", async () => {
    const colorless = await atTerminal("smoke", { NO_COLOR: "1" });
    assert.match(colorless.text, /cluster +0:0\d/);
    assert.equal(colorless.text.includes("\x1b[1;"), false);
    const dumb = await atTerminal("smoke", { TERM: "dumb" });
    assert.equal(dumb.text.includes("\x1b"), false);
    assert.match(dumb.text, /^ {2}cluster +started\r$/m);
    const still = await atTerminal("smoke --no-progress");
    assert.match(still.screen[0], /^smoke: PASS/);
    assert.equal((await atTerminal("smoke --quiet")).text, "");
    const failing = await atTerminal("smoke --quiet --pg-bin /nonexistent");
    assert.match(failing.screen.join("\n"), /^smoke: UNKNOWN.*\n(.*\n)* +✗ PG_TOOLS_MISSING/m);
  });

  await test.step("terminal: stdout gets the summary, or what --output and --json say", async () => {
    assert.match(await shownAtTerminal("verify --wait 0 --db-url postgresql://u@127.0.0.1:1/d"), /^verify: UNKNOWN/);
    for (const flag of ["--json", "--output json"]) {
      const text = await shownAtTerminal(`verify --wait 0 ${flag} --db-url postgresql://u@127.0.0.1:1/d`);
      verdictSchema.parse(JSON.parse(text));
    }
    const { stdout } = await startPgrehearse(["list", "--from", "/nonexistent", "--output", "text"]).output();
    assert.match(stdout, /^list: UNKNOWN/);
  });

  await test.step("terminal: what is wrong fits the screen, with what to do", async () => {
    const { status, screen } = await atTerminal("smoke --pg-bin /nonexistent");
    assert.equal(status, 2);
    const summary = screen.slice(screen.findIndex((line) => line.startsWith("smoke: UNKNOWN")));
    assert.match(summary.join("\n"), /\n {2}✗ PG_TOOLS_MISSING: .*\n {4}→ Install PostgreSQL/s);
    for (const line of summary) assert.ok(line.length <= 80, line);
  });
});

Deno.test("log: a line when a phase starts and one when it ends, no control sequence, unbroken lines", async () => {
  const { stderr, verdict } = await pgrehearse(["smoke"], { env: { COLUMNS: "40" } });
  assert.equal(stderr.includes("\x1b"), false);
  for (const { name } of verdict.phases) {
    assert.match(stderr, new RegExp(`^ {2}${name} +started\n(.*\n)*? {2}${name} +[\\d.]+ m?s$`, "m"));
  }
  assert.match(stderr, new RegExp(`^ {2}${verdict.phases.map(({ name }) => `${name} [\\d.]+ m?s`).join(" · ")}$`, "m"));
});

Deno.test("--debug: every statement and program with its time, and neither secret nor parameter", async () => {
  const secret = "hunter2-s3cret";
  await using server = await startTestServer();
  const migrations = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${migrations}/0001_role.sql`, `SELECT '${secret}' AS leaked`);
    const url = server.url().replace("postgres@", `postgres:${secret}@`);
    const { stderr } = await pgrehearse(["smoke", "--debug", "--migrations-path", migrations, "--db-url", url]);
    assert.match(stderr, /^ {2}\[[\d.]+ s\] +[\d.]+ ms {2}exec {2}\S*pg_dump --version \(status 0\)$/m);
    assert.match(stderr, /^ {2}\[[\d.]+ s\] +[\d.]+ ms {2}sql {3}SELECT pg_catalog\.pg_is_in_recovery/m);
    assert.match(stderr, /sql {3}INSERT INTO public\."?schema_migrations"? \(name, sha256\) VALUES \(\$1, \$2\)$/m);
    assert.match(stderr, /sql {3}SELECT '\*\*\*' AS leaked$/m);
    assert.doesNotMatch(stderr, /0001_role/, "a parameter was shown");
    assert.equal(stderr.includes(secret), false);
    const quiet = await pgrehearse(["smoke", "--debug", "--quiet", "--db-url", url]);
    assert.equal(quiet.stderr, "");
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
});
