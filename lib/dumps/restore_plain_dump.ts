import { basename } from "node:path";
import { connect } from "../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../postgres/connection/connection_parameters.ts";
import { makeDatabaseLike, makeDatabaseOfBytes, makeNeutralDatabase } from "../postgres/like_database.ts";
import type { DatabaseMade } from "../postgres/plain/database_made.ts";
import { readDumpText } from "../postgres/plain/dump_text.ts";
import { runSqlDump } from "../postgres/plain/run_sql_dump.ts";
import { requireOneDatabase, type SqlDumpSurvey } from "../postgres/plain/survey_sql_dump.ts";
import { readUserObjects } from "../postgres/user_objects.ts";
import type { RestoreResult } from "../postgres/pg_restore.ts";
import type { Job } from "../run/job.ts";
import type { RestoreTarget } from "../targets/target.ts";
import { collationUnavailable } from "../targets/findings.ts";
import { dumpHasMessages, dumpOfServer } from "./findings.ts";
import type { PreparedDump } from "./prepare_dump.ts";

/** What a dump brought, and where to. */
export interface RestoredDump {
  databases: {
    /** As it is called in the dump; else the dump's file. */
    name: string;
    parameters: ConnectionParameters;
  }[];
  /** Rows of each COPY of a plain dump, by table as the dump names it. */
  copied: { database: string; table: string; rows: number }[];
}

/** Always there; a dump of a whole server goes on in them as well, and mostly there is nothing in them. */
const maintenance = new Set(["postgres", "template1"]);

/**
 * Restores a plain dump: into the target's database or, in a separate cluster, into the databases that it makes.
 *
 * @throws {OperatorError} `DUMP_REACHES_OUT`, `DUMP_CONNECTS_ELSEWHERE`, before anything is run; and `runSqlDump`'s own.
 */
export async function restorePlainDump(
  job: Job,
  { path, shown, survey }: PreparedDump & { survey: SqlDumpSurvey },
  { parameters, makeRoles, cluster }: RestoreTarget,
): Promise<RestoreResult & { restored: RestoredDump }> {
  if (!cluster) requireOneDatabase(survey, shown);
  if (survey.message !== undefined) {
    job.find(dumpHasMessages({ file: basename(shown), said: survey.message }));
  }
  // It cannot be told to leave out owners and grants.
  await makeRoles?.(survey.roles);
  if (cluster) await letMakeObjects(survey.sessionRoles);
  const source = { path: shown, read: () => readDumpText(path) };
  const own = cluster && { superuser: parameters.user, holdsServer: survey.isOfServer, makeDatabase };
  const { copied, databases, ...result } = survey.databases.length === 0
    ? await runSqlDump(parameters, source, { signal: job.signal, cluster: own })
    : await runInCluster();
  const wanted = [];
  for (const name of databases) if (!maintenance.has(name) || await holdsObjects(name)) wanted.push(name);
  const restored = databases.length === 0
    ? [{ name: basename(shown), parameters }]
    : (wanted.length > 0 ? wanted : databases).map((name) => ({ name, parameters: withDatabase(parameters, name) }));
  if (survey.isOfServer && cluster) {
    const { made, tablespaces } = survey;
    job.note(
      dumpOfServer({
        file: basename(shown),
        databases: restored.map(({ name }) => name),
        roles: made.length,
        tablespaces,
      }),
    );
  }
  return { ...result, restored: { databases: restored, copied } };

  async function makeDatabase({ name, locale }: DatabaseMade, from: ConnectionParameters): Promise<void> {
    const sql = await connect(from);
    try {
      const quoted = name.replaceAll('"', '""');
      if (await makeDatabaseLike(sql, quoted, locale)) return;
      if (locale.encoding === "UTF8") await makeNeutralDatabase(sql, quoted);
      else await makeDatabaseOfBytes(sql, quoted, locale.encoding);
      job.find(collationUnavailable.ofDump({ collation: locale.locale ?? locale.collation }));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }

  async function holdsObjects(name: string): Promise<boolean> {
    const sql = await connect(withDatabase(parameters, name));
    try {
      return (await readUserObjects(sql)).size > 0;
    } finally {
      await sql.end({ timeout: 1 });
    }
  }

  /** Who made objects at the source could; the grants that let them are not in a dump, or come last. */
  async function letMakeObjects(roles: string[]): Promise<void> {
    if (roles.length === 0) return;
    const sql = await connect(parameters);
    try {
      for (const role of roles) {
        await sql`GRANT CREATE ON DATABASE ${sql(parameters.database)} TO ${sql(role)}`;
        await sql`GRANT ALL ON SCHEMA public TO ${sql(role)}`;
      }
    } finally {
      await sql.end({ timeout: 1 });
    }
  }

  /** From the database `postgres`, as pg_dumpall wants it; the empty one may bear a name that the dump makes. */
  async function runInCluster() {
    const outside = withDatabase(parameters, "postgres");
    const sql = await connect(outside);
    try {
      await sql`DROP DATABASE IF EXISTS ${sql(parameters.database)}`;
    } finally {
      await sql.end({ timeout: 1 });
    }
    return await runSqlDump(outside, source, { signal: job.signal, cluster: own });
  }
}
