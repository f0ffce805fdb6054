import type { Account } from "../child_process.ts";
import bubblewrapScript from "./bubblewrap.sh" with { type: "text" };
import enterScript from "./enter_sandbox.sh" with { type: "text" };
import type { Sandbox, SandboxIsolation, View } from "./sandbox.ts";
import { systemPaths } from "./system_paths.ts";

/** Who runs a command inside. */
export interface Inside {
  account: Account;
  isolation: SandboxIsolation;
}

const everything: SandboxIsolation["lacks"] = ["files", "network", "processes"];
const withoutRights = ["--ambient-caps=-all", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"];

/**
 * Namespaces by util-linux, made by root; the command runs as another account.
 *
 * @param options Those of unshare, besides. In a chroot it cannot make mounts private, as the root is none there:
 *   `--propagation unchanged` does where the host's mounts are private already.
 */
export function unshareAsRoot(unshare: string, { account, isolation }: Inside, options: string[] = []): Sandbox {
  return {
    isolation,
    account,
    isInit: true,
    maps: true,
    lends: true,
    reachesOurs: true,
    command: async (command, view = {}) => [
      ...unshareCommand(unshare, view, options),
      ...enterArguments(account, ["--drop"], await unshareBinds(view)),
      ...command,
    ],
  };
}

/** What a sandbox in a user namespace, whose command runs as ourselves, can do. */
const asOurselves = { isInit: true, maps: true, lends: false, reachesOurs: true } as const;

/** Namespaces by util-linux, in a user namespace; the command runs as ourselves. */
export function unshareAsUser(unshare: string, { account, isolation }: Inside): Sandbox {
  return {
    ...asOurselves,
    isolation,
    command: async (command, view = {}) => [
      ...unshareCommand(unshare, view, [
        "--user",
        `--map-user=${account.uid}`,
        `--map-group=${account.gid}`,
        "--keep-caps",
      ]),
      ...enterArguments(account, [], await unshareBinds(view)),
      ...command,
    ],
  };
}

/** Namespaces by bubblewrap, in a user namespace; the command runs as ourselves. */
export function bubblewrap(bwrap: string, { account, isolation }: Inside): Sandbox {
  return {
    ...asOurselves,
    isolation,
    async command(command, { read = [], write = [], map = [], network = false } = {}) {
      const system = await systemPaths({ network });
      return [
        ...["/bin/sh", "-c", bubblewrapScript, "sandbox", passwdLine(account), bwrap],
        ...["--unshare-user", "--uid", String(account.uid), "--gid", String(account.gid), "--cap-drop", "ALL"],
        ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
        ...network ? [] : ["--unshare-net"],
        ...["--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev", "--dir", "/tmp"],
        ...system.flatMap(({ path, link }) => link ? ["--symlink", link, path] : ["--ro-bind", path, path]),
        ...["--ro-bind-data", "9", "/etc/passwd"],
        ...read.filter((path) => !isOfSystem(path)).flatMap((path) => ["--ro-bind", path, path]),
        ...write.flatMap((path) => ["--bind", path, path]),
        ...map.flatMap(({ path, at }) => ["--bind", path, at]),
        ...["--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        ...["--chdir", "/", "--"],
        ...command,
      ];
    },
  };
}

/** No namespaces: only another account, as root. */
export function accountAsRoot(account: Account): Sandbox {
  return asAccount(account, { ...noSandbox, isolation: { level: "account", lacks: everything } });
}

/** A sandbox that any account can make for itself, made by an account that is not root. */
export function asAccount(account: Account, sandbox: Sandbox): Sandbox {
  const { uid, gid } = account;
  const prefix = ["setpriv", "--reuid", `${uid}`, "--regid", `${gid}`, "--clear-groups", ...withoutRights, "--"];
  return {
    ...sandbox,
    account,
    reachesOurs: false,
    command: async (command, view) => [...prefix, ...await sandbox.command(command, view)],
  };
}

/** Nothing at all: as ourselves. */
export const noSandbox: Sandbox = {
  isolation: { level: "none", lacks: ["account", ...everything] },
  isInit: false,
  maps: false,
  lends: false,
  reachesOurs: true,
  command: (command) => Promise.resolve([...command]),
};

function unshareCommand(unshare: string, { network = false }: View, options: string[] = []): string[] {
  const net = network ? [] : ["--net"];
  return [unshare, ...options, "--mount", "--pid", "--ipc", "--uts", ...net, "--fork", "--kill-child"];
}

function enterArguments(account: Account, options: string[], binds: string[]): string[] {
  const { uid, gid } = account;
  return ["/bin/sh", "-c", enterScript, "sandbox", `${uid}`, `${gid}`, passwdLine(account), ...options, ...binds, "--"];
}

async function unshareBinds({ read = [], lend = [], write = [], map = [], network = false }: View): Promise<string[]> {
  const system = await systemPaths({ network });
  return [
    ...system.flatMap(({ path, link }) => [link ? "link" : "system", path]),
    ...read.flatMap((path) => ["ro", path]),
    ...lend.flatMap((path) => ["lend", path]),
    ...write.flatMap((path) => ["rw", path]),
    ...map.flatMap(({ path, at }) => ["map", at, path]),
  ];
}

/** A mount below the system's own would need a place there that is not. */
function isOfSystem(path: string): boolean {
  return path === "/usr" || path.startsWith("/usr/");
}

function passwdLine({ uid, gid }: Account): string {
  return `pgrehearse:x:${uid}:${gid}::/:/bin/sh`;
}
