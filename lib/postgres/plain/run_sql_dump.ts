import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { dumpTruncated, dumpUnreadable } from "../../system/findings.ts";
import { connectionLost } from "../findings/servers.ts";
import { redact } from "../../system/redact.ts";
import { type ConnectionParameters, withDatabase } from "../connection/connection_parameters.ts";
import { type DatabaseMade, databaseMadeBy } from "./database_made.ts";
import { databaseConnectedTo } from "./psql_commands.ts";
import { unquoted } from "./roles_in_sql.ts";
import type { ServerMessage } from "./server_messages.ts";
import { type CopyInProgress, openSqlSession, type SqlAnswer, type SqlSession } from "./sql_session.ts";
import type { SqlStatement } from "./sql_part.ts";
import { type SqlDumpSource, sqlPartsOf } from "./survey_sql_dump.ts";
import { withoutLogin } from "./harmless_roles.ts";
import { schemaMadeBy, schemaNeeded } from "./schema_needed.ts";
import { isHarmless, isLeftOut } from "./tolerated.ts";

/** What came of a plain dump. */
interface SqlDumpResult {
  /** 0, or 1 if a statement failed. */
  status: number;
  /** What the server said, as psql would print it: `FILE:LINE: ERROR:  message`. */
  stderr: string;
  errors: (ServerMessage & { line: number })[];
  /** How many rows each COPY brought, by table as the dump names it. */
  copied: { database: string; table: string; rows: number }[];
  /** Databases that it went on in. */
  databases: string[];
}

/** A server that is all the dump's. */
interface OwnCluster {
  superuser: string;
  /** Whether the dump is of a whole server, whose tablespaces are left out. */
  holdsServer: boolean;
  /** Makes a database as the dump wants it, or as near as the host can. Throws what the server says. */
  makeDatabase(made: DatabaseMade, from: ConnectionParameters): Promise<void>;
}

/** How many statements are under way at most: each costs a round trip otherwise. */
const mostUnderWay = 100;
const mostUnderWayBytes = 1024 * 1024;
const alwaysThere = ["public", "pg_catalog", "information_schema"];
const longestSaid = 256 * 1024;

/**
 * Runs a plain dump as psql would, statement by statement, and goes on after an error.
 *
 * There is no psql: nothing here knows its commands, so that no dump has any obeyed. A COPY that fails takes its rows
 * with it, which psql would take for statements.
 *
 * @param cluster Given where the server is all the dump's: it may make databases and go on in them.
 * @throws {OperatorError} `CONNECTION_LOST`, `DUMP_CONNECTS_ELSEWHERE`, and what `surveySqlDump` throws.
 */
