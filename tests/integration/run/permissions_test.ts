import assert from "node:assert/strict";
import { join } from "node:path";
import { rightsNeeded } from "../../../lib/commands/least_rights.ts";
import { run } from "../../../lib/system/child_process.ts";

const bare = Object.fromEntries(["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
  const value = Deno.env.get(name);
  return value === undefined ? [] : [[name, value]];
}));

/** Runs a command with the program's own permissions; says its status, and what the process may still do then. */
async function after(args: string[], env: Record<string, string> = {}) {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response());
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--frozen", "--config=deno.json", "-P", "tests/support/after_command.ts"],
      ...[String(server.addr.port), ...args],
    ],
    clearEnv: true,
    env: { ...bare, ...env },
  }).output();
  const said = new TextDecoder().decode(stderr);
  const [, status, allowed] = /^status (\d+) allowed (.*)$/m.exec(said) ?? assert.fail(said);
  return { status: Number(status), allowed };
}

Deno.test("permissions", async (t) => {
  const place = await Deno.makeTempDir();
  const from = join(place, "store");
  await Deno.mkdir(from);
  const key = join(place, "evidence.key");
  const verdict = join(place, "verdict.json");

  const commands: [args: string[], status: number, allowed: string][] = [
    [["man"], 0, ""],
    [["completion", "bash"], 0, ""],
    [["explain", "DISK_FULL"], 0, ""],
    [["keygen", "--signing", "--output", key], 0, "write"],
    [["init", "--output-dir", join(place, "init")], 0, "write"],
    [["list", "--from", from], 0, ""],
    [["status", "--from", from], 1, ""],
    [["status", "--from", from, "--evidence", join(place, "log"), "--signing-key", key], 1, "sh,write"],
    [["history", "--from", from], 0, ""],
    [["controls", "--from", from, "--key", `${key}.pub`], 0, ""],
    [["prune", "--from", from, "--keep-last", "1", "--yes"], 0, "write"],
    [["report", verdict, "--html", join(place, "page.html")], 0, "write"],
    [["compare", "--no-such-option"], 2, "sh,net,write"],
  ];
  const written = await run(Deno.execPath(), [
    ...["run", "--quiet", "--no-prompt", "--frozen", "--config=deno.json", "-P", "main.ts", "list", "--from", from],
  ], { env: bare });
  await Deno.writeTextFile(verdict, written.stdout);

  for (const [args, status, allowed] of commands) {
    await t.step(
      `${args.slice(0, 3).join(" ").replaceAll(place, "…")} does its work with: ${allowed || "nothing"}`,
      async () => {
        assert.deepEqual(await after(args), { status, allowed });
      },
    );
  }

  await t.step("whom the environment names is told all the same", async () => {
    const summary = join(place, "summary.md");
    assert.deepEqual(await after(["list", "--from", from], { GITHUB_STEP_SUMMARY: summary }), {
      status: 0,
      allowed: "write",
    });
    assert.match(await Deno.readTextFile(summary), /list/);
  });

  await t.step(
    "a bucket is read without starting or writing anything, where the environment has the credentials",
    async () => {
      const answer = () => new Response("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>");
      await using bucket = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
      const env = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "some-secret", AWS_REGION: "us-east-1" };
      const place = ["--from", "s3://backups/p", "--endpoint", `http://127.0.0.1:${bucket.addr.port}`];
      assert.deepEqual(await after(["list", ...place], env), { status: 0, allowed: "net" });
    },
  );

  await t.step("where a configuration or other credentials may be meant, nothing is given up", () => {
    const rights = (name: string, args: string[], options: Record<string, unknown>, env = {}) =>
      [...rightsNeeded(name, { args, options, env })].sort().join();
    assert.equal(rights("list", [], { from: "s3://bucket/prefix" }), "net,run,write");
    const credentials = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" };
    assert.equal(rights("list", [], { from: "s3://bucket" }, { ...credentials, AWS_PROFILE: "p" }), "net,run,write");
    assert.equal(rights("prune", [], { from: "s3://bucket" }, credentials), "net,write");
    assert.equal(rights("list", [], {}), "net,run,write");
    assert.equal(rights("status", [], { from, configPath: "x.jsonc" }), "net,run,write");
    assert.equal(rights("verify-evidence", ["s3://bucket/evidence-1"], {}), "net,run,write");
    assert.equal(rights("drill", ["x.dump"], {}), "net,run,write");
    assert.equal(rights("verify-evidence", ["x.json"], {}), "");
  });

  await t.step("a variable of the dynamic linker reaches a program, though only sh may be started", async () => {
    const { stdout } = await run("/usr/bin/env", [], { env: { LD_LIBRARY_PATH: "/it's; echo x", OTHER: "1" } });
    assert.match(stdout, /^LD_LIBRARY_PATH=\/it's; echo x$/m);
    assert.match(stdout, /^OTHER=1$/m);
  });
  await Deno.remove(place, { recursive: true });
});
