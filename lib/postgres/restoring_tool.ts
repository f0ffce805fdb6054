import { join } from "node:path";
import { run, type RunResult } from "../system/child_process.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { installationOf } from "./installation.ts";
import { toolEnvironment, type ToolRunOptions } from "./tool_environment.ts";

/** What a program that restores works on. */
interface RestoringRun extends ToolRunOptions {
  /** What it reads: a dump, a list. */
  files: string[];
  /** The server that it reaches; without one, none. */
  parameters?: ConnectionParameters;
}

/**
 * Runs a program that reads what others wrote, in the sandbox of its tools: it sees the dump, and the way to its server.
 */
export async function runRestoringTool(
  program: string,
  args: string[],
  { tools: { sandbox }, files, parameters, signal }: RestoringRun,
): Promise<RunResult> {
  const env = toolEnvironment(parameters);
  if (!sandbox) return await run(program, args, { env, signal });
  const keys = parameters ? await presentFiles([parameters.sslrootcert, parameters.sslcert, parameters.sslkey]) : [];
  const ours = [...keys, ...files];
  const { sockets, network } = wayTo(parameters);
  const [command, ...rest] = await sandbox.command([program, ...args], {
    read: [...await installationOf(program), ...sockets, ...sandbox.lends ? [] : ours],
    lend: sandbox.lends ? ours : [],
    network,
  });
  return await run(command, rest, { env, signal, killSignal: sandbox.isInit ? "KILL" : "TERM" });
}

/** Sockets are files, but for abstract ones, which are the network's. */
function wayTo(parameters?: ConnectionParameters): { sockets: string[]; network: boolean } {
  if (!parameters) return { sockets: [], network: false };
  const { hosts, ports } = parameters;
  const sockets = hosts.flatMap((host, place) =>
    host.startsWith("/") ? [join(host, `.s.PGSQL.${ports[place] ?? ports[0]}`)] : []
  );
  return { sockets, network: sockets.length < hosts.length };
}

async function presentFiles(paths: (string | undefined)[]): Promise<string[]> {
  const present = await Promise.all(
    paths.map((path) => path ? Deno.stat(path).then(({ isFile }) => isFile ? [path] : [], () => []) : []),
  );
  return present.flat();
}