export async function runSqlDump(
  parameters: ConnectionParameters,
  source: SqlDumpSource,
  { signal, cluster }: { signal?: AbortSignal; cluster?: OwnCluster },
): Promise<SqlDumpResult> {
  const file = basename(source.path);
  const result: SqlDumpResult = { status: 0, stderr: "", errors: [], copied: [], databases: [] };
  const underWay = new Set<Promise<void>>();
  let underWayBytes = 0;
  let failure: unknown;
  let database = parameters.database;
  let schemas = new Set(alwaysThere);
  let session: SqlSession | undefined = await open(parameters);

  function open(to: ConnectionParameters): Promise<SqlSession> {
    return openSqlSession(to, {
      signal,
      onNotice: (notice, line) => say(line, notice),
    });
  }

  function say(line: number, { severity, message, detail, hint, context }: ServerMessage): void {
    if (line === 0 || result.stderr.length > longestSaid) return; // a statement of ours
    result.stderr += redact(
      `${file}:${line}: ${severity}:  ${message}\n` +
        (detail ? `DETAIL:  ${detail}\n` : "") + (hint ? `HINT:  ${hint}\n` : "") +
        (context ? `CONTEXT:  ${context}\n` : ""),
    );
  }

  function take({ text, line, isCopy, standardStrings }: SqlStatement, { error, tag, ...after }: SqlAnswer): void {
    if (error && isHarmless(text, error, cluster?.superuser)) {
      say(line, { ...error, severity: "NOTICE", detail: undefined, hint: undefined, context: undefined });
    } else if (error) {
      result.status = 1;
      if (result.errors.length < 1000) result.errors.push({ ...error, line });
      say(line, error);
      if (error.severity === "FATAL" || error.severity === "PANIC") {
        throw connectionLost.inDump.error({ file, line, said: error.message });
      }
    } else if (isCopy) {
      const table = /^COPY (?:BINARY )?([^ (]+(?: ?\. ?[^ (]+)?)/i.exec(text)?.[1] ?? "";
      result.copied.push({
        database,
        table: unquotedPath(table),
        rows: Number(/^COPY (\d+)/.exec(tag ?? "")?.[1] ?? 0),
      });
    }
    // A function that changes this setting behind our back would have the rest of the dump misread.
    if (after.standardStrings === standardStrings) return;
    throw dumpUnreadable.stringsChanged.error({ file, line });
  }

  async function settle(): Promise<void> {
    await Promise.all(underWay);
    if (failure !== undefined) throw failure;
  }

  try {
    let copying: { statement: SqlStatement; progress?: CopyInProgress } | undefined;
    const endCopy = async () => {
      if (copying?.progress) take(copying.statement, await copying.progress.end());
      copying = undefined;
    };
    for await (const part of sqlPartsOf(source)) {
      signal?.throwIfAborted();
      if (failure !== undefined) throw failure;
      if (part.kind === "data") await copying?.progress?.write(part.bytes);
      else if (part.kind === "data_end") await endCopy();
      else if (part.kind === "command") {
        const next = databaseConnectedTo(part, file);
        if (next === undefined) continue;
        await settle();
        if (!cluster) throw new Error("requireOneDatabase() was to refuse this");
        await session.close();
        session = undefined;
        database = next;
        schemas = new Set(alwaysThere);
        if (!result.databases.includes(next)) result.databases.push(next);
        session = await open(withDatabase(parameters, next));
      } else if (part.kind === "statement" && !isLeftOut(part.text, cluster)) {
        const makesDatabase = cluster && databaseMadeBy(part.text);
        if (makesDatabase) {
          await settle();
          await cluster.makeDatabase(makesDatabase, withDatabase(parameters, database)).catch((error) => {
            if (error.name !== "PostgresError") throw error;
            const { code, message, detail } = error;
            const answer = { standardStrings: part.standardStrings };
            take(part, { ...answer, error: { severity: "ERROR", sqlstate: code, message, detail } });
          });
          continue;
        }
        const made = schemaMadeBy(part.text);
        const needed = made ?? schemaNeeded(part.text);
        if (needed !== undefined && !schemas.has(needed)) {
          schemas.add(needed);
          // It may be there by now, of an extension; whatever else is wrong the statement itself will say.
          if (made === undefined) void session.send(makeSchema(needed), 0).catch(() => {});
        }
        if (part.isCopy) {
          await settle();
          const answer = await session.copy(part.bytes, part.line);
          if ("write" in answer) copying = { statement: part, progress: answer };
          else {
            take(part, answer);
            copying = { statement: part };
          }
          continue;
        }
        const role = cluster && withoutLogin(part);
        underWayBytes += part.bytes.length;
        const done = session.send(role?.statement ?? part.bytes, part.line).then((answer) => take(part, answer)).catch(
          (error) => {
            failure ??= error;
          },
        ).finally(() => {
          underWay.delete(done);
          underWayBytes -= part.bytes.length;
        });
        underWay.add(done);
        // As a superuser it read and wrote what others own, also where it refreshes what is its own.
        if (role?.wouldBeSuperuser) void session.send(likeSuperuser(role.wouldBeSuperuser), 0).catch(() => {});
        // What changes how the next statement is read, or waits for others, is waited for.
        const isBarrier = /standard_conforming_strings|DATABASE/i.test(part.text);
        if (isBarrier || underWay.size >= mostUnderWay || underWayBytes > mostUnderWayBytes) await settle();
        else await session.hasRoom();
      }
    }
    await settle();
    await endCopy();
    if (session.isInTransaction()) throw dumpTruncated.openTransaction.error({ file });
    return result;
  } finally {
    await session?.close();
  }
}

function makeSchema(name: string): Uint8Array {
  return Buffer.from(`CREATE SCHEMA IF NOT EXISTS ${name}`, "latin1");
}

/** Before PostgreSQL 14 there are no such roles, and no more can be done. */
function likeSuperuser(role: string): Uint8Array {
  return Buffer.from(`ALTER ROLE ${role} BYPASSRLS; GRANT pg_read_all_data, pg_write_all_data TO ${role}`, "latin1");
}

function unquotedPath(table: string): string {
  return (table.match(/"(?:[^"]|"")+"|[^".]+/g) ?? []).map((part) => unquoted(part.trim())).join(".");
}
