import { userInfo } from "node:os";
import { join } from "node:path";
import { registerName, registerSecret } from "../../system/redact.ts";
import { collectSettings, type ConnectionSettings } from "./connection_settings.ts";
import { noUserName } from "./findings/settings.ts";
import { homeDirectory } from "./home_directory.ts";
import { findPassword, type PasswordEntry, readPasswordFile } from "./passfile.ts";
import {
  isDefaultSocketDirectory,
  isSocketDirectory,
  resolveServerAddresses,
  type ServerAddresses,
} from "./server_addresses.ts";
import { refuseRevocationList, resolveTlsSettings, type TlsSettings } from "./tls_settings.ts";

const SESSION_ATTRIBUTES = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;

export type TargetSessionAttributes = typeof SESSION_ATTRIBUTES[number];

/** Everything needed to connect, as libpq would have resolved it. Paths are absolute. Holds the password: never print it. */
export interface ConnectionParameters extends ServerAddresses, TlsSettings {
  readonly user: string;
  readonly database: string;
  /** The password that was given; without one, {@linkcode passwordFor} looks into `passwordEntries`. */
  readonly password?: string;
  /** What the password file holds: which entry counts depends on host, database and user. */
  readonly passwordEntries?: readonly PasswordEntry[];
  /** Command-line options for the server: `-c app.tenant=x`. */
  readonly options?: string;
  readonly applicationName?: string;
  /** 0 waits for ever. */
  readonly connectTimeoutSeconds?: number;
  readonly targetSessionAttributes?: TargetSessionAttributes;
  /** The server's version, as `server_version_num`, once it was reached. */
  readonly serverVersion?: number;
  /** 0 sends no TCP keepalives. */
  readonly keepaliveSeconds?: number;
  /** Sentences for the operator: a password file that was ignored, a certificate that does not exist. */
  readonly warnings?: readonly string[];
}

/**
 * Resolves how to connect, so that what works with psql works here.
 *
 * In libpq's order: the connection string, its service, the PG* variables, then defaults. Of libpq's keywords, those
 * that ask for a protection our driver cannot give are refused; those without bearing on security (`gsslib`,
 * `sslcompression`, `tcp_user_timeout`, …) are accepted without effect.
 *
 * @param dbUrl A URL or keyword/value string.
 * @default {env.DATABASE_URL}
 * @param env The environment, of which nothing is read elsewhere.
 * @throws {OperatorError} BAD_DB_URL, BAD_CONNECTION_SETTING, CONNECTION_SETTING_UNSUPPORTED, SERVICE_NOT_FOUND,
 *   SERVICE_FILE_INVALID, TLS_FAILED.
 */
export async function resolveConnectionParameters(
  dbUrl: string | undefined,
  env: Record<string, string | undefined>,
): Promise<ConnectionParameters> {
  const settings = await collectSettings(dbUrl ?? (env.DATABASE_URL || undefined), env);
  const password = settings.get("password");
  registerSecret(password);
  settings.refuseUnsupported();

  const user = settings.get("user") ?? accountName();
  const database = settings.get("dbname") ?? user;
  const addresses = await resolveServerAddresses(settings);
  for (const name of [user, database, ...addresses.hosts]) registerName(name);
  const { tls, warnings } = await resolveTlsSettings(settings, env);
  if (!addresses.hosts.every(isSocketDirectory)) await refuseRevocationList(tls, env);
  const passwordFile = password ? undefined : await readPasswordFile(
    settings.path("passfile") ?? join(homeDirectory(env), ".pgpass"),
  );
  if (passwordFile?.warning) warnings.push(passwordFile.warning);

  return {
    ...addresses,
    ...tls,
    user,
    database,
    password,
    passwordEntries: passwordFile?.entries,
    options: settings.get("options"),
    applicationName: settings.get("application_name") ?? settings.get("fallback_application_name"),
    connectTimeoutSeconds: connectTimeout(settings),
    targetSessionAttributes: settings.choice("target_session_attrs", SESSION_ATTRIBUTES),
    keepaliveSeconds: settings.integer("keepalives") === 0 ? 0 : settings.integer("keepalives_idle") || undefined,
    warnings,
  };
}

