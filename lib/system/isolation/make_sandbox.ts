import { delimiter, join } from "node:path";
import { type Account, run } from "../child_process.ts";
import { noUnprivilegedAccount } from "../findings.ts";
import type { Sandbox, SandboxIsolation } from "./sandbox.ts";
import {
  accountAsRoot,
  asAccount,
  bubblewrap,
  type Inside,
  noSandbox,
  unshareAsRoot,
  unshareAsUser,
} from "./sandboxes.ts";

type Make = () => Promise<Sandbox>;

const full: SandboxIsolation = { level: "full", lacks: [] };

let chosen: Promise<Make> | undefined;

/**
 * Makes the best sandbox that this host gives: by root's own namespaces and an unused account, by bubblewrap or
 * util-linux in a user namespace, else by an account alone, else none. Its isolation says what is missing.
 *
 * @throws {OperatorError} `NO_UNPRIVILEGED_ACCOUNT` as root, where nothing works that makes another of us.
 */
export async function makeSandbox(): Promise<Sandbox> {
  return await (await (chosen ??= choose()))();
}

/** Those for a client of somebody's server, the best first: as root also one that stays root, by name alone. */
export async function makeClientSandboxes(): Promise<Sandbox[]> {
  const best = await makeSandbox();
  const unshare = await findProgram("unshare");
  if (best.isolation.level !== "full" || !best.lends || !unshare) return [best];
  const isolation: SandboxIsolation = { level: "namespaces", lacks: ["account"] };
  return [best, unshareAsRoot(unshare, { account: { uid: 0, gid: 0 }, isolation })];
}

/** The one that shares everything with this host but the account. */
export async function makeAccountSandbox(): Promise<Sandbox> {
  if (Deno.uid() !== 0) return noSandbox;
  const account = await ownAccount();
  if (account && await works(accountAsRoot(account))) return accountAsRoot(account);
  throw noUnprivilegedAccount.error();
}

async function choose(): Promise<Make> {
  for (const make of await candidates()) {
    const sandbox = await make();
    if (await works(sandbox)) return make;
  }
  return makeAccountSandbox;
}

async function candidates(): Promise<Make[]> {
  const [unshare, bwrap] = await Promise.all([findProgram("unshare"), findProgram("bwrap")]);
  if (Deno.uid() === 0) {
    const inside = async () => ({ account: await unusedAccount(), isolation: full });
    const underAccount = async (make: (inside: Inside) => Sandbox) => {
      const chosen = await inside();
      return asAccount(chosen.account, make(chosen));
    };
    return [
      ...unshare ? [async () => unshareAsRoot(unshare, await inside())] : [],
      ...unshare && await rootIsPrivate()
        ? [async () => unshareAsRoot(unshare, await inside(), ["--propagation", "unchanged"])]
        : [],
      // In a container root may be refused what any account may do.
      ...bwrap ? [() => underAccount((inside) => bubblewrap(bwrap, inside))] : [],
      ...unshare ? [() => underAccount((inside) => unshareAsUser(unshare, inside))] : [],
    ];
  }
  const inside = await isServersAccount()
    ? { account: await unusedAccount(), isolation: { level: "namespaces" as const, lacks: ["account" as const] } }
    : { account: { uid: Deno.uid()!, gid: Deno.gid()! }, isolation: full };
  return [
    ...bwrap ? [() => Promise.resolve(bubblewrap(bwrap, inside))] : [],
    ...unshare ? [() => Promise.resolve(unshareAsUser(unshare, inside))] : [],
  ];
}

/** Whether a command in it runs, and has lost sight of this host. */
async function works(sandbox: Sandbox): Promise<boolean> {
  const [program, ...args] = await sandbox.command(["/bin/sh", "-c", sandbox.isInit ? "! [ -e /run ]" : "true"]);
  return await run(program, args, { env: {} }).then(({ status }) => status === 0, () => false);
}

/**
 * Whether what is mounted below our root stays in the namespace that it is mounted in. In a chroot that cannot be ensured:
 * its root is a directory, and only the init process sees the mount that it lies in.
 */
async function rootIsPrivate(): Promise<boolean> {
  const script = `exec 3</ || exit 1
    id=$(sed -n 's/^mnt_id:[[:space:]]*//p' /proc/self/fdinfo/3) && [ -n "$id" ] || exit 1
    mount=$(grep "^$id " /proc/1/mountinfo) || exit 1
    case $mount in *' shared:'*) exit 1 ;; esac`;
  return await run("/bin/sh", ["-c", script], { env: {} }).then(({ status }) => status === 0, () => false);
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of (Deno.env.get("PATH") ?? "").split(delimiter).filter((each) => each.startsWith("/"))) {
    const path = join(directory, name);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}

/** An account of this host. */
interface NamedAccount extends Account {
  name: string;
}

/** Who is nobody's: systemd keeps these numbers free, and containers with few have them. */
const firstUnused = 60_578;
const unusedCount = 606;

/** Who runs a server of root's: `pgrehearse`, else `nobody`. Undefined for others, who run it themselves. */
export async function ownAccount(): Promise<NamedAccount | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const accounts = await readAccounts();
  return accounts.get("pgrehearse") ?? accounts.get("nobody");
}

/** A number that no account has, another one in each run: one run cannot touch the other's processes. */
async function unusedAccount(): Promise<Account> {
  const taken = new Set([...(await readAccounts()).values()].map(({ uid }) => uid));
  for (;;) {
    const uid = firstUnused + Math.floor(Math.random() * unusedCount);
    if (!taken.has(uid)) return { uid, gid: uid };
  }
}

/** Whether we are the account that a database server runs as: to its superuser's role such an account needs no password. */
async function isServersAccount(): Promise<boolean> {
  const uid = Deno.uid();
  const accounts = await readAccounts();
  if (accounts.get("postgres")?.uid === uid) return true;
  const sockets = await Promise.all(
    ["/run/postgresql", "/var/run/postgresql"].map((path) => Deno.stat(path).then(({ uid }) => uid, () => undefined)),
  );
  return uid !== 0 && sockets.includes(uid);
}

async function readAccounts(): Promise<Map<string, NamedAccount>> {
  const lines = (await Deno.readTextFile("/etc/passwd").catch(() => "")).split("\n");
  return new Map(
    lines.map((line) => line.split(":")).filter(({ length }) => length >= 4)
      .map(([name, , uid, gid]) => [name, { name, uid: Number(uid), gid: Number(gid) }]),
  );
}
