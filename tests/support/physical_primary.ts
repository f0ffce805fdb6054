import { dirname, join } from "node:path";
import { connect, type Sql } from "../../lib/postgres/connection/connect.ts";
import { resolveConnectionParameters } from "../../lib/postgres/connection/connection_parameters.ts";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";

/** A primary that archives its WAL into a directory, in segments of 1 MB unless asked otherwise. */
export interface PhysicalPrimary extends AsyncDisposable {
  /** Where everything is: `archive`, `backups`, `tablespaces`. */
  readonly directory: string;
  readonly archive: string;
  readonly bin: string;
  readonly segmentBytes: number;
  url(database?: string): string;
  connect(database?: string): Promise<Sql>;
  /** Runs a program of PostgreSQL as the server's account, and gives what it printed. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Takes a backup into a new directory, which it gives. */
  backUp(name: string, ...args: string[]): Promise<string>;
  /** Has everything so far archived, and waits for it. */
  archiveAll(): Promise<void>;
  /** Starts the server again, with other settings. */
  restart(...settings: string[]): Promise<void>;
  /** Makes a directory of the server's account. */
  makeDirectory(name: string): Promise<string>;
  /** Lets the server's account have a path. */
  own(path: string): Promise<void>;
  stop(): Promise<void>;
  /** Makes a standby that streams from it, and archives into the same place once it is promoted. */
  makeStandby(): Promise<TestStandby>;
}

/** A standby of a primary. */
export interface TestStandby extends AsyncDisposable {
  connect(): Promise<Sql>;
  backUp(name: string): Promise<string>;
  /** Waits until it has replayed all that the primary has written. */
  untilCaughtUp(): Promise<void>;
  promote(): Promise<void>;
  archiveAll(): Promise<void>;
}

/** How a primary is made. */
export interface PrimaryOptions {
  /** @default {true} */
  checksums?: boolean;
  /** @default {"postgres"} */
  superuser?: string;
  settings?: readonly string[];
  /** @default {1} */
  segmentMegabytes?: number;
}

const always = [
  "wal_level=logical",
  "archive_mode=on",
  "fsync=off",
  "full_page_writes=on",
  "listen_addresses=",
  "shared_buffers=16MB",
  "max_connections=20",
  "max_prepared_transactions=2",
  "max_wal_size=64MB",
  "min_wal_size=4MB",
  "autovacuum=off",
  "log_timezone=UTC",
];

/** Makes it in a temporary directory. */
export async function startPhysicalPrimary(
  { checksums = true, superuser = "postgres", settings = [], segmentMegabytes = 1 }: PrimaryOptions = {},
): Promise<PhysicalPrimary> {
  const bin = dirname((await findServerTools()).postgres);
  const account = await ownAccount();
  const directory = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-primary-" });
  const own = async (path: string) => {
    if (account) await Deno.chown(path, account.uid, account.gid);
  };
  await own(directory);
  const [data, archive, socket] = ["data", "archive", "socket"].map((name) => join(directory, name));
  const run = async (program: string, ...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(join(bin, program), {
      args,
      cwd: directory,
      env: { TZ: "UTC", LC_ALL: "C" },
      ...(account && { uid: account.uid, gid: account.gid }),
    }).output();
    const said = new TextDecoder().decode(stdout);
    if (!success) throw new Error(`${program}: ${said}${new TextDecoder().decode(stderr)}`);
    return said;
  };
  const makeDirectory = async (name: string) => {
    const path = join(directory, name);
    await Deno.mkdir(path, { mode: 0o700 });
    await own(path);
    return path;
  };
  for (const name of ["archive", "socket", "backups", "tablespaces"]) await makeDirectory(name);
  const startAt = (data: string, socket: string, further: readonly string[]) => {
    const archiving = `-c archive_command="test ! -f ${archive}/%f && cp %p ${archive}/%f"`;
    const options = [...always, `unix_socket_directories=${socket}`, ...further];
    const args = ["start", "-w", "-s", "-D", data, "-l", `${data}.log`];
    const all = [...options.map((option) => `-c '${option}'`), archiving];
    return run("pg_ctl", ...args, "-o", all.join(" "));
  };
  const start = (further: readonly string[]) => startAt(data, socket, further);
  await run(
    "initdb",
    ...[
      "-D",
      data,
      "-U",
      superuser,
      "-A",
      "trust",
      "-N",
      "-E",
      "UTF8",
      "--locale=C",
      `--wal-segsize=${segmentMegabytes}`,
    ],
    ...checksums ? ["--data-checksums"] : [],
  );
  const stop = async () => void await run("pg_ctl", "stop", "-m", "fast", "-s", "-D", data);
  const url = (database = "postgres") => `postgresql://${superuser}@/${database}?host=${encodeURIComponent(socket)}`;
  const archiveAll = async (connectTo: () => Promise<Sql>) => {
    const sql = await connectTo();
    const [{ file }] = await sql<{ file: string }[]>`SELECT pg_walfile_name(pg_switch_wal()) AS file`;
    await sql.end();
    while (!await Deno.stat(join(archive, file)).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const primary: PhysicalPrimary = {
    directory,
    archive,
    bin,
    segmentBytes: segmentMegabytes * 1024 * 1024,
    url,
    run,
    own,
    makeDirectory,
    stop,
    connect: async (database) => await connect(await resolveConnectionParameters(url(database), {})),
    async backUp(name, ...args) {
      const path = join(directory, "backups", name);
      await run("pg_basebackup", "-h", socket, "-U", superuser, "-D", path, "--checkpoint=fast", "--no-sync", ...args);
      return path;
    },
    archiveAll: () => archiveAll(primary.connect),
    async makeStandby() {
      const [data, socket] = [join(directory, "standby"), await makeDirectory("standby_socket")];
      await run(
        "pg_basebackup",
        "-h",
        join(directory, "socket"),
        "-U",
        superuser,
        "-D",
        data,
        "-R",
        "-c",
        "fast",
        "--no-sync",
      );
      await startAt(data, socket, []);
      const url = `postgresql://${superuser}@/postgres?host=${encodeURIComponent(socket)}`;
      const connectTo = async () => await connect(await resolveConnectionParameters(url, {}));
      return {
        connect: connectTo,
        archiveAll: () => archiveAll(connectTo),
        async backUp(name) {
          const path = join(directory, "backups", name);
          await run("pg_basebackup", "-h", socket, "-U", superuser, "-D", path, "-c", "fast", "--no-sync");
          return path;
        },
        async untilCaughtUp() {
          const [source, copy] = [await primary.connect(), await connectTo()];
          const [{ lsn }] = await source<{ lsn: string }[]>`SELECT pg_current_wal_lsn()::text AS lsn`;
          while (
            !(await copy<{ done: boolean }[]>`SELECT pg_last_wal_replay_lsn() >= ${lsn}::pg_lsn AS done`)[0].done
          ) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          await Promise.all([source.end(), copy.end()]);
        },
        promote: async () => void await run("pg_ctl", "promote", "-w", "-s", "-D", data),
        async [Symbol.asyncDispose]() {
          await run("pg_ctl", "stop", "-m", "immediate", "-s", "-D", data).catch(() => {});
        },
      };
    },
    async restart(...further) {
      await stop();
      await start([...settings, ...further]);
    },
    async [Symbol.asyncDispose]() {
      await run("pg_ctl", "stop", "-m", "immediate", "-s", "-D", data).catch(() => {});
      await Deno.remove(directory, { recursive: true });
    },
  };
  try {
    await start(settings);
  } catch (error) {
    await primary[Symbol.asyncDispose]();
    throw error;
  }
  return primary;
}
