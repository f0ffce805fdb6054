import type { Policy } from "../../config/policy_schema.ts";
import type { WhichBackup } from "../../fetch/choose_backup.ts";
import type { Subset } from "../../manifest/subset.ts";
import type { RoleMapping } from "../../options/role_mapping.ts";
import { serverOf, type Sql, withSession } from "../../postgres/connection/connect.ts";
import {
  type ConnectionParameters,
  describeServer,
  resolveConnectionParameters,
  withDatabase,
} from "../../postgres/connection/connection_parameters.ts";
import { databaseMissing } from "../../postgres/connection/findings/reaching.ts";
import { waitUntilReady } from "../../postgres/connection/readiness.ts";
import { type ServerVersion, serverVersion } from "../../postgres/server_version.ts";
import { speakingEnglish } from "../../postgres/speak_english.ts";
import { describeUserObjects, readUserObjects } from "../../postgres/user_objects.ts";
import { acquireConnection, type Job } from "../../run/job.ts";
import { is } from "../../system/define_finding.ts";
import type { NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { ConfiguredOptions } from "../configured.ts";
import { connectionsNotAllowed } from "./findings/targets.ts";

/** Who restores, who allowed it, and why: for the record. */
export interface Authority {
  operator?: string;
  approvedBy?: string;
  reason?: string;
  /** The target's name, typed once more; several with commas. */
  confirm?: string;
  /** Asks for it, on a terminal. */
  ask?: (question: string) => Promise<string>;
}

/** Which backup to restore, and over what. */
export interface RestoreOptions
  extends Omit<NamedDatabaseOptions, "dbUrl" | "database">, WhichBackup, Authority, ConfiguredOptions {
  /** The database to bring back, on the server to bring it back to. */
  targetUrl: string;
  /** The same for each of the configuration's databases. */
  targetUrls?: Record<string, string | undefined>;
  /**
   * `new`: beside whatever is there. `swap`: the same, and then the names are exchanged. `in_place`: into the database
   * itself, whole or not at all.
   */
  mode: "new" | "swap" | "in_place";
  subset: Subset;
  terminateConnections?: boolean;
  /** When what is lost was lost; the start, unless it says otherwise. */
  incidentAt?: Date;
  /** Who has looked at what needs a person's review. */
  reviewedBy?: string;
  /** Whom the safety backup is encrypted for; those of the backup, unless it says otherwise. */
  recipients?: string[];
  /** @default {"custom"} */
  safetyFormat?: "custom" | "directory";
  /** In pg_dump's syntax. @default {the best that pg_dump can write} */
  safetyCompress?: string;
  /** The file with the key that signs the safety backup; the evidence's, unless it says otherwise. */
  safetySigningKey?: string;
  /** How long the safety backup waits for a locked table. @default {60_000} */
  safetyLockTimeoutMs?: number;
  /** What the safety backup is held against. */
  policy?: Policy;
  /** Where the safety backup goes; where the backup came from, unless it says otherwise. */
  safetyStore?: string;
  /** Whether what is there is backed up first. */
  safetyBackup: boolean;
  /** Where the incident record is written besides the store. */
  record?: string;
  /** Every database of a backup set of a whole server, each under its own name. */
  allDatabases?: boolean;
  /**
   * Roles that the server lacks: `create` makes them, `require` refuses to go on, `skip` leaves owners and grants out.
   * @default {they are named, and owners and grants left out}
   */
  roles?: "create" | "require" | "skip";
  /** Whether roles that are there get the attributes of the backup. */
  alterRoles?: boolean;
  /** What roles of the backup are called on the server, and who owns everything. */
  mapping?: RoleMapping;
  jobs: number;
  pgBin?: string;
}

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
