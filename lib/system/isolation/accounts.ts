import type { Account } from "../child_process.ts";

/** An account of this host. */
export interface NamedAccount extends Account {
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
export async function unusedAccount(): Promise<Account> {
  const taken = new Set([...(await readAccounts()).values()].map(({ uid }) => uid));
  for (;;) {
    const uid = firstUnused + Math.floor(Math.random() * unusedCount);
    if (!taken.has(uid)) return { uid, gid: uid };
  }
}

/** Whether we are the account that a database server runs as: to its superuser's role such an account needs no password. */
export async function isServersAccount(): Promise<boolean> {
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
