import { serverOf, type Sql } from "../postgres/connection/connect.ts";
import {
  type ConnectionParameters,
  resolveConnectionParameters,
  withDatabase,
} from "../postgres/connection/connection_parameters.ts";
import { waitUntilReady } from "../postgres/connection/readiness.ts";
import type { SessionSettings } from "../postgres/connection/session_settings.ts";
import { type ServerVersion, serverVersion } from "../postgres/server_version.ts";
import { acquireConnection, type Job, type JobOptions } from "../run/job.ts";

/** Which database a job works on. */
export interface NamedDatabaseOptions extends JobOptions {
  dbUrl?: string;
  /** Where the connection's other parameters come from. */
  env: Record<string, string>;
  /** Another database of that server, in place of the one named. */
  database?: string;
  /** How long to wait for the server to accept connections. */
  waitMs: number;
}

/** A server that was reached. */
interface ReachedServer {
  sql: Sql;
  /** Of the server that was reached, where several were named. */
  parameters: ConnectionParameters;
  server: ServerVersion;
}

/** Connects to the named database, waiting for its server, for as long as the job lasts. */
export async function connectToServer(
  job: Job,
  { dbUrl, env, database, waitMs }: Pick<NamedDatabaseOptions, "dbUrl" | "env" | "database" | "waitMs">,
  settings?: SessionSettings,
): Promise<ReachedServer> {
  const named = await resolveConnectionParameters(dbUrl, env);
  named.warnings?.forEach(job.say);
  const parameters = database === undefined ? named : withDatabase(named, database);
  const sql = await acquireConnection(
    job,
    () => waitUntilReady(parameters, { timeoutMs: waitMs, signal: job.signal, onWaiting: job.say, settings }),
  );
  return { sql, parameters: serverOf(sql), server: await serverVersion(sql) };
}

/** Connects to the named database, keeping its own search_path: whoever made the chain may rely on it. */
export function connectToNamed(job: Job, options: NamedDatabaseOptions): Promise<Sql> {
  return job.phase("connect", async () => {
    const { sql, server } = await connectToServer(job, options, { search_path: null });
    job.record({ postgres: { server: server.version, target: "named" } });
    return sql;
  });
}
