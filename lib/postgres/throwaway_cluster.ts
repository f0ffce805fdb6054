import { dirname, join } from "node:path";
import { type Account, startGuard } from "../system/child_process.ts";
import { OperatorError } from "../system/operator_error.ts";
import { cannotMake, newWorkspacePath, releaseGuard } from "../system/workspace.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { resolveConnectionParameters } from "./connection/connection_parameters.ts";
import throwawayScript from "./throwaway_cluster.sh" with { type: "text" };
import type { ServerTools } from "./tools.ts";

/** A Postgres server that this run made, and that goes when it is closed or when this process dies in any way. */
export interface ThrowawayCluster {
  /** Its database `postgres`, as superuser, over a Unix socket in a 0700 directory. */
  readonly parameters: ConnectionParameters;
  readonly directory: string;
  close(): Promise<void>;
  /** Leaves the server running when this process ends; returns the command that stops and removes it. */
  keep(): Promise<string>;
}

const superuser = "postgres";

/** Who runs the server, and how that account is called. */
export interface NamedAccount extends Account {
  name: string;
}

/**
 * Makes a throwaway cluster, starts its server and waits until it accepts connections.
 *
 * As root the server runs as the `postgres` account, else as `nobody`: Postgres refuses to run as root.
 *
 * @throws {OperatorError} `CANNOT_MAKE_DIRECTORY`, `INITDB_FAILED`, `SERVER_START_FAILED`.
 */
export async function makeThrowawayCluster(tools: ServerTools): Promise<ThrowawayCluster> {
  const directory = newWorkspacePath();
  const account = await serverAccount();
  const initdbOptions = [
    `--username=${superuser}`,
    "--auth=trust", // the socket's directory is 0700
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  const guard = startGuard(
    throwawayScript,
    ["throwaway", directory, tools.initdb, tools.postgres, ...initdbOptions],
    { account: account && { uid: account.uid, gid: account.gid } },
  );
  const close = () => releaseGuard(guard, directory);
  try {
    if (await guard.readLine() !== "made") throw cannotMake(directory, account);
    if (await guard.readLine() !== "initdb 0") {
      throw await startFailure("INITDB_FAILED", `${tools.initdb} could not make a cluster`, directory, "initdb.log");
    }
    if (await guard.readLine() !== "ready") {
      throw await startFailure("SERVER_START_FAILED", `${tools.postgres} did not start`, directory, "server.log");
    }
    const parameters = await resolveConnectionParameters(
      `postgresql://${superuser}@/postgres?host=${encodeURIComponent(directory)}&port=5432`,
      {},
    );
    const keep = async () => {
      await guard.abandon();
      const pgCtl = join(dirname(tools.postgres), "pg_ctl");
      const stop = `${pgCtl} stop -m immediate -D ${directory}/data && rm -rf ${directory}`;
      return account ? `su -s /bin/sh ${account.name} -c '${stop}'` : stop;
    };
    return { parameters, directory, close, keep };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** Why a cluster did not come up: the end of its log. */
async function startFailure(code: string, what: string, directory: string, logName: string): Promise<OperatorError> {
  const log = await Deno.readTextFile(join(directory, logName)).catch(() => "");
  return new OperatorError(code, `${what} in ${directory}.`, {
    fix: "See the detail; often the disk is full, or TMPDIR points where the server's account may not write.",
    detail: log.split("\n").slice(-20).join("\n").trim(),
  });
}

/** Who runs a server of ours: as root the `postgres` account, else `nobody`; otherwise ourselves. */
export async function serverAccount(): Promise<NamedAccount | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const accounts = new Map(
    (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) => line.split(":")).map(
      ([name, , uid, gid]) => [name, { name, uid: Number(uid), gid: Number(gid) }],
    ),
  );
  const account = accounts.get("postgres") ?? accounts.get("nobody");
  if (account) return account;
  throw new OperatorError(
    "NO_UNPRIVILEGED_ACCOUNT",
    "Postgres refuses to run as root, and neither the account postgres nor nobody exists.",
    { fix: "Run pgrehearse as an ordinary user." },
  );
}
