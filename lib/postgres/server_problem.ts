import type postgres from "postgres";
import { OperatorError } from "../system/operator_error.ts";
import {
  connectionLost,
  dataCorrupted,
  lockTimeout,
  permissionDenied,
  queryCanceled,
  queryFailed,
  serverDiskFull,
  serverOutOfLocks,
  serverOutOfResources,
  textNotUtf8,
} from "./findings/servers.ts";

/** SQLSTATEs, the driver's own codes, and those of the way there: it connects again by itself, and may fail at that. */
const connectionCut =
  /^(08|57P0|CONNECTION_|E(CONN(RESET|REFUSED|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN)$)/;

const outOfMemory = "53200";
/** The server's sources that fill the lock table; the SQLSTATE is that of every other lack of memory, too. */
const lockTables = new Set(["lock.c", "predicate.c"]);

/**
 * Says in a sentence what went wrong with a query, and what to do.
 *
 * @returns `undefined` if the error came neither from the server nor from the way there.
 */
export function serverProblem(error: unknown): OperatorError | undefined {
  const { code, message } = error as { code?: unknown; message: string };
  if (typeof code !== "string" || error instanceof OperatorError) return undefined;
  if (connectionCut.test(code)) return connectionLost.here.error({ said: message }, { cause: error });
  if ((error as Error).name !== "PostgresError") return undefined; // by name: the driver is loaded late
  const { detail, hint, where, file } = error as postgres.PostgresError;
  // Every transaction shares one lock table, so it may be our session that finds no room in it, or pg_dump's.
  if (code === outOfMemory && lockTables.has(file)) {
    return serverOutOfLocks.error({ said: hint && `HINT:  ${hint}` }, { cause: error });
  }
  // As psql says it, so that redaction knows what may quote rows.
  const more = [detail && `DETAIL:  ${detail}`, hint && `HINT:  ${hint}`, where && `CONTEXT:  ${where}`]
    .filter(Boolean).join("\n") || undefined;
  return findingFor(code).error({ said: message, sqlstate: code, more }, { cause: error });
}

/** By SQLSTATE; PostgreSQL documentation, appendix A. */
function findingFor(sqlstate: string) {
  if (sqlstate === "22021") return textNotUtf8;
  if (sqlstate === "XX001" || sqlstate === "XX002") return dataCorrupted;
  if (sqlstate === "42501") return permissionDenied.refused;
  if (sqlstate === "53100") return serverDiskFull.refused;
  if (sqlstate.startsWith("53")) return serverOutOfResources.refused;
  if (sqlstate === "55P03") return lockTimeout.somewhere;
  if (sqlstate === "57014") return queryCanceled.refused;
  return queryFailed.refused;
}
