import { dirname, join } from "node:path";
import { findServerTools } from "../../lib/postgres/tools.ts";

/** A Postgres server for tests of connecting: Unix socket, 127.0.0.1, TLS with our own certificates, passwords. */
export interface TlsServer extends AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  /** Certificates and keys, by what they are: `authority.crt`, `other_authority.crt`, `alice.crt`, `alice.key`, … */
  file(name: string): string;
  /** `ssl=on` or `off`, from now on. */
  setTls(state: "on" | "off"): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Runs SQL as the superuser, over the Unix socket. */
  psql(sql: string, database?: string): Promise<string>;
}

const hbaRules = `
local   all postgres trust
local   all all scram-sha-256
hostssl all postgres 127.0.0.1/32 trust
hostssl all alice 127.0.0.1/32 cert
hostnossl all plain 127.0.0.1/32 scram-sha-256
hostssl all tls_only 127.0.0.1/32 scram-sha-256
host    all app 127.0.0.1/32 scram-sha-256
`;

/**
 * Makes a server whose certificate is for `localhost` (not for 127.0.0.1) and signed by `authority.crt`.
 *
 * As root, the server runs as the postgres account.
 */
export async function startTlsServer(): Promise<TlsServer> {
  const directory = await Deno.makeTempDir({ prefix: "tls_server_" });
  const bin = dirname((await findServerTools()).initdb);
  const data = join(directory, "data");
  const file = (name: string) => join(directory, name);
  const account = Deno.uid() === 0 ? await postgresAccount() : {};
  if (account.uid !== undefined) await Deno.chown(directory, account.uid, account.gid!);
  const port = freePort();

  const initdb = [
    `--pgdata=${data}`,
    "--auth=trust",
    "--username=postgres",
    "--no-sync",
    "--locale=C",
    "--encoding=UTF8",
  ];
  await Promise.all([output(join(bin, "initdb"), initdb, account), makeCertificates(directory)]);
  // Copies: the server's account may not read ours.
  for (const name of ["server.crt", "server.key", "authority.crt"]) {
    await Deno.copyFile(file(name), join(data, name));
    await Deno.chmod(join(data, name), 0o600);
    if (account.uid !== undefined) await Deno.chown(join(data, name), account.uid, account.gid!);
  }
  await Deno.writeTextFile(join(data, "pg_hba.conf"), hbaRules);
  await Deno.writeTextFile(
    join(data, "postgresql.conf"),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = '${directory}'\n` +
      `ssl = on\nssl_ca_file = 'authority.crt'\nfsync = off\nautovacuum = off\n`,
  );

  const pgCtl = (...args: string[]) =>
    output(join(bin, "pg_ctl"), ["-w", "-s", "-D", data, "-l", join(data, "log"), ...args], account);
  const server: TlsServer = {
    directory,
    port,
    file,
    start: async () => void await pgCtl("start"),
    stop: async () => void await pgCtl("stop", "-m", "immediate"),
    async setTls(state) {
      await server.psql(`ALTER SYSTEM SET ssl = ${state}`);
      await pgCtl("reload");
      while ((await server.psql("SHOW ssl")).trim() !== state);
    },
    psql(sql, database = "postgres") {
      const options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--username=postgres"];
      return output(join(bin, "psql"), [
        ...options,
        `--host=${directory}`,
        `--port=${port}`,
        `--dbname=${database}`,
        `--command=${sql}`,
      ]);
    },
    async [Symbol.asyncDispose]() {
      await server.stop().catch(() => {});
      await Deno.remove(directory, { recursive: true });
    },
  };
  await server.start();
  return server;
}

/** An authority, another one, a server for `localhost` and a client, each with its key, in files of these names. */
export async function makeCertificates(directory: string): Promise<void> {
  const openssl = (...args: string[]) => output("openssl", args, { cwd: directory });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const authority = (name: string) =>
    openssl("req", "-x509", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`);
  const signed = async (name: string, extensions: string) => {
    await Deno.writeTextFile(join(directory, `${name}.ext`), `basicConstraints=CA:FALSE\n${extensions}\n`);
    await openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    await openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "authority.crt",
      "-CAkey",
      "authority.key",
      "-set_serial",
      `${Date.now()}`,
      "-days",
      "2",
      "-extfile",
      `${name}.ext`,
      "-out",
      `${name}.crt`,
    );
  };
  await Promise.all([authority("authority"), authority("other_authority")]);
  await Promise.all([signed("server", "subjectAltName=DNS:localhost"), signed("alice", "extendedKeyUsage=clientAuth")]);
}

interface Account {
  uid?: number;
  gid?: number;
}

async function postgresAccount(): Promise<Account> {
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => output("id", [flag, "postgres"])));
  return { uid: Number(uid), gid: Number(gid) };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function output(command: string, args: string[], options: Account & { cwd?: string } = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd: "/", ...options }).output();
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
