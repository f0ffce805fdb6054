import type { Socket } from "node:net";
import type postgres from "postgres";
import { is } from "../../system/define_finding.ts";
import type { OperatorError } from "../../system/operator_error.ts";
import { connectionProblem, isTlsFailure } from "./connection_error.ts";
import {
  type ConnectionParameters,
  describeServer,
  type TargetSessionAttributes,
  withServer,
} from "./connection_parameters.ts";
import { cannotConnect } from "./findings/reaching.ts";
import { isSocketDirectory } from "./server_addresses.ts";
import { openClient } from "./server_client.ts";
import type { Encryption } from "./server_socket.ts";
import { type SessionSettings, versionNumber } from "./session_settings.ts";

export type Sql = postgres.Sql;

/** How {@linkcode connect} connects. */
export interface ConnectOptions {
  /**
   * How many connections at most; each is opened when it is first needed.
   * @default {1}
   */
  max?: number;
  /** @default {"pgrehearse"} or what PGAPPNAME says. */
  applicationName?: string;
  /** Server settings of every session besides or in place of the neutral ones; null leaves the database's own. */
  settings?: SessionSettings;
  /** Given the socket of each session, past encryption and before the start-up. */
  onSocket?: (socket: Socket) => void;
  /** Aborting gives up at once; without effect after the connection is open. */
  signal?: AbortSignal;
}

const reached = new WeakMap<Sql, ConnectionParameters>();

/**
 * Connects to Postgres, and proves it with one query.
 *
 * Several servers are tried in order, as libpq does. Every session, also one after a reconnection, has neutral settings:
 * empty search_path, no time limits, UTC, … (`session_settings.ts`), whatever `ALTER ROLE` or `ALTER DATABASE` say.
 *
 * postgres.js opens a new session by itself for the first query after the old one was cut: what hung on the session
 * (a transaction, an advisory lock, a snapshot) is then gone.
 *
 * @returns A postgres.js client; close it with `end({ timeout: 5 })`. How it gives values: `driver.ts`.
 * @throws {OperatorError} As {@linkcode connectionProblem}.
 */
export async function connect(parameters: ConnectionParameters, options: ConnectOptions = {}): Promise<Sql> {
  const problems: OperatorError[] = [];
  for (const wanted of passes(parameters.targetSessionAttributes ?? "any")) {
    for (const index of parameters.hosts.keys()) {
      const server = withServer(parameters, index);
      try {
        const { sql, isStandby } = await openEncrypted(server, options);
        if (wanted === "any" || isStandby === (wanted === "standby")) {
          const serverVersion = versionNumber(sql.parameters.server_version);
          reached.set(sql, { ...server, serverVersion, targetSessionAttributes: undefined });
          return sql;
        }
        await sql.end({ timeout: 5 });
        throw cannotConnect.anotherRole.error({ server: describeServer(server), wanted });
      } catch (error) {
        options.signal?.throwIfAborted();
        // Whatever the network, TLS or the server say has a code; anything else is our own mistake.
        if (typeof (error as { code?: unknown }).code !== "string") throw error;
        const problem = connectionProblem(error, server);
        problems.push(problem);
        // A server that answers and refuses ends the search, as in libpq.
        if (!is(problem, cannotConnect)) throw problem;
      }
    }
  }
  throw summary(problems, parameters);
}

/** Works in a separate session, which ends with the work. */
export async function withSession<T>(
  parameters: ConnectionParameters,
  options: ConnectOptions,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const sql = await connect(parameters, options);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** The server that a client of {@linkcode connect} reached: what pg_dump needs to reach the same one. */
export function serverOf(sql: Sql): ConnectionParameters {
  const parameters = reached.get(sql);
  if (!parameters) throw new Error("serverOf() takes a client that connect() returned");
  return parameters;
}

type Role = "any" | "primary" | "standby";

/** Which servers will do, in order of preference. Our sessions may always write, so `read-write` means primary. */
function passes(wanted: TargetSessionAttributes): Role[] {
  switch (wanted) {
    case "any":
      return ["any"];
    case "primary":
    case "read-write":
      return ["primary"];
    case "standby":
    case "read-only":
      return ["standby"];
    case "prefer-standby":
      return ["standby", "any"];
  }
}

/** Connects as sslmode says: `allow` and `prefer` have a second way. */
async function openEncrypted(server: ConnectionParameters, options: ConnectOptions) {
  const [first, second] = encryptions(server);
  const open = (encryption: Encryption) =>
    openClient(server, {
      encryption,
      max: options.max ?? 1,
      applicationName: options.applicationName ?? server.applicationName ?? "pgrehearse",
      settings: options.settings ?? {},
      onSocket: options.onSocket,
      signal: options.signal,
    });
  try {
    return await open(first);
  } catch (error) {
    const refused = (error as { code?: string }).code === "28000"; // pg_hba.conf may want it the other way
    if (second === undefined || !(refused || isTlsFailure(error))) throw error;
    return await open(second).catch(() => {
      throw error;
    });
  }
}

function encryptions({ hosts: [host], sslmode }: ConnectionParameters): Encryption[] {
  if (isSocketDirectory(host) || sslmode === "disable") return ["none"];
  if (sslmode === "allow") return ["none", "required"];
  if (sslmode === "prefer") return ["offered", "none"];
  return ["required"];
}

function summary(problems: OperatorError[], parameters: ConnectionParameters): OperatorError {
  if (problems.length === 1) return problems[0];
  const said = [...new Set(problems.map(({ message }) => message))];
  return cannotConnect.noneReachable.error(
    { servers: describeServer(parameters), fix: problems[0].fix, said },
    { cause: new AggregateError(problems) },
  );
}
