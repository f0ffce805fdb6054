import { OperatorError } from "../../system/operator_error.ts";
import { redact } from "../../system/redact.ts";
import { type ConnectionParameters, describeServer, passwordFor } from "./connection_parameters.ts";
import {
  authenticationFailed,
  cannotConnect,
  databaseMissing,
  poolerInBetween,
  tooManyConnections,
  type Unreachable,
} from "./findings/reaching.ts";
import { tlsFailed } from "./findings/tls.ts";
import { isSocketDirectory, socketPath } from "./server_addresses.ts";

/** What errors of the network, of TLS and of the server have in common. */
interface ConnectionFailure {
  code?: string;
  message?: string;
  /** The function of the server that raised it; unlike its message never translated. */
  routine?: string;
}

/**
 * Says in a sentence why a connection could not be made, and what to do.
 *
 * @param parameters With one server. Neither its password nor anything that looks like one is in the result.
 * @returns An error with one of the codes CANNOT_CONNECT, AUTHENTICATION_FAILED, DATABASE_MISSING,
 *   TOO_MANY_CONNECTIONS, TLS_FAILED, POOLER_IN_BETWEEN.
 */
export function connectionProblem(error: unknown, parameters: ConnectionParameters): OperatorError {
  if (error instanceof OperatorError) return error;
  const failure = firstFailure(error);
  const server = describeServer(parameters);
  const said = redact(String(failure.message));
  const reason = whyUnreachable(failure, parameters);
  if (reason) return cannotConnect.unreachable.error({ server, reason }, { cause: error });
  if (isTlsFailure(failure)) return tlsProblem(failure, parameters, { server, said, cause: error });
  return serverProblem(failure, parameters, { server, said, cause: error }) ??
    cannotConnect.otherwise.error({ server, said }, { cause: error });
}

/** What each of the sentences needs. */
interface Told {
  server: string;
  /** What the other side said, redacted. */
  said: string;
  cause: unknown;
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

function whyUnreachable({ code }: ConnectionFailure, parameters: ConnectionParameters): Unreachable | undefined {
  const { hosts: [host], ports: [port] } = parameters;
  switch (code) {
    case "ECONNREFUSED":
      return isSocketDirectory(host) ? "dead socket" : "refused";
    case "ENOENT":
      return { socket: socketPath(host, port) };
    case "EACCES":
    case "EPERM":
      return "forbidden";
    case "ENOTFOUND":
      return "no such host";
    case "EAI_AGAIN":
      return "name not looked up";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no route";
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return "silent";
    case "ECONNRESET":
    case "EPIPE":
    case "CONNECTION_CLOSED":
    case "CONNECTION_DESTROYED":
    case "CONNECTION_ENDED":
      return "cut";
  }
}

function tlsProblem(
  { code }: ConnectionFailure,
  { sslmode, sslrootcert: root, hosts: [host] }: ConnectionParameters,
  { server, said, cause }: Told,
): OperatorError {
  switch (code) {
    case "TLS_NOT_OFFERED":
      return tlsFailed.notOffered.error({ server, sslmode }, { cause });
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return tlsFailed.anotherHost.error({ server, host }, { cause });
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return tlsFailed.notValidNow.error({ server, hasExpired: code === "CERT_HAS_EXPIRED" }, { cause });
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "CERT_SIGNATURE_FAILURE":
      return tlsFailed.notSigned.error({ server, root }, { cause });
    default:
      return tlsFailed.otherwise.error({ server, said }, { cause });
  }
}

function serverProblem(
  failure: ConnectionFailure,
  parameters: ConnectionParameters,
  { server, said, cause }: Told,
): OperatorError | undefined {
  const { user, database } = parameters;
  const role = { server, role: user, warnings: parameters.warnings?.join(" ") || undefined };
  switch (failure.code) {
    case "AUTHENTICATION_UNSUPPORTED":
      return authenticationFailed.unsupported.error(role, { cause });
    case "28P01":
      return passwordFor(parameters) === undefined
        ? authenticationFailed.passwordMissing.error(role, { cause })
        : authenticationFailed.passwordWrong.error(role, { cause });
    case "28000": {
      const mayLogIn = failure.routine !== "InitializeSessionUserId";
      return authenticationFailed.notLetIn.error({ ...role, said, mayLogIn }, { cause });
    }
    case "42501":
      return authenticationFailed.notLetIntoDatabase.error({ ...role, said, database }, { cause });
    case "3D000":
      return databaseMissing.error({ server, database }, { cause });
    case "53300":
      return tooManyConnections.error({ server, said }, { cause });
    case "57P03":
      return cannotConnect.notYet.error({ server, said }, { cause });
    case "08P01": // PgBouncer refuses settings that it does not keep for each client
      return /startup parameter/.test(said) ? poolerInBetween.error({ server }, { cause }) : undefined;
  }
}
