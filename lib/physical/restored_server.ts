import { join } from "node:path";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { resolveConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { installationOf } from "../postgres/installation.ts";
import { logLinePrefix } from "../postgres/server_errors.ts";
import type { ServerTools } from "../postgres/tools.ts";
import { makeFifos, stream } from "../system/child_process.ts";
import type { Sandbox, View } from "../system/isolation/sandbox.ts";
import type { RestoreSpace } from "./restore_space.ts";
import serverScript from "./restored_server.sh" with { type: "text" };
import { openRegular } from "../system/regular_file.ts";

/** The server of a restored cluster, read-only until it is promoted. */
export interface RestoredServer {
  /** How to reach one of its databases over its socket. */
  parameters(user: string, database: string): Promise<ConnectionParameters>;
  /** Whether it has not ended by itself. */
  isRunning(): boolean;
  /** What it has logged since this start, or the last part of very much. */
  readLog(): Promise<string>;
  /** Lets it write all that it has, and end. */
  stop(): Promise<void>;
  /** Ends it with everything that it started. */
  kill(): Promise<void>;
}

/** How a server starts. */
interface StartOptions {
  space: RestoreSpace;
  tools: ServerTools;
  sandbox: Sandbox;
  settings: Readonly<Record<string, string>>;
  /** Directories that the WAL calls by a path of the source's, and what they are here. */
  mapped: View["map"];
}

const mostOfLogBytes = 1024 * 1024;

/** What every such server is told, whatever the backup says. */
const neutralSettings = {
  // It reaches no host, and no host reaches it.
  listen_addresses: "",
  port: "5432",
  unix_socket_permissions: "0777", // the socket's directory is 0700
  ssl: "off",
  primary_conninfo: "",
  primary_slot_name: "",
  max_logical_replication_workers: "0", // else subscriptions, once it is promoted
  // It runs nothing of the source's.
  archive_mode: "off",
  archive_command: "",
  archive_cleanup_command: "",
  recovery_end_command: "",
  shared_preload_libraries: "",
  session_preload_libraries: "",
  local_preload_libraries: "",
  autovacuum: "off",
  // It is there to be looked at.
  hot_standby: "on",
  hot_standby_feedback: "off",
  max_standby_archive_delay: "-1",
  max_standby_streaming_delay: "-1",
  recovery_target_action: "pause",
  wal_retrieve_retry_interval: "100ms",
  restart_after_crash: "off",
  // Nothing in it is worth keeping.
  fsync: "off",
  synchronous_commit: "off",
  // What it says is read by machine, and no statement is in it.
  logging_collector: "off",
  log_destination: "stderr",
  lc_messages: "C",
  log_line_prefix: logLinePrefix,
  log_timezone: "UTC",
  log_min_error_statement: "panic",
  // It has this host for itself no more than other drills do.
  shared_buffers: "128MB",
  huge_pages: "off",
  dynamic_shared_memory_type: "posix",
} as const;

let started = 0;

/** Starts it, in its sandbox. Whether it comes up, and how far, is seen by asking. */
export async function startRestoredServer(
  { space, tools, sandbox, settings, mapped }: StartOptions,
): Promise<RestoredServer> {
  const { cluster, wal } = space;
  const placeSocket = await secondName(space);
  const own = { unix_socket_directories: cluster, ...hba(cluster) };
  const conf = Object.entries({ ...neutralSettings, ...own, ...settings })
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`).join("\n");
  const stop = join(wal, `stop.${++started}`);
  await makeFifos(["-m", "640", stop]);
  if (sandbox.account) await Deno.chown(stop, null, sandbox.account.gid);
  const logStart = await logSize(cluster);
  const [command, ...args] = await sandbox.command(
    ["/bin/sh", "-c", serverScript, "server", cluster, tools.postgres, conf, stop],
    { read: [...await installationOf(tools.postgres), wal], write: [cluster], map: mapped },
  );
  const over = new AbortController();
  const { stdout, ended } = stream(command, args, {
    env: { LC_ALL: "C" },
    signal: over.signal,
    killSignal: sandbox.isInit ? "KILL" : "TERM",
  });
  let isRunning = true;
  const gone = Promise.all([new Response(stdout).text(), ended]).then(() => {}, () => {}).finally(() =>
    isRunning = false
  );
  return {
    async parameters(user, database) {
      await placeSocket();
      const [role, name, host] = [user, database, space.socket].map(encodeURIComponent);
      return await resolveConnectionParameters(`postgresql://${role}@/${name}?host=${host}&port=5432`, {});
    },
    isRunning: () => isRunning,
    readLog: () => readLog(cluster, logStart),
    async stop() {
      // Open at both ends, until it is read or has no reader.
      const order = await Deno.open(stop, { read: true, write: true });
      await order.write(new TextEncoder().encode("INT\n"));
      await gone;
      order.close();
    },
    async kill() {
      over.abort();
      await gone;
    },
  };
}

/**
 * Gives the socket of a server that is about to start a second name, before the first session: code in the cluster may put
 * a link to another server's socket in the place of the first.
 */
async function secondName({ cluster, socket }: RestoreSpace): Promise<() => Promise<void>> {
  const [first, second] = [cluster, socket].map((directory) => join(directory, ".s.PGSQL.5432"));
  for (const ofEarlierServer of [first, second]) await Deno.remove(ofEarlierServer).catch(() => {});
  let isPlaced = false;
  return async () => {
    if (isPlaced || !await Deno.lstat(first).then(() => true, () => false)) return; // it may still be starting
    await Deno.link(first, second).catch(() => Deno.symlink(first, second)); // some file systems have no second names
    isPlaced = true;
  };
}

function hba(cluster: string): Record<string, string> {
  return { hba_file: join(cluster, "pg_hba.conf"), ident_file: join(cluster, "pg_ident.conf") };
}

async function logSize(cluster: string): Promise<number> {
  return await Deno.lstat(join(cluster, "server.log")).then(({ size }) => size, () => 0);
}

/** Not through a link: the directory is another account's. */
async function readLog(cluster: string, from: number): Promise<string> {
  const path = join(cluster, "server.log");
  const file = await openRegular(path, { followLinks: false }).catch(() => undefined);
  if (!file) return "";
  try {
    const { size } = await file.stat();
    const position = Math.max(from, size - mostOfLogBytes);
    const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(mostOfLogBytes), position });
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
