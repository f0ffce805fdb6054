import { join } from "node:path";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import type { PhysicalPrimary } from "./physical_primary.ts";

/** pgBackRest or Barman, set up for a primary; it gets the WAL until it is disposed of. */
export interface BackupTool extends AsyncDisposable {
  /** Its configuration file. */
  readonly config: string;
  /** Where it keeps everything. */
  readonly directory: string;
  /** Runs it, as the account of the server. */
  run(...args: string[]): Promise<string>;
  /** Waits until it has all WAL that is in the primary's archive. */
  caughtUp(): Promise<void>;
}

/** Commits something, and has the segment archived that it is in. Returns the segment's name. */
export async function writeAndArchive(primary: PhysicalPrimary): Promise<string> {
  const sql = await primary.connect();
  await sql`SELECT pg_current_xact_id()`;
  const [{ name }] = await sql<{ name: string }[]>`
    SELECT pg_walfile_name(pg_logical_emit_message(false, 'test', 'something')) AS name`;
  await sql.end();
  await primary.archiveAll();
  return name;
}

/** A stanza `main`. */
export async function setUpPgBackRest(primary: PhysicalPrimary, settings: string[] = []): Promise<BackupTool> {
  const directory = await ownDirectory(primary);
  const config = join(directory, "pgbackrest.conf");
  await write(primary, config, [
    "[global]",
    ...["repo", "log", "spool", "lock"].map((of) => `${of === "repo" ? "repo1" : of}-path=${directory}/${of}`),
    "log-level-file=off",
    "start-fast=y",
    "archive-check=n",
    "repo1-retention-full=9",
    ...settings,
    "[main]",
    `pg1-path=${primary.directory}/data`,
    `pg1-socket-path=${primary.directory}/socket`,
    "pg1-user=postgres",
  ]);
  const run = (...args: string[]) => runTool("pgbackrest", [`--config=${config}`, "--stanza=main", ...args]);
  await run("stanza-create");
  return { config, directory, run, ...forwarding(primary, directory, (path) => run("archive-push", path)) };
}

/** A server `main`. */
export async function setUpBarman(primary: PhysicalPrimary, settings: string[] = []): Promise<BackupTool> {
  const directory = await ownDirectory(primary);
  const config = join(directory, "barman.conf");
  const account = await ownAccount();
  const uid = account?.uid ?? Deno.uid();
  const user = new RegExp(`^([^:]+):[^:]*:${uid}:`, "m").exec(await Deno.readTextFile("/etc/passwd"))![1];
  await write(primary, config, [
    "[barman]",
    `barman_user = ${user}`,
    `barman_home = ${directory}`,
    `configuration_files_directory = ${directory}/conf.d`,
    `log_file = ${directory}/log`,
    "[main]",
    `conninfo = host=${primary.directory}/socket user=postgres dbname=postgres`,
    `streaming_conninfo = host=${primary.directory}/socket user=postgres dbname=postgres`,
    "backup_method = postgres",
    "archiver = on",
    `path_prefix = ${primary.bin}`,
    "compression = gzip",
    ...settings,
  ]);
  const run = (...args: string[]) => runTool("barman", ["-c", config, ...args], { HOME: directory });
  for (const made of ["main", "main/incoming"]) await write(primary, join(directory, made));
  const { caughtUp, ...rest } = forwarding(primary, directory, async (path) => {
    const to = join(directory, "main/incoming", path.slice(path.lastIndexOf("/") + 1));
    await Deno.copyFile(path, `${to}.tmp`);
    await primary.own(`${to}.tmp`);
    await Deno.rename(`${to}.tmp`, to);
  });
  return {
    config,
    directory,
    run,
    ...rest,
    async caughtUp() {
      await caughtUp();
      await run("archive-wal", "main");
    },
  };
}

/** In memory, where temporary files are: these tools sync every file. */
async function ownDirectory(primary: PhysicalPrimary): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "backups." });
  await primary.own(directory);
  return directory;
}

/** Writes a file of the server's account; without lines a directory. */
async function write(primary: PhysicalPrimary, path: string, lines?: string[]): Promise<void> {
  if (lines) await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
  else await Deno.mkdir(path, { mode: 0o700 });
  await primary.own(path);
}

async function runTool(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const account = await ownAccount();
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: "/",
    env: { TZ: "UTC", LC_ALL: "C", ...env },
    ...(account && { uid: account.uid, gid: account.gid }),
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  throw new Error(`${program} ${args.join(" ")}: ${said}${new TextDecoder().decode(stderr)}`);
}

/** Does what an archive_command would: hands on each file of the archive, once. */
function forwarding(primary: PhysicalPrimary, directory: string, push: (path: string) => Promise<unknown>) {
  const pushed = new Set<string>();
  const isOver = new AbortController();
  let failure: unknown;
  const round = async () => {
    const names = await Array.fromAsync(Deno.readDir(primary.archive), ({ name }) => name);
    for (const name of names.filter((name) => !pushed.has(name)).sort()) {
      if (isOver.signal.aborted) return;
      const path = join(primary.archive, name);
      // cp writes it under its name; a history and what a backup leaves are short.
      if (/^[0-9A-F]{24}(\.partial)?$/.test(name) && (await Deno.stat(path)).size !== primary.segmentBytes) continue;
      await push(path);
      pushed.add(name);
    }
  };
  let running = Promise.resolve();
  const again = () => running = running.then(round).catch((error) => void (failure ??= error));
  const timer = setInterval(again, 200);
  return {
    async caughtUp() {
      await again();
      await again();
      if (failure) throw failure;
    },
    async [Symbol.asyncDispose]() {
      isOver.abort();
      clearInterval(timer);
      await running;
      await Deno.remove(directory, { recursive: true });
    },
  };
}
