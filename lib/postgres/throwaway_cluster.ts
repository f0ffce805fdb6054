import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { startGuard } from "../system/child_process.ts";
import { makeSandbox } from "../system/isolation/make_sandbox.ts";
import { openRegular } from "../system/regular_file.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import { cannotMake, newWorkspacePath, releaseGuard } from "../system/workspace.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { resolveConnectionParameters } from "./connection/connection_parameters.ts";
import type { LocaleSource } from "./host_locales.ts";
import { installationOf } from "./installation.ts";
import guardScript from "./throwaway_cluster.sh" with { type: "text" };
import serverScript from "./throwaway_server.sh" with { type: "text" };
import { logLinePrefix } from "./server_errors.ts";
import type { ServerTools } from "./tools.ts";
import { initdbFailed, serverStartFailed } from "./findings/tools.ts";

/** A Postgres server that this run made, and that goes when it is closed or when this process dies in any way. */
export interface ThrowawayCluster {
  /** Its database `postgres`, as superuser, over a Unix socket in a directory of ours, which code in it cannot change. */
  readonly parameters: ConnectionParameters;
  readonly directory: string;
  /** What keeps it from this host; what is restored into it is restored in the same. */
  readonly sandbox: Sandbox;
  /** Where its server's log ends now. */
  endOfLog(): Promise<number>;
  /** What its server has logged since then, for {@linkcode errorsInLog}; of very much the first part. */
  readLog(from: number): Promise<string>;
  close(): Promise<void>;
  /** Leaves the server running when this process ends; returns the command that stops and removes it. */
  keep(): Promise<string>;
}

const superuser = "postgres";

/** For {@linkcode errorsInLog}. No statement goes into the log: it may hold a secret. */
const ofEveryServer = { lc_messages: "C", log_line_prefix: logLinePrefix, log_min_error_statement: "panic" };

const mostOfLogBytes = 4 * 1024 * 1024;

/** How a throwaway cluster is made. */
export interface ThrowawayOptions {
  /** What its programs run in. @default {the best that this host gives} */
  sandbox?: Sandbox;
  /** Locales that are made for it alone. */
  locales?: LocaleSource[];
  /** Its server's settings, besides those that every one has. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Makes a throwaway cluster, starts its server and waits until it accepts connections.
 *
 * @throws {OperatorError} `CANNOT_MAKE_DIRECTORY`, `INITDB_FAILED`, `SERVER_START_FAILED`, `NO_UNPRIVILEGED_ACCOUNT`.
 */
export async function makeThrowawayCluster(
  tools: ServerTools,
  { sandbox, locales = [], settings = {} }: ThrowawayOptions = {},
): Promise<ThrowawayCluster> {
  const inside = sandbox ?? await makeSandbox();
  const { account } = inside;
  const directory = newWorkspacePath();
  const initdbOptions = [
    `--username=${superuser}`,
    "--auth=trust", // the socket's directory is 0700
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  const conf = Object.entries({ ...ofEveryServer, ...settings })
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`).join("\n");
  const sources = locales.map(({ name, input, charmap }) => `${name} ${input} ${charmap}`).join("\n");
  const server = await inside.command(
    ["/bin/sh", "-c", serverScript, "server", directory, tools.initdb, tools.postgres, conf, sources, ...initdbOptions],
    { read: await installationOf(tools.initdb, tools.postgres), write: [directory] },
  );
  const owner = account ? `${account.uid}:${account.gid}` : "";
  const signal = inside.isInit ? "KILL" : "QUIT";
  const guard = startGuard(guardScript, ["throwaway", directory, owner, signal, ...server]);
  const close = () => releaseGuard(guard, directory);
  try {
    const answer = await guard.readLine();
    if (answer !== "made") throw cannotMake(directory, { reason: answer, account });
    if (await guard.readLine() !== "initdb 0") {
      throw initdbFailed.error({ program: tools.initdb, directory, log: await endOfLogs(directory, "initdb.log") });
    }
    if (await guard.readLine() !== "ready") {
      throw serverStartFailed.error({
        program: tools.postgres,
        directory,
        log: await endOfLogs(directory, "server.log"),
      });
    }
    const parameters = await resolveConnectionParameters(
      `postgresql://${superuser}@/postgres?host=${encodeURIComponent(`${directory}.socket`)}&port=5432`,
      {},
    );
    const keep = async () => {
      const pid = (await guard.abandon())?.replace("kept ", "");
      return `kill ${pid}; while [ -e ${directory} ]; do sleep 0.1; done`;
    };
    const endOfLog = () => withFile(directory, "server.log", async (file) => (await file.stat()).size);
    const readLog = (from: number) => withFile(directory, "server.log", (file) => readPart(file, from));
    return { parameters, directory, sandbox: inside, endOfLog, readLog, close, keep };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** Why a cluster did not come up. */
async function endOfLogs(directory: string, logName: string): Promise<string> {
  const read = (name: string) => withFile(directory, name, (file) => file.readFile("utf8"));
  const log = (await Promise.all(["sandbox.log", logName].map((name) => read(name).catch(() => "")))).join("");
  return log.split("\n").slice(-20).join("\n").trim();
}

/** Not through a link: the directory is another account's. */
async function withFile<T>(directory: string, name: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openRegular(join(directory, name), { followLinks: false });
  return await work(file).finally(() => file.close());
}

async function readPart(file: FileHandle, from: number): Promise<string> {
  const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(mostOfLogBytes), position: from });
  return new TextDecoder().decode(buffer.subarray(0, bytesRead));
}
