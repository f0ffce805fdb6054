import { acquireConnection } from "../../run/acquire.ts";
import { serverOf, type Sql, withSession } from "../../postgres/connection/connect.ts";
import {
  type ConnectionParameters,
  describeServer,
  resolveConnectionParameters,
  withDatabase,
} from "../../postgres/connection/connection_parameters.ts";
import { databaseMissing } from "../../postgres/connection/findings/reaching.ts";
import { waitUntilReady } from "../../postgres/connection/readiness.ts";
import { speakingEnglish } from "../../postgres/speak_english.ts";
import { type ServerVersion, serverVersion } from "../../postgres/server_version.ts";
import { describeUserObjects, readUserObjects } from "../../postgres/user_objects.ts";
import { is } from "../../system/define_finding.ts";
import { connectionsNotAllowed } from "./findings/targets.ts";
import type { RestoreOptions } from "./restore.ts";
import type { Job } from "../../run/job.ts";

/** The server that a database is brought back to, and the database there with its name. */
export interface TargetServer {
  /** A session in a maintenance database, for as long as the job lasts. */
  admin: Sql;
  server: ServerVersion;
  /** Of the database that is to be brought back. */
  parameters: ConnectionParameters;
  name: string;
  address: string;
  systemIdentifier: string;
  /** Absent where no database of that name exists. */
  present?: PresentDatabase;
}

/** A database that exists already. */
export interface PresentDatabase {
  tables: number;
  /** All that users made: `2 functions, 1 table`. */
  holds: string;
  sizeBytes: number;
  isEmpty: boolean;
}

// Every server has one of these; a database cannot be renamed from within.
const maintenanceDatabases = ["postgres", "template1"];

/** Connects to the target's server and looks at what is there. */
export async function reachTarget(
  job: Job,
  options: Pick<RestoreOptions, "targetUrl" | "env" | "waitMs">,
): Promise<TargetServer> {
  const asked = await resolveConnectionParameters(options.targetUrl, options.env);
  asked.warnings?.forEach(job.say);
  const admin = await acquireConnection(job, () => connectForMaintenance(job, asked, options.waitMs));
  const name = asked.database;
  const parameters = await speakingEnglish(admin, withDatabase(serverOf(admin), name));
  const [{ systemIdentifier, exists, takesConnections, sizeBytes }] = await admin<
    { systemIdentifier: string; exists: boolean; takesConnections: boolean; sizeBytes: string | null }[]
  >`
    SELECT
      (SELECT system_identifier::text FROM pg_control_system()) AS "systemIdentifier",
      EXISTS (SELECT FROM pg_database WHERE datname = ${name}) AS exists,
      EXISTS (SELECT FROM pg_database WHERE datname = ${name} AND datallowconn) AS "takesConnections",
      (SELECT pg_database_size(oid) FROM pg_database WHERE datname = ${name}) AS "sizeBytes"`;
  if (exists && !takesConnections) throw connectionsNotAllowed.error({ database: name });
  return {
    admin,
    server: await serverVersion(admin),
    parameters,
    name,
    address: describeServer(parameters),
    systemIdentifier,
    ...(exists && { present: { ...await lookInto(parameters), sizeBytes: Number(sizeBytes) } }),
  };
}

async function connectForMaintenance(job: Job, asked: ConnectionParameters, waitMs: number): Promise<Sql> {
  const candidates = maintenanceDatabases.filter((database) => database !== asked.database);
  let problem: unknown;
  for (const database of candidates) {
    try {
      return await waitUntilReady(withDatabase(asked, database), {
        timeoutMs: waitMs,
        signal: job.signal,
        onWaiting: job.say,
      });
    } catch (error) {
      if (!is(error, databaseMissing)) throw error;
      problem = error;
    }
  }
  throw problem;
}

async function lookInto(parameters: ConnectionParameters): Promise<Omit<PresentDatabase, "sizeBytes">> {
  return await withSession(parameters, {}, async (sql) => {
    const objects = await readUserObjects(sql);
    const tables = ["table", "foreign table", "materialized view"]
      .reduce((sum, kind) => sum + (objects.get(kind) ?? 0), 0);
    return { tables, holds: describeUserObjects(objects), isEmpty: objects.size === 0 };
  });
}
