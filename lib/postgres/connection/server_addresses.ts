import type { ConnectionSettings } from "./connection_settings.ts";

/** Where to look for the server, in the order to try: entries of the three lists belong together. */
export interface ServerAddresses {
  /** Host names and addresses, or directories of Unix sockets. */
  readonly hosts: readonly string[];
  /** The addresses to connect to instead of looking the hosts up (`hostaddr`). */
  readonly hostAddresses?: readonly string[];
  readonly ports: readonly number[];
}

/** Whether a host is a directory with Unix sockets, or (with `@`) a name in Linux' abstract namespace. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith("/") || host.startsWith("@");
}

/** The path of the Unix socket of a server that listens in this directory. */
export function socketPath(directory: string, port: number): string {
  return `${directory}/.s.PGSQL.${port}`;
}

/**
 * Resolves host, hostaddr, port and load_balance_hosts.
 *
 * @throws {OperatorError} BAD_DB_URL, BAD_CONNECTION_SETTING.
 */
export async function resolveServerAddresses(settings: ConnectionSettings): Promise<ServerAddresses> {
  const hostAddresses = settings.get("hostaddr")?.split(",");
  const hosts = settings.get("host")?.split(",") ?? hostAddresses ?? [""];
  if (hostAddresses && hostAddresses.length !== hosts.length) {
    throw settings.problem("hostaddr", "not one address for each host");
  }
  const portList = settings.get("port")?.split(",") ?? [""];
  if (portList.length !== 1 && portList.length !== hosts.length) {
    throw settings.problem("port", "not one port for each host");
  }

  const servers = await Promise.all(hosts.map(async (host, index) => {
    const port = toPort(portList[portList.length === 1 ? 0 : index], settings);
    const address = hostAddresses?.[index] ?? "";
    return { host: host || address || await defaultHost(port), address, port };
  }));
  if (settings.choice("load_balance_hosts", ["disable", "random"]) === "random") shuffle(servers);
  return {
    hosts: servers.map(({ host }) => host),
    hostAddresses: hostAddresses && servers.map(({ address }) => address),
    ports: servers.map(({ port }) => port),
  };
}

function toPort(text: string, settings: ConnectionSettings): number {
  const trimmed = text.trim();
  if (trimmed === "") return 5432;
  const port = Number(trimmed);
  if (/^\d+$/.test(trimmed) && port >= 1 && port <= 65535) return port;
  throw settings.problem("port", "not a port");
}

/**
 * Where a server on this machine listens by default: packaged servers in /var/run/postgresql, built ones in /tmp.
 *
 * libpq has one of them compiled in; here a socket that exists decides first.
 */
async function defaultHost(port: number): Promise<string> {
  const directories = SOCKET_DIRECTORIES;
  for (const directory of directories) if (await exists(socketPath(directory, port))) return directory;
  for (const directory of directories) if (await exists(directory)) return directory;
  return "localhost";
}

const SOCKET_DIRECTORIES = ["/var/run/postgresql", "/tmp"];

/** Whether a password file knows the server in this directory as `localhost`. */
export function isDefaultSocketDirectory(host: string): boolean {
  return SOCKET_DIRECTORIES.includes(host);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

function shuffle<Item>(items: Item[]): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
}
