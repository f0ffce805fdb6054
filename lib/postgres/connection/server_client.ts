import type { Socket } from "node:net";
import type { Sql } from "postgres";
import { type ConnectionParameters, describeServer, passwordFor } from "./connection_parameters.ts";
import { newDriver } from "./driver.ts";
import { poolerInBetween } from "./findings/reaching.ts";
import { type Encryption, openServerSocket } from "./server_socket.ts";
import { laterSettings, type SessionSettings, versionNumber } from "./session_settings.ts";
import { tlsOptions } from "./tls_options.ts";

/** How {@linkcode openClient} connects. */
interface ClientOptions {
  max: number;
  applicationName: string;
  settings: SessionSettings;
  encryption: Encryption;
  /** Given the socket of each session, past encryption and before the start-up. */
  onSocket?: (socket: Socket) => void;
  /** Aborting gives up at once; without effect once the client is returned. */
  signal?: AbortSignal;
}

/** A client that has run a query, and whether its server is a standby. */
interface Client {
  sql: Sql;
  isStandby: boolean;
}

type SocketOpener = (onOpened: (socket: Socket) => void) => Promise<Socket>;

/** Errors of a session that the server ended: transaction_timeout, idle_session_timeout, or without a word. */
const SESSION_LOST = new Set(["25P04", "57P05", "CONNECTION_CLOSED", "ECONNRESET", "EPIPE"]);

// libpq waits for ever; a tool that cron starts should not.
const DEFAULT_CONNECT_TIMEOUT_SECONDS = 30;

/**
 * Opens a client to one server and proves it with one query.
 *
 * @param parameters With one server.
 * @throws What the network, TLS or the server say, or the signal's reason; nothing stays open then.
 */
export async function openClient(parameters: ConnectionParameters, options: ClientOptions): Promise<Client> {
  const openSocket = await socketOpener(parameters, options.encryption);
  const versionSeen: { version?: number } = {};
  try {
    return await openProvenClient(parameters, options, openSocket, versionSeen);
  } catch (error) {
    // A database may have a time limit too short even for the query that lifts it. With the server's version known, the
    // session is started without.
    if (versionSeen.version === undefined || !SESSION_LOST.has((error as { code?: string }).code ?? "")) throw error;
    return await openProvenClient(parameters, options, openSocket, versionSeen);
  }
}

async function openProvenClient(
  parameters: ConnectionParameters,
  { signal, onSocket, ...options }: ClientOptions,
  openSocket: SocketOpener,
  versionSeen: { version?: number },
): Promise<Client> {
  signal?.throwIfAborted();
  const sockets = new Set<Socket>();
  let isGivenUp = false;
  const giveUp = () => {
    isGivenUp = true;
    for (const socket of sockets) socket.destroy(signal?.reason);
  };
  const sql = newDriver({
    ...options,
    user: parameters.user,
    password: passwordFor(parameters),
    database: parameters.database,
    serverOptions: parameters.options,
    serverVersion: versionSeen.version ?? 0,
    connectTimeoutSeconds: connectTimeout(parameters),
    keepaliveSeconds: parameters.keepaliveSeconds ?? 60,
    openSocket: () =>
      openSocket((socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        if (isGivenUp) giveUp();
      }).then((socket) => {
        onSocket?.(socket);
        return socket;
      }),
  });
  signal?.addEventListener("abort", giveUp);
  try {
    return { sql, isStandby: await prove(sql, options.settings, parameters) };
  } catch (error) {
    versionSeen.version = versionNumber(sql.parameters.server_version) || undefined;
    // Not left to `end`: it would wait for a server that has stopped answering.
    giveUp();
    await sql.end({ timeout: 0 });
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

function connectTimeout({ connectTimeoutSeconds }: ConnectionParameters): number {
  return connectTimeoutSeconds ?? DEFAULT_CONNECT_TIMEOUT_SECONDS;
}

/** Reads the certificates once, for every connection the client will make. */
async function socketOpener(
  parameters: ConnectionParameters,
  encryption: Encryption,
): Promise<SocketOpener> {
  const { hosts: [host], ports: [port], hostAddresses } = parameters;
  const tls = encryption === "none" ? undefined : await tlsOptions(parameters, host);
  const options = {
    host,
    hostAddress: hostAddresses?.[0],
    port,
    encryption,
    tls,
    directTls: parameters.sslnegotiation === "direct",
    timeoutSeconds: connectTimeout(parameters),
  };
  return (onOpened) => openServerSocket(options, onOpened);
}

/** Runs the first query; it also makes those settings which the first session could not be started with. */
async function prove(sql: Sql, settings: SessionSettings, parameters: ConnectionParameters): Promise<boolean> {
  const [{ is_standby, search_path }] = await sql<{ is_standby: boolean; search_path: string }[]>`
    SELECT pg_catalog.pg_is_in_recovery() AS is_standby, pg_catalog.current_setting('search_path') AS search_path, (
      SELECT pg_catalog.count(pg_catalog.set_config(later.key, later.value, false))
      FROM pg_catalog.json_each_text(${JSON.stringify(laterSettings(settings))}::text::json) AS later
      JOIN pg_catalog.pg_settings ON name = later.key
    )`;
  // Whoever leaves out the settings that a session is started with leaves out all of them.
  if (settings.search_path === undefined && search_path !== "") {
    throw poolerInBetween.error({ server: describeServer(parameters) });
  }
  return is_standby;
}
