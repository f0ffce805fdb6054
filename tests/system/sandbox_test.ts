import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../lib/system/child_process.ts";
import { makeSandbox } from "../../lib/system/isolation/make_sandbox.ts";
import type { Sandbox } from "../../lib/system/isolation/sandbox.ts";
import { bubblewrap, unshareAsRoot, unshareAsUser } from "../../lib/system/isolation/sandboxes.ts";
import { findProgram } from "../support/find_program.ts";
import { traceableDirectory } from "../support/traces.ts";

const [unshare, bwrap, setpriv] = await Promise.all(["unshare", "bwrap", "setpriv"].map((name) => findProgram(name)));
const full = { level: "full" as const, lacks: [] };
const isRoot = Deno.uid() === 0;
const ourselves = { uid: Deno.uid()!, gid: Deno.gid()! };
// Root makes the sandboxes of an ordinary user as the account `nobody`.
const ordinary = isRoot ? { uid: 65534, gid: 65534 } : ourselves;

interface Tried {
  name: string;
  sandbox: Sandbox;
  /** In front of its command, to be an ordinary user. */
  as: string[];
}

const asOrdinary = isRoot ? [setpriv!, "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
const sandboxes: Tried[] = [
  ...isRoot && unshare
    ? [{
      name: "unshare as root",
      sandbox: unshareAsRoot(unshare, { account: { uid: 60_600, gid: 60_600 }, isolation: full }),
      as: [],
    }]
    : [],
  ...unshare
    ? [{
      name: "unshare as an ordinary user",
      sandbox: unshareAsUser(unshare, { account: ordinary, isolation: full }),
      as: asOrdinary,
    }]
    : [],
  ...bwrap
    ? [{
      name: "bubblewrap as an ordinary user",
      sandbox: bubblewrap(bwrap, { account: ordinary, isolation: full }),
      as: asOrdinary,
    }]
    : [],
];

for (const { name, sandbox, as } of sandboxes) {
  const works = await tryIn({ name, sandbox, as }, "true", {}).then(({ status }) => status === 0);
  Deno.test({
    name: `sandbox by ${name}`,
    ignore: !works, // this host refuses namespaces to ordinary users
    fn: (t) => attack(t, { name, sandbox, as }),
  });
}

Deno.test("sandbox: this host gives one", async () => {
  const { isolation } = await makeSandbox();
  assert.equal(isolation.level === "full" || !isRoot || (await namespacesRefused()), true, JSON.stringify(isolation));
});

async function attack(t: Deno.TestContext, tried: Tried): Promise<void> {
  await using given = await traceableDirectory();
  await using hidden = await traceableDirectory();
  await Deno.writeTextFile(join(hidden.path, "secret"), "a secret", { mode: 0o644 });
  await Deno.writeTextFile(join(given.path, "dump"), "a dump", { mode: 0o644 });
  const say = async (script: string, write: string[] = []) =>
    (await tryIn(tried, `{ ${script}; } 2>&1`, { read: [join(given.path, "dump")], write })).stdout.trim();

  await t.step("it is neither root nor any account of this host's, and has no capability", async () => {
    const uid = Number(await say("id -u"));
    assert.equal(uid, tried.sandbox.account?.uid ?? ordinary.uid);
    assert.equal(await say("id -G"), String(tried.sandbox.account?.gid ?? ordinary.gid));
    assert.equal(await say("grep -c '^Cap\\(Prm\\|Eff\\|Amb\\|Bnd\\):\\s*0*$' /proc/self/status"), "4");
  });
  await t.step("it sees what it was given, and may not change it", async () => {
    assert.equal(await say(`cat ${given.path}/dump`), "a dump");
    assert.match(await say(`echo more >>${given.path}/dump`), /Read-only file system|Permission denied/);
    assert.equal(await Deno.readTextFile(join(given.path, "dump")), "a dump");
  });
  await t.step("it sees no other file, home, socket, device, or what this host runs", async () => {
    const paths = [hidden.path, "/root", "/home", "/run", "/var/run", "/sys", "/etc/shadow", "/etc/hosts", "/etc/ssh"];
    const elsewhere = [...paths, "/var/lib", "/opt", "/srv", "/dev/kmsg", "/proc/1/root/root"];
    assert.equal(await say(`for path in ${elsewhere.join(" ")}; do [ ! -e $path ] || echo $path; done`), "");
    assert.equal(await say("find / -xdev -type s"), "");
  });
  await t.step("it sees no process but its own", async () => {
    const pids = (await say("ls /proc | grep -c '^[0-9]'")).split("\n");
    assert.ok(Number(pids[0]) <= 6, pids[0]);
    assert.equal(await say(`grep -ls ${given.path.slice(5)} /proc/*/environ; true`), "");
  });
  await t.step("it sees no environment of ours", async () => {
    const env = { SECRET_OF_OURS: "hunter2" };
    const { stdout } = await tryIn(tried, "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'", {}, {
      env,
    });
    const names = stdout.split("\n").filter(Boolean).map((line) => line.split("=")[0]);
    assert.deepEqual([...new Set(names)].filter((name) => !["PATH", "PWD", "OLDPWD", "SHLVL", "_"].includes(name)), []);
  });
  await t.step("it has no network, no port of this host's and no abstract socket", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const { port } = listener.addr as Deno.NetAddr;
      const connect = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}' && echo reached; true`;
      assert.equal((await say(connect)).includes("reached"), false);
      assert.equal(await say("grep -c @ /proc/net/unix; true"), "0");
      assert.equal(await say("ls /sys/class/net 2>/dev/null; tail -n +3 /proc/net/dev | grep -v ' lo:'; true"), "");
    } finally {
      listener.close();
    }
  });
  await t.step("what it leaves behind ends with it, whatever session it is in", async () => {
    await using place = await traceableDirectory();
    if (tried.as.length > 0) await Deno.chown(place.path, ordinary.uid, ordinary.gid);
    await say(`(setsid sh -c 'sleep 1; touch ${place.path}/outlived' & )`, [place.path]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.deepEqual(await Array.fromAsync(Deno.readDir(place.path)), []);
  });
  await t.step("it ends when it is killed, with all that it started", async () => {
    await using place = await traceableDirectory();
    const script = `setsid sleep 4321 & echo started >${place.path}/started; sleep 4321`;
    const stop = new AbortController();
    const running = tryIn(tried, script, { write: [place.path] }, { signal: stop.signal });
    while (!await Deno.stat(join(place.path, "started")).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stop.abort();
    await assert.rejects(running);
    await Deno.remove(join(place.path, "started"));
    assert.deepEqual(await place.traces(), []);
    const { stdout } = await run("ps", ["-eo", "args="], { env: {} });
    assert.equal(stdout.split("\n").filter((line) => line === "sleep 4321").length, 0);
  });
  if (!tried.sandbox.lends) return;
  await t.step("it is lent a file that only root may read, and the file stays root's", async () => {
    const path = join(given.path, "ours");
    await Deno.writeTextFile(path, "ours", { mode: 0o600 });
    const { stdout } = await tryIn(tried, `cat ${path}; echo more >>${path}`, { lend: [path] });
    assert.equal(stdout, "ours");
    const { uid, mode } = await Deno.stat(path);
    assert.deepEqual([uid, mode! & 0o777, await Deno.readTextFile(path)], [0, 0o600, "ours"]);
  });
}

async function tryIn(
  { sandbox, as }: Tried,
  script: string,
  view: Parameters<Sandbox["command"]>[1],
  { signal, env = {} }: { signal?: AbortSignal; env?: Record<string, string> } = {},
) {
  const [program, ...args] = [...as, ...await sandbox.command(["/bin/sh", "-c", script], view)];
  Object.entries(env).forEach(([name, value]) => Deno.env.set(name, value));
  try {
    return await run(program, args, { env: {}, signal, killSignal: "KILL" });
  } finally {
    Object.keys(env).forEach((name) => Deno.env.delete(name));
  }
}

async function namespacesRefused(): Promise<boolean> {
  const { status } = await run("unshare", ["--mount", "--pid", "--net", "--fork", "true"], { env: {} });
  return status !== 0;
}
