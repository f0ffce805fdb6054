import { basename } from "node:path";
import { dumpTruncated } from "../../system/findings.ts";
import { dumpWithoutDefinitions } from "../findings/dumps.ts";
import { dumpConnectsElsewhere, dumpGlobalsOnly, dumpReachesOut } from "./findings.ts";
import { databaseConnectedTo } from "./psql_commands.ts";
import { roleMadeBy, rolesInStatement, unquoted } from "./roles_in_sql.ts";
import type { SqlPart, SqlStatement } from "./sql_part.ts";
import { makeSqlReader } from "./sql_reader.ts";

/** What a plain dump is and needs, read before anything of it is run. */
export interface SqlDumpSurvey {
  /** Databases that it goes on in, in order: of pg_dumpall, or of `pg_dump --create`. */
  databases: string[];
  /** The first statement that is about the whole server: a role, a database, a tablespace, a setting. */
  reachesOut?: { text: string; line: number };
  /** The first command that makes it go on in a database. */
  connects?: { text: string; line: number };
  /** Roles that it makes objects as, with SET SESSION AUTHORIZATION. */
  sessionRoles: string[];
  /** Roles that it names before it makes them, if it ever does. */
  roles: string[];
  /** Whether it is of a whole server, as pg_dumpall writes it. */
  isOfServer: boolean;
  /** Roles that it makes. */
  made: string[];
  /** Tablespaces that it would make, as it names them. */
  tablespaces: string[];
  /** As `SET client_encoding` names it, if it does so for all of the dump. */
  encoding?: string;
  /** What pg_dump said into it. */
  message?: string;
  /** Major version of the pg_dump that wrote it. */
  dumpMajor?: number;
}

export interface SqlDumpSource {
  /** Reads the dump from its beginning. */
  read: () => AsyncIterable<Uint8Array>;
  /** As the operator named it. */
  path: string;
}

/** Takes a plain dump apart. */
export async function* sqlPartsOf({ read }: Pick<SqlDumpSource, "read">): AsyncGenerator<SqlPart, string | undefined> {
  const reader = makeSqlReader();
  for await (const bytes of read()) yield* reader.read(bytes, false);
  yield* reader.read(new Uint8Array(), true);
  return reader.isWithin();
}

const ofPgDump = /^-- PostgreSQL database (cluster )?dump( complete)?$/;
const ofServer = /^(?:(?:CREATE|ALTER|DROP) (?:ROLE|USER(?! MAPPING)|GROUP|DATABASE|TABLESPACE)\b|ALTER SYSTEM\b)/i;
const makesObject =
  /^CREATE (?!(?:UNIQUE )?INDEX|(?:CONSTRAINT )?TRIGGER|EVENT TRIGGER|RULE|POLICY|PUBLICATION|SUBSCRIPTION|STATISTICS|ROLE|USER|GROUP|TABLESPACE)/i;
const holdsRows = /^(?:INSERT INTO|COPY)\b/i;
const completesTable = /^(?:CREATE (?:UNIQUE INDEX|INDEX|TRIGGER)\b|ALTER TABLE .* ADD CONSTRAINT )/i;

/**
 * Reads a plain dump to its end, and says what it needs.
 *
 * @throws {OperatorError} `DUMP_RUNS_COMMANDS`, `DUMP_CONNECTS_ELSEWHERE`, `DUMP_TRUNCATED`, `DUMP_WITHOUT_DEFINITIONS`,
 *   `DUMP_GLOBALS_ONLY`, `DUMP_UNREADABLE`.
 */
