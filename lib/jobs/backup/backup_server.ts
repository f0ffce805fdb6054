import { type Sql, withSession } from "../../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { readDatabasePattern } from "../../postgres/name_pattern.ts";
import { holdsNothing, readUserObjects } from "../../postgres/user_objects.ts";
import type { Job } from "../../run/job.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { connectToServer } from "../../targets/named_server.ts";
import { noDatabase } from "../findings.ts";
import { restoredOf } from "../whole_system/conclude_system.ts";
import { type PartOfJob, partOfJob } from "../whole_system/part_of_job.ts";
import { databaseLeftOut, databaseRenamed, databasesAppeared, patternMatchesNothing } from "./findings/cluster.ts";
import { type BackupOptions, prepareBackup, type PreparedBackup, publishAll } from "./prepare_backup.ts";

type LeftOut = { database: string; why: string };

/** Databases that are made meanwhile are backed up as well; so often it is asked whether there are any. */
const mostRounds = 3;
const mostNames = 3;

/**
 * Backs up every database of a server: a backup set, all of it or nothing.
 *
 * The biggest are begun first, as many at a time as there are jobs; a big one reads with several sessions. What holds a
 * connection is let go when a database's dump is finished: a server has more databases than it takes sessions.
 */
export async function backupServer(job: Job, options: BackupOptions): Promise<void> {
  const at = new Date();
  const { sql, parameters, server } = await job.phase("preflight", () => connectToServer(job, options));
  job.record({ postgres: { server: server.version, target: "named" } });
  const parts = new Map<string, PartOfJob>();
  const prepared = new Map<string, PreparedBackup>();
  const leftOut: LeftOut[] = [];
  const known = new Map<number, string>();
  const isExcluded = excluder(options.excludeDatabases ?? []);
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);

  /** Follows a database to its new name, and leaves out one that is gone, or takes no connections any more. */
  async function backUp(database: ServerDatabase, jobs: number, names = [database.name]): Promise<void> {
    const { name, oid } = database;
    const part = partOfJob(job, name);
    try {
      const made = await prepareBackup({ ...part.job, signal }, { ...options, database: name, jobs }, at);
      await made.snapshot.release();
      parts.set(name, part);
      prepared.set(name, made);
    } catch (error) {
      if (signal.aborted) throw error;
      const now = await findServerDatabase(sql, oid);
      if (!now) return void leaveOut(name, "it was dropped during the backup", "note");
      if (!now.allowsConnections) return void leaveOut(now.name, "it no longer accepts connections", "warning");
      if (now.name === name || names.length > mostNames) throw error;
      job.note(databaseRenamed({ from: name, to: now.name }));
      await backUp(now, jobs, [...names, now.name]);
    }
  }

  function leaveOut(database: string, why: string, severity?: "note" | "warning"): void {
    leftOut.push({ database, why });
    if (severity) {
      const { code, message, ...rest } = databaseLeftOut({ database, why });
      if (severity === "note") job.note({ code, message, object: database });
      else job.find({ code, message, ...rest });
    }
  }

  async function choose(found: ServerDatabase[]): Promise<ServerDatabase[]> {
    const chosen: ServerDatabase[] = [];
    for (const database of found) {
      const { name } = database;
      const provider = providerOf(database);
      if (isExcluded(name)) leaveOut(name, "--exclude-database matches it");
      else if (provider) leaveOut(name, `${provider} reserves it`, "note");
      else if (!database.allowsConnections) leaveOut(name, "it does not accept connections", "warning");
      else if (maintenanceDatabases.includes(name) && await isEmpty(parameters, name)) {
        leaveOut(name, "it holds nothing");
      } else chosen.push(database);
    }
    return chosen;
  }

  for (let round = 1;; round++) {
    const fresh = (await job.phase("databases", () => listServerDatabases(sql))).filter(({ oid }) => !known.has(oid));
    for (const { oid, name } of fresh) known.set(oid, name);
    if (round > 1 && fresh.length > 0) job.note(databasesAppeared({ databases: fresh.map(({ name }) => name) }));
    if (round > mostRounds) {
      for (const { name } of fresh) leaveOut(name, "it was created after the others were finished", "warning");
    }
    const chosen = round > mostRounds ? [] : await choose(fresh);
    if (round === 1) warnOfIdlePatterns();
    if (chosen.length === 0) break;
    const totalBytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const jobsFor = ({ sizeBytes }: ServerDatabase) =>
      Math.max(1, Math.round(options.jobs * sizeBytes / Math.max(1, totalBytes)));
    await inParallel(chosen, options.jobs, async (database) => {
      try {
        signal.throwIfAborted();
        await backUp(database, jobsFor(database));
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }).catch((error) => {
      throw failed.signal.reason ?? error;
    });
  }
  if (prepared.size === 0) throw noDatabase.onServer.error({ leftOut });

  const inOrder = <T>(map: Map<string, T>) => new Map([...map].sort(([a], [b]) => a < b ? -1 : 1));
  await publishAll(inOrder(prepared), {
    set: { scope: "server", ...(leftOut.length > 0 && { left_out: leftOut }) },
  });
  const backups = restoredOf(inOrder(parts));
  job.record({ backup: backups[0].backup, restored: backups });

  function warnOfIdlePatterns(): void {
    for (const pattern of options.excludeDatabases ?? []) {
      const matches = readDatabasePattern(pattern);
      if (![...known.values()].some(matches)) job.find(patternMatchesNothing.database({ pattern }));
    }
  }
}

