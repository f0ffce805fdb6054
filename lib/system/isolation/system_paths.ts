/** Programs, libraries, locales and time zones: what every account of a host may read. */
const system = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/nix/store",
  "/gnu/store",
  "/etc/alternatives",
  "/etc/crypto-policies",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/localtime",
  "/etc/pki/tls/openssl.cnf",
  "/etc/ssl/openssl.cnf",
  "/etc/timezone",
  "/var/cache/postgresql", // Debian's dictionaries for text search are links to there
];

/** How a host finds others on the network, and whom it trusts there. */
const network = [
  "/etc/ca-certificates",
  "/etc/gai.conf",
  "/etc/host.conf",
  "/etc/hosts",
  "/etc/krb5.conf",
  "/etc/nsswitch.conf",
  "/etc/pki/ca-trust",
  "/etc/pki/tls/certs",
  "/etc/protocols",
  "/etc/resolv.conf",
  "/etc/services",
  "/etc/ssl/certs",
];

/** A path of the system as it is on this host: `bin` is a link to `usr/bin` on most. */
interface SystemPath {
  path: string;
  /** What it points to, where it is a link in the root directory. */
  link?: string;
}

/** What of the system this host has. */
export async function systemPaths(options: { network: boolean }): Promise<SystemPath[]> {
  const paths = await Promise.all([...system, ...options.network ? network : []].map(async (path) => {
    const found = await Deno.lstat(path).catch(() => undefined);
    if (!found) return [];
    if (found.isSymlink && path.lastIndexOf("/") === 0) return [{ path, link: await Deno.readLink(path) }];
    return await Deno.stat(path).then(() => [{ path }], () => []); // a link to nowhere
  }));
  return paths.flat();
}
