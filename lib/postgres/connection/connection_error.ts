import { OperatorError } from "../../system/operator_error.ts";
import { redact } from "../../system/redact.ts";
import { type ConnectionParameters, describeServer, passwordFor } from "./connection_parameters.ts";
import { isSocketDirectory, socketPath } from "./server_addresses.ts";

/** What errors of the network, of TLS and of the server have in common. */
interface ConnectionFailure {
  code?: string;
  message?: string;
  /** The function of the server that raised it; unlike its message never translated. */
  routine?: string;
}

/** Code, sentence and advice; the sentence without its full stop. */
type Problem = [code: string, message: string, fix: string];

/**
 * Says in a sentence why a connection could not be made, and what to do.
 *
 * @param parameters With one server. Neither its password nor anything that looks like one is in the result.
 * @returns An error with one of the codes CANNOT_CONNECT, AUTHENTICATION_FAILED, DATABASE_MISSING,
 *   TOO_MANY_CONNECTIONS, TLS_FAILED.
 */
export function connectionProblem(error: unknown, parameters: ConnectionParameters): OperatorError {
  if (error instanceof OperatorError) return error;
  const failure = firstFailure(error);
  const [code, message, fix] = networkProblem(failure, parameters) ?? tlsProblem(failure, parameters) ??
    serverProblem(failure, parameters) ??
    [
      "CANNOT_CONNECT",
      `Cannot connect to Postgres at ${describeServer(parameters)}: ${redact(String(failure.message))}`,
      "Try the same parameters with psql.",
    ];
  const warnings = code === "AUTHENTICATION_FAILED" ? parameters.warnings?.join(" ") || undefined : undefined;
  return new OperatorError(code, `${message.replace(/\.$/, "")}.`, { fix, detail: warnings, cause: error });
}

/** Whether this error of {@linkcode connectionProblem}'s kind is about TLS, so that an unencrypted attempt may do. */
export function isTlsFailure(error: unknown): boolean {
  const { code = "" } = firstFailure(error);
  return /^(ERR_SSL|ERR_TLS|ERR_OSSL|TLS_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_)/
    .test(code);
}

/** A host name with several addresses fails once for each; all of them the same way, as a rule. */
function firstFailure(error: unknown): ConnectionFailure {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  return (first ?? {}) as ConnectionFailure;
}

function networkProblem({ code }: ConnectionFailure, parameters: ConnectionParameters): Problem | undefined {
  const { hosts: [host], ports: [port] } = parameters;
  const isSocket = isSocketDirectory(host);
  const cannot = (reason: string, fix: string): Problem => [
    "CANNOT_CONNECT",
    `Cannot reach Postgres at ${describeServer(parameters)}: ${reason}`,
    fix,
  ];
  const checkHost = "Check the host and port, and that a firewall lets this machine through.";
  switch (code) {
    case "ECONNREFUSED":
      return isSocket
        ? cannot("nobody listens on that socket", "Start the server; the socket is left from one that died.")
        : cannot("connection refused", "Start the server, or check host, port and its listen_addresses.");
    case "ENOENT":
      return cannot(
        `there is no socket ${socketPath(host, port)}`,
        "Start the server, or name its unix_socket_directories as the host, and its port.",
      );
    case "EACCES":
    case "EPERM":
      return cannot("this account may not connect to that", "Check the permissions of the socket and its directory.");
    case "ENOTFOUND":
      return cannot("there is no such host", "Check the host's name, and that this machine's DNS knows it.");
    case "EAI_AGAIN":
      return cannot("its name could not be looked up now", "Check this machine's DNS, then try again.");
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return cannot("there is no route to it", checkHost);
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return cannot("it does not answer", `${checkHost} PGCONNECT_TIMEOUT sets how many seconds to wait.`);
    case "ECONNRESET":
    case "EPIPE":
    case "CONNECTION_CLOSED":
    case "CONNECTION_DESTROYED":
    case "CONNECTION_ENDED":
      return cannot("the connection was cut", "See the server's log; then try again.");
  }
}