export async function surveySqlDump(source: SqlDumpSource): Promise<SqlDumpSurvey> {
  const file = basename(source.path);
  const databases: string[] = [];
  const needed = new Set<string>();
  const tablespaces: string[] = [];
  const made = new Set<string>();
  const encodings = new Set<string>();
  const kinds = { objects: 0, rows: 0, completing: 0, roles: 0 };
  let open = 0;
  let isOfPgDump = false;
  let isOfCluster = false;
  let reachesOut: SqlDumpSurvey["reachesOut"];
  let connects: SqlDumpSurvey["connects"];
  let dumpMajor: number | undefined;
  let message: string | undefined;
  const sessionRoles = new Set<string>();

  function note({ text, line }: SqlStatement): void {
    for (const role of rolesInStatement(text)) if (!made.has(role)) needed.add(role);
    const tablespace = /^CREATE TABLESPACE ("(?:[^"]|"")+"|[^ ]+) /i.exec(text)?.[1];
    if (tablespace !== undefined) tablespaces.push(unquoted(tablespace));
    if (/^SET (?:SESSION |LOCAL )?SESSION AUTHORIZATION/i.test(text)) {
      for (const role of rolesInStatement(text)) sessionRoles.add(role);
    }
    const role = roleMadeBy(text);
    if (role !== undefined) made.add(role);
    if (role !== undefined) kinds.roles++;
    if (ofServer.test(text)) reachesOut ??= { text, line };
    if (makesObject.test(text) || /\blo_(?:create|from_bytea)\(/i.test(text)) kinds.objects++;
    else if (holdsRows.test(text)) kinds.rows++;
    else if (completesTable.test(text)) kinds.completing++;
    const encoding = /^SET client_encoding ?(?:=|TO) ?'?([\w-]+)'?$/i.exec(text)?.[1];
    if (encoding) encodings.add(encoding.toUpperCase());
  }

  const parts = sqlPartsOf(source);
  let next: IteratorResult<SqlPart, string | undefined>;
  while (!(next = await parts.next()).done) {
    const part = next.value;
    if (part.kind === "statement") note(part);
    else if (part.kind === "command") {
      const database = databaseConnectedTo(part, file);
      if (database === undefined) continue;
      databases.push(database);
      connects ??= part;
    } else if (part.kind === "message") message ??= part.text;
    else if (part.kind === "comment") {
      const mark = ofPgDump.exec(part.text.trimEnd());
      if (mark) {
        isOfPgDump = true;
        if (mark[1]) isOfCluster = true;
        open += mark[2] ? -1 : 1;
      }
      const major = /^-- Dumped by pg_dump version (\d+)/.exec(part.text)?.[1];
      if (major) dumpMajor = Math.max(dumpMajor ?? 0, Number(major));
    }
  }
  const within = next.value;
  if (within !== undefined) throw dumpTruncated.sql.error({ file, how: `it ends within ${within}` });
  if (isOfPgDump && open > 0) throw dumpTruncated.sql.error({ file, how: "it lacks the line that pg_dump ends with" });
  if (kinds.objects === 0 && databases.length === 0) {
    if ((kinds.roles > 0 || isOfCluster) && kinds.rows === 0) throw dumpGlobalsOnly.error({ file });
    if (kinds.rows > 0) throw dumpWithoutDefinitions.error({ path: file, what: "rows (pg_dump --data-only)" });
    if (kinds.completing > 0) {
      throw dumpWithoutDefinitions.error({ path: file, what: "indexes and constraints (pg_dump --section=post-data)" });
    }
  }
  return {
    databases,
    reachesOut,
    connects,
    message,
    sessionRoles: [...sessionRoles],
    roles: [...needed],
    isOfServer: isOfCluster || made.size > 0 && databases.length > 0,
    made: [...made],
    tablespaces,
    encoding: encodings.size === 1 ? [...encodings][0] : undefined,
    dumpMajor,
  };
}

/** Refuses, on somebody's server, what would reach beyond the scratch database. */
export function requireOneDatabase({ connects, reachesOut }: SqlDumpSurvey, path: string): void {
  const file = basename(path);
  if (connects) throw dumpConnectsElsewhere.error({ file, ...connects });
  if (reachesOut) throw dumpReachesOut.error({ file, line: reachesOut.line, text: reachesOut.text.slice(0, 60) });
}
