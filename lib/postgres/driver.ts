import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import postgres from "postgres";
import { failOnFatal } from "./fatal_messages.ts";
import { sessionOptions, type SessionSettings } from "./session_settings.ts";

/** What {@linkcode newDriver} needs to know; nothing is read from the environment. */
export interface DriverOptions {
  user: string;
  password: string | undefined;
  database: string;
  /** The operator's own command-line options for the server. */
  serverOptions: string | undefined;
  settings: SessionSettings;
  applicationName: string;
  max: number;
  connectTimeoutSeconds: number;
  keepaliveSeconds: number;
  /** Makes a connection that is ready for the startup message. */
  openSocket(): Promise<Socket>;
}

/**
 * Makes a postgres.js client that is not connected yet.
 *
 * - No type is fetched: arrays come as Postgres writes them, `{a,b}`.
 * - int8 and numeric come as strings, timestamps as Date (milliseconds only: cast to text where that matters).
 * - No statement is prepared by name, so none goes stale when tables change under it.
 * - No connection is ever closed for being old or idle.
 */
export function newDriver(options: DriverOptions): postgres.Sql {
  const { password, serverOptions, settings } = options;
  const given = {
    host: "unused",
    port: 1,
    user: options.user,
    // A function, because postgres.js takes an empty password for none and looks for PGPASSWORD.
    password: () => password ?? "",
    database: options.database,
    max: options.max,
    ssl: false,
    sslnegotiation: null,
    idle_timeout: null,
    max_lifetime: null,
    connect_timeout: options.connectTimeoutSeconds,
    keep_alive: options.keepaliveSeconds,
    backoff: false,
    max_pipeline: 100,
    prepare: false,
    debug: false,
    fetch_types: false,
    publications: "unused",
    target_session_attrs: "primary",
    connection: { application_name: options.applicationName, options: sessionOptions(0, serverOptions, settings) },
    onnotice: () => {},
    onparameter(name: string, value: string) {
      if (name !== "server_version") return;
      // For every connection but the first.
      parsed.connection.options = sessionOptions(parseInt(value), serverOptions, settings);
    },
    socket: () => options.openSocket().then(failOnFatal, brokenSocket),
  };
  // The types lack `socket`, and null where it means "never".
  const parsed = postgres(given as unknown as postgres.Options<Record<string, never>>).options;
  // postgres.js cannot be told "none": it would take PGTARGETSESSIONATTRS. What it has parsed it does not parse again.
  parsed.target_session_attrs = undefined;
  return postgres(parsed as unknown as postgres.Options<Record<string, never>>);
}

/**
 * A socket that fails when it is first written to.
 *
 * postgres.js forgets a connection whose socket cannot be made, and the next query on it would wait for ever; from a
 * socket that fails it recovers.
 */
function brokenSocket(error: Error): Duplex {
  return new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(error),
  });
}