function tlsProblem(failure: ConnectionFailure, parameters: ConnectionParameters): Problem | undefined {
  if (!isTlsFailure(failure)) return undefined;
  const server = describeServer(parameters);
  const { sslmode, sslrootcert } = parameters;
  const root = sslrootcert ?? "the root certificate";
  switch (failure.code) {
    case "TLS_NOT_OFFERED":
      return [
        "TLS_FAILED",
        `Postgres at ${server} does not offer TLS, and sslmode=${sslmode} asks for it`,
        "Turn ssl on in its postgresql.conf, or set PGSSLMODE=prefer if the way there needs no encryption.",
      ];
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return [
        "TLS_FAILED",
        `The certificate of Postgres at ${server} is not for the host name ${parameters.hosts[0]}`,
        "Connect by a name that is in the certificate, or set PGSSLMODE=verify-ca if its signature is enough.",
      ];
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return [
        "TLS_FAILED",
        `The certificate of Postgres at ${server} ${
          failure.code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"
        }`,
        "Renew it, and check this machine's clock.",
      ];
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "CERT_SIGNATURE_FAILURE":
      return [
        "TLS_FAILED",
        `The certificate of Postgres at ${server} is not signed by ${root}`,
        "Name the certificate of the authority that signed it with PGSSLROOTCERT.",
      ];
    default:
      return [
        "TLS_FAILED",
        `TLS with Postgres at ${server} failed: ${redact(String(failure.message))}`,
        "Check the client certificate, if the server asks for one, and the TLS versions that both allow.",
      ];
  }
}

/** A pooler shares sessions between clients: neither settings nor a snapshot's locks are safe there. */
export function poolerProblem(server: string): Problem {
  return [
    "POOLER_IN_BETWEEN",
    `${server} is a connection pooler, such as PgBouncer, and no server: it does not keep a session's settings`,
    "Name the server itself, with its own host and port.",
  ];
}

function serverProblem(failure: ConnectionFailure, parameters: ConnectionParameters): Problem | undefined {
  const server = describeServer(parameters);
  const { user, database } = parameters;
  const says = redact(String(failure.message));
  switch (failure.code) {
    case "AUTHENTICATION_UNSUPPORTED":
      return [
        "AUTHENTICATION_FAILED",
        `Postgres at ${server} asks role "${user}" for Kerberos or another authentication that is not supported`,
        "Let pg_hba.conf ask this role for a password (scram-sha-256) or a client certificate.",
      ];
    case "28P01":
      return passwordFor(parameters) === undefined
        ? [
          "AUTHENTICATION_FAILED",
          `Postgres at ${server} asks for a password for role "${user}", and none was given`,
          "Set PGPASSWORD, or add a line to ~/.pgpass (mode 0600).",
        ]
        : [
          "AUTHENTICATION_FAILED",
          `Postgres at ${server} did not accept the password for role "${user}"`,
          "Check the password and the role's name; in a URL, percent-encode special characters.",
        ];
    case "28000":
      return [
        "AUTHENTICATION_FAILED",
        `Postgres at ${server} does not let role "${user}" in: ${says}`,
        failure.routine === "InitializeSessionUserId"
          ? "Create the role with LOGIN, or name another one."
          : "Name a role that the server's pg_hba.conf lets in from here, or change pg_hba.conf and reload the server.",
      ];
    case "3D000":
      return [
        "DATABASE_MISSING",
        `There is no database "${database}" on Postgres at ${server}`,
        "Create it, or name another one.",
      ];
    case "53300":
      return [
        "TOO_MANY_CONNECTIONS",
        `Postgres at ${server} has no connection left: ${says}`,
        "Close some, or raise max_connections (or the limit of the role or database).",
      ];
    case "57P03":
      return [
        "CANNOT_CONNECT",
        `Postgres at ${server} takes no connections yet: ${says}`,
        "Wait until it has started or recovered; see its log.",
      ];
    case "08P01": // PgBouncer refuses settings that it does not keep for each client
      if (!/startup parameter/.test(says)) return undefined;
      return poolerProblem(server);
    case "42501":
      return [
        "AUTHENTICATION_FAILED",
        `Postgres at ${server} does not let role "${user}" into database "${database}": ${says}`,
        "GRANT CONNECT ON DATABASE to the role, or name another one.",
      ];
  }
}
