import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { findServerTools } from "../../lib/postgres/tools.ts";

const binaries = dirname((await findServerTools(Deno.env.get("PGREHEARSE_PG_BIN"))).postgres);

const settings = [
  "fsync=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
  "autovacuum=off",
  "shared_buffers=64MB",
];

/** A Postgres server for the tests of the manifest's rows, with its databases. */
export interface RowsCluster {
  /** Makes a database, with further options of CREATE DATABASE, and a connection to it that `close` ends. */
  database(name: string, options?: string): Promise<postgres.Sql>;
  /** Another connection to a database. */
  connect(database: string, user?: string): postgres.Sql;
  /** Dumps one database and restores it into a new one. */
  restoredCopy(from: string, to: string, options?: string): Promise<postgres.Sql>;
  close(): Promise<void>;
}

/** Starts a server in a temporary directory; as root it runs as the account `postgres`. */
export async function startRowsCluster(): Promise<RowsCluster> {
  const account = Deno.uid() === 0 ? await accountOfPostgres() : {};
  const directory = await Deno.makeTempDir({ dir: await roomInMemory(), prefix: "pgrehearse_rows_" });
  if (account.uid !== undefined) await Deno.chown(directory, account.uid, account.gid!);
  const connections: postgres.Sql[] = [];
  const data = join(directory, "data");

  async function run(program: string, args: string[]): Promise<void> {
    const command = new Deno.Command(join(binaries, program), {
      args,
      cwd: directory,
      env: { PGHOST: directory, PGPORT: "5432", PGUSER: "postgres" },
      stdout: "null",
      stderr: "piped",
      ...account,
    });
    const { success, stderr } = await command.output();
    if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  }

  await run("initdb", [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
    "-N",
  ]);
  const server = new Deno.Command(join(binaries, "postgres"), {
    args: ["-D", data, "-k", directory, "-h", "", ...settings.flatMap((setting) => ["-c", setting])],
    cwd: directory,
    stdout: "null",
    stderr: "null",
    ...account,
  }).spawn();

  function connect(database: string, user = "postgres"): postgres.Sql {
    const sql = postgres({ path: join(directory, ".s.PGSQL.5432"), user, database, max: 1, onnotice: () => {} });
    connections.push(sql);
    return sql;
  }
  await untilReady(data);
  const admin = connect("postgres");

  async function database(name: string, options = ""): Promise<postgres.Sql> {
    await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE template0 ${options}`);
    return connect(name);
  }
  return {
    connect,
    database,
    async restoredCopy(from, to, options) {
      const dump = join(directory, `${from}.dump`);
      await run("pg_dump", ["-Fc", "-Z0", "-f", dump, from]);
      const sql = await database(to, options);
      await run("pg_restore", ["-e", "-d", to, dump]);
      return sql;
    },
    async close() {
      await Promise.all(connections.map((sql) => sql.end({ timeout: 1 })));
      server.kill("SIGQUIT");
      await server.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Runs the work in a read-only snapshot, as the manifest does. */
export async function inSnapshot<T>(sql: postgres.Sql, work: () => Promise<T>): Promise<T> {
  await sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return await work();
  } finally {
    await sql.unsafe("ROLLBACK");
  }
}

/** The driver waits long after a refused connection; the server's own word is faster. */
async function untilReady(data: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const status = await Deno.readTextFile(join(data, "postmaster.pid")).catch(() => "");
    if (status.includes("ready")) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The server in ${data} did not start.`);
}

/** A cluster is a thousand small files: in memory, where there is a GiB of it, the tests take half as long. */
async function roomInMemory(): Promise<string | undefined> {
  const memory = await statfs("/dev/shm").catch(() => undefined);
  return memory && memory.bavail * memory.bsize > 2 ** 30 ? "/dev/shm" : undefined;
}

async function accountOfPostgres(): Promise<{ uid?: number; gid?: number }> {
  const passwd = await Deno.readTextFile("/etc/passwd");
  const [, , uid, gid] = passwd.split("\n").map((line) => line.split(":")).find(([name]) => name === "postgres")!;
  return { uid: Number(uid), gid: Number(gid) };
}
