import type { Socket } from "node:net";
import type { Sql } from "postgres";
import { type ConnectionParameters, passwordFor } from "./connection_parameters.ts";
import { newDriver } from "./driver.ts";
import { type Encryption, openServerSocket } from "./server_socket.ts";
import { laterSettings, type SessionSettings } from "./session_settings.ts";
import { tlsOptions } from "./tls_options.ts";

/** How {@linkcode openClient} connects. */
export interface ClientOptions {
  max: number;
  applicationName: string;
  settings: SessionSettings;
  encryption: Encryption;
  /** Aborting gives up at once; without effect once the client is returned. */
  signal?: AbortSignal;
}

// libpq waits for ever; a tool that cron starts should not.
const DEFAULT_CONNECT_TIMEOUT_SECONDS = 30;

/**
 * Opens a client to one server and proves it with one query.
 *
 * @param parameters With one server.
 * @returns The client, and whether the server is a standby.
 * @throws What the network, TLS or the server say, or the signal's reason; nothing stays open then.
 */
export async function openClient(
  parameters: ConnectionParameters,
  options: ClientOptions,
): Promise<{ sql: Sql; isStandby: boolean }> {
  const { settings, signal } = options;
  signal?.throwIfAborted();
  const openSocket = await socketOpener(parameters, options.encryption);
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
    connectTimeoutSeconds: connectTimeout(parameters),
    keepaliveSeconds: parameters.keepaliveSeconds ?? 60,
    openSocket: () =>
      openSocket((socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        if (isGivenUp) giveUp();
      }),
  });
  signal?.addEventListener("abort", giveUp);
  try {
    return { sql, isStandby: await prove(sql, settings) };
  } catch (error) {
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
): Promise<(onOpened: (socket: Socket) => void) => Promise<Socket>> {
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

const TRANSACTION_TIMEOUT = "25P04";
const IDLE_SESSION_TIMEOUT = "57P05";

/** Runs the first query; it also makes those settings which the first session could not be started with. */
async function prove(sql: Sql, settings: SessionSettings): Promise<boolean> {
  const proof = () =>
    sql<{ is_standby: boolean }[]>`
      SELECT pg_catalog.pg_is_in_recovery() AS is_standby, (
        SELECT pg_catalog.count(pg_catalog.set_config(later.key, later.value, false))
        FROM pg_catalog.json_each_text(${JSON.stringify(laterSettings(settings))}::text::json) AS later
        JOIN pg_catalog.pg_settings ON name = later.key
      )`;
  const [{ is_standby }] = await proof().catch((error) => {
    // A database may have a time limit too short for this very query. The version is known by now, so the next session
    // is started without it.
    if (error.code === TRANSACTION_TIMEOUT || error.code === IDLE_SESSION_TIMEOUT) return proof();
    throw error;
  });
  return is_standby;
}