function excluder(patterns: readonly string[]): (name: string) => boolean {
  const all = patterns.map(readDatabasePattern);
  return (name) => all.some((matches) => matches(name));
}

async function isEmpty(parameters: ConnectionParameters, database: string): Promise<boolean> {
  return await withSession(withDatabase(parameters, database), {}, async (sql) => {
    return holdsNothing(await readUserObjects(sql));
  });
}

/** A database as its server lists it. */
interface ServerDatabase {
  oid: number;
  name: string;
  allowsConnections: boolean;
  /** 0 where this role may not ask. */
  sizeBytes: number;
}

/** Databases that a provider reserves, and that accept no sessions. */
const ofProviders: Readonly<Record<string, string>> = {
  rdsadmin: "Amazon RDS",
  cloudsqladmin: "Google Cloud SQL",
  alloydbadmin: "Google AlloyDB",
  alloydbmetadata: "Google AlloyDB",
  azure_maintenance: "Azure",
  azure_sys: "Azure",
};

/** Made by initdb. In a backup if they hold anything. */
const maintenanceDatabases = ["postgres", "template1"];

/** Lists a server's databases, the biggest first, except `template0`, which cannot be changed. */
async function listServerDatabases(sql: Sql): Promise<ServerDatabase[]> {
  const found = await sql<{ oid: number; name: string; allowsConnections: boolean; size: string }[]>`
    SELECT
      oid::int8::float8 AS oid, datname AS name, datallowconn AND datconnlimit <> -2 AS "allowsConnections",
      CASE WHEN pg_catalog.has_database_privilege(oid, 'CONNECT') THEN pg_catalog.pg_database_size(oid) ELSE 0 END AS size
    FROM pg_catalog.pg_database WHERE datname <> 'template0'
    ORDER BY size DESC, datname`;
  return found.map(({ size, ...database }) => ({ ...database, sizeBytes: Number(size) }));
}

/** A database by its OID, which a new name leaves as it is; `undefined` if it is gone. */
async function findServerDatabase(sql: Sql, oid: number): Promise<ServerDatabase | undefined> {
  return (await listServerDatabases(sql)).find((database) => database.oid === oid);
}

/** Whose a database is that a provider keeps for itself. */
function providerOf({ name }: ServerDatabase): string | undefined {
  return Object.hasOwn(ofProviders, name) ? ofProviders[name] : undefined;
}
