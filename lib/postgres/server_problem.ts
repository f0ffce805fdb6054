import type postgres from "postgres";
import { OperatorError } from "../system/operator_error.ts";

/** SQLSTATEs, the driver's own codes, and those of the way there: it connects again by itself, and may fail at that. */
const connectionCut =
  /^(08|57P0|CONNECTION_|E(CONN(RESET|REFUSED|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN)$)/;

const outOfMemory = "53200";
/** The server's sources that fill the lock table; the SQLSTATE is that of every other lack of memory, too. */
const lockTables = new Set(["lock.c", "predicate.c"]);

/** Every transaction shares one lock table, so it may be our session that finds no room in it, or pg_dump's. */
export function outOfLocks(detail?: string, cause?: unknown): OperatorError {
  return new OperatorError("SERVER_OUT_OF_LOCKS", "The server's lock table has no room for a lock on every table.", {
    fix: "Raise max_locks_per_transaction on the server (ALTER SYSTEM, then restart it): " +
      "times max_connections it must exceed the number of tables, indexes and sequences.",
    detail,
    cause,
  });
}

/**
 * Says in a sentence what went wrong with a query, and what to do.
 *
 * @returns `undefined` if the error came neither from the server nor from the way there.
 */
export function serverProblem(error: unknown): OperatorError | undefined {
  const { code, message } = error as { code?: unknown; message: string };
  if (typeof code !== "string" || error instanceof OperatorError) return undefined;
  if (connectionCut.test(code)) {
    return new OperatorError("CONNECTION_LOST", `The connection to the server was lost: ${message}.`, {
      fix: "See the server's log; then run it again.",
      cause: error,
    });
  }
  if ((error as Error).name !== "PostgresError") return undefined; // by name: the driver is loaded late
  const { detail, hint, where, file } = error as postgres.PostgresError;
  if (code === outOfMemory && lockTables.has(file)) return outOfLocks(hint && `HINT:  ${hint}`, error);
  const [name, fix] = advise(code);
  return new OperatorError(name, `The server refused: ${message} (SQLSTATE ${code}).`, {
    fix,
    // As psql says it, so that redaction knows what may quote rows.
    detail: [detail && `DETAIL:  ${detail}`, hint && `HINT:  ${hint}`, where && `CONTEXT:  ${where}`]
      .filter(Boolean).join("\n") || undefined,
    cause: error,
  });
}

/** By SQLSTATE; PostgreSQL documentation, appendix A. */
function advise(sqlstate: string): [name: string, fix: string] {
  if (sqlstate === "22021") {
    return [
      "TEXT_NOT_UTF8",
      "A name, comment or default in this SQL_ASCII database is not UTF-8, which the manifest must be: rename it, or " +
      "convert the database to an encoding that says what its bytes mean.",
    ];
  }
  if (sqlstate === "XX001" || sqlstate === "XX002") {
    return [
      "DATA_CORRUPTED",
      "The database's own files are damaged, and no backup of it is whole. Copy the data directory before anything else, " +
      "look at the disk, and restore the newest backup that passed a drill.",
    ];
  }
  if (sqlstate === "42501") return ["PERMISSION_DENIED", "Use a role that may do this, or grant it."];
  if (sqlstate === "53100") return ["SERVER_DISK_FULL", "Make room on the server's disk."];
  if (sqlstate.startsWith("53")) return ["SERVER_OUT_OF_RESOURCES", "Give the server more of what it lacks."];
  if (sqlstate === "55P03") return ["LOCK_TIMEOUT", "See who holds the lock in pg_locks, and try again later."];
  if (sqlstate === "57014") return ["QUERY_CANCELED", "See who cancelled it in the server's log, and run it again."];
  return ["QUERY_FAILED", "The server's log may say more; if the query is one of ours, please report it."];
}
