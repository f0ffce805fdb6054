import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import postgres from "postgres";
import { failOnFatal } from "./fatal_messages.ts";
import { sessionOptions, type SessionSettings, versionNumber } from "./session_settings.ts";
import { isTracing, traced } from "../../system/trace.ts";

/** What {@linkcode newDriver} needs to know; nothing is read from the environment. */
interface DriverOptions {
  user: string;
  password: string | undefined;
  database: string;
  /** The operator's own command-line options for the server. */
  serverOptions: string | undefined;
  settings: SessionSettings;
  /** 0 as long as it is not known; the first session is then without the settings that only newer servers have. */
  serverVersion: number;
  applicationName: string;
  max: number;
  connectTimeoutSeconds: number;
  keepaliveSeconds: number;
  /** Makes a connection that is ready for the startup message. */
  openSocket(): Promise<Socket>;
}

const SENT_AT_ONCE_BYTES = 1024;

/**
 * Makes a postgres.js client that is not connected yet.
 *
 * - No type is fetched: arrays come as Postgres writes them, `{a,b}`, and cannot be given as parameters; use
 *   `IN ${sql(list)}`, or JSON.
 * - int8 and numeric come as strings, timestamps as Date (milliseconds only: cast to text where that matters).
 * - No statement is prepared by name, so none goes stale when tables change under it.
 * - No connection is ever closed for being old or idle.
 */
export function newDriver(options: DriverOptions): postgres.Sql {
  const { password, serverOptions, settings } = options;
  // Blanks make the startup message so long that postgres.js sends it without waiting for the next turn of the event
  // loop. It would else never send it, if its last session was cut between two such turns.
  const startupOptions = (version: number) =>
    sessionOptions(version, serverOptions, settings).padEnd(SENT_AT_ONCE_BYTES);
  const statements = traceStatements();
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
    debug: statements ? (_connection: number, statement: string) => statements.sent(statement) : false,
    fetch_types: false,
    types: { date: { to: 1184, from: [1082, 1114, 1184], serialize: String, parse: parsePointInTime } },
    publications: "unused",
    target_session_attrs: "primary",
    connection: { application_name: options.applicationName, options: startupOptions(options.serverVersion) },
    onnotice: () => {},
    onparameter(name: string, value: string) {
      if (name !== "server_version") return;
      // For every connection but the first.
      parsed.connection.options = startupOptions(versionNumber(value));
    },
    socket() {
      statements?.lost();
      return options.openSocket().then((socket) => failOnFatal(socket, statements?.answered), brokenSocket);
    },
  };
  // The types lack `socket`, and null where it means "never".
  const parsed = postgres(given as unknown as postgres.Options<Record<string, never>>).options;
  // postgres.js cannot be told "none": it would take PGTARGETSESSIONATTRS. What it has parsed it does not parse again.
  parsed.target_session_attrs = undefined;
  return postgres(parsed as unknown as postgres.Options<Record<string, never>>);
}

/** Without a zone a point in time counts as UTC, as the session's does; JavaScript would take it for the machine's own. */
export function parsePointInTime(text: string): Date {
  return new Date(/\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) && !/[+-]\d\d:\d\d$/.test(text) ? `${text}Z` : text);
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

/** Follows the statements of one client. */
interface TracedStatements {
  /** A statement was given to the server; its parameters stay untold. */
  sent(statement: string): void;
  /** The server is ready for the next one. */
  answered(): void;
  /** The session is gone; what was under way with it too. */
  lost(): void;
}

/** Tells of a client's statements under `--debug`; the server answers them in the order in which they were sent. */
function traceStatements(): TracedStatements | undefined {
  if (!isTracing()) return undefined;
  let underWay: ((outcome?: string) => void)[] = [];
  return {
    sent: (statement) => void underWay.push(traced("sql ", statement)),
    answered: () => underWay.shift()?.(),
    lost() {
      for (const end of underWay) end("session lost");
      underWay = [];
    },
  };
}