function connectTimeout(settings: ConnectionSettings): number | undefined {
  const seconds = settings.integer("connect_timeout");
  // libpq takes 1 as 2 (it once counted whole seconds), and below 1 as for ever.
  return seconds === undefined ? undefined : seconds < 1 ? 0 : Math.max(seconds, 2);
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw noUserName.error(undefined, { cause });
  }
}

/** The same server and role, another database (whose password may be another one in the password file). */
export function withDatabase(parameters: ConnectionParameters, database: string): ConnectionParameters {
  registerName(database);
  return { ...parameters, database };
}

/** The same, with only one of the servers to try. */
export function withServer(parameters: ConnectionParameters, index: number): ConnectionParameters {
  const { hosts, hostAddresses, ports } = parameters;
  return {
    ...parameters,
    hosts: [hosts[index]],
    hostAddresses: hostAddresses && [hostAddresses[index]],
    ports: [ports[index]],
  };
}

/** The password for the first of the servers, which from now on is kept out of all output. */
export function passwordFor(parameters: ConnectionParameters): string | undefined {
  const { hosts: [host], ports: [port], database, user } = parameters;
  const password = parameters.password ?? findPassword(parameters.passwordEntries ?? [], {
    host: isDefaultSocketDirectory(host) ? "localhost" : host,
    port,
    database,
    user,
  });
  registerSecret(password);
  return password || undefined;
}

/** Where the server is, for people: `db1:5432`, `[::1]:5432`, `/var/run/postgresql:5432`; never user or password. */
export function describeServer({ hosts, ports }: ConnectionParameters): string {
  return hosts
    .map((host, index) => `${host.includes(":") && !isSocketDirectory(host) ? `[${host}]` : host}:${ports[index]}`)
    .join(", ");
}

/**
 * The environment in which libpq's programs connect to the same place as we do: `pg_dump`, `pg_restore`.
 *
 * Give them this and nothing else that begins with PG; an inherited PGSERVICE or PGHOSTADDR would come in between. With
 * several servers, narrow the parameters first to the one that answered: {@linkcode serverOf} in `connect.ts`.
 */
export function libpqEnvironment(parameters: ConnectionParameters): Record<string, string> {
  const { sslsni, connectTimeoutSeconds } = parameters;
  const variables: Record<string, string | undefined> = {
    PGHOST: parameters.hosts.join(","),
    PGHOSTADDR: parameters.hostAddresses?.join(","),
    PGPORT: parameters.ports.join(","),
    PGUSER: parameters.user,
    PGDATABASE: parameters.database,
    PGPASSWORD: passwordFor(parameters),
    PGSSLMODE: parameters.sslmode,
    PGSSLROOTCERT: parameters.sslrootcert,
    PGSSLCERT: parameters.sslcert,
    PGSSLKEY: parameters.sslkey,
    PGSSLNEGOTIATION: parameters.sslnegotiation,
    PGSSLSNI: sslsni === false ? "0" : undefined,
    PGSSLMINPROTOCOLVERSION: parameters.sslMinVersion,
    PGSSLMAXPROTOCOLVERSION: parameters.sslMaxVersion,
    // We never speak Kerberos; with it, pg_hba.conf might treat the program and us differently.
    PGGSSENCMODE: "disable",
    PGOPTIONS: parameters.options,
    PGAPPNAME: parameters.applicationName,
    PGCONNECT_TIMEOUT: connectTimeoutSeconds === undefined ? undefined : String(connectTimeoutSeconds),
    PGTARGETSESSIONATTRS: parameters.targetSessionAttributes,
  };
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
