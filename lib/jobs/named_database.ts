import type { Sql } from "../postgres/connect.ts";
import { resolveConnectionParameters } from "../postgres/connection_parameters.ts";
import { waitUntilReady } from "../postgres/readiness.ts";
import { serverVersion } from "../postgres/server_version.ts";
import type { Job, JobOptions } from "./run_job.ts";

/** Which database a job works on. */
export interface NamedDatabaseOptions extends JobOptions {
  dbUrl?: string;
  /** Where the connection's other parameters come from. */
  env: Record<string, string>;
  /** How long to wait for the server to accept connections. */
  waitMs: number;
}

/** Connects to the named database, keeping its own search_path: whoever made the chain may rely on it. */
export function connectToNamed(job: Job, { dbUrl, env, waitMs }: NamedDatabaseOptions): Promise<Sql> {
  return job.phase("connect", async () => {
    const parameters = await resolveConnectionParameters(dbUrl, env);
    const sql = await job.acquire(
      "the connection",
      () =>
        waitUntilReady(parameters, {
          timeoutMs: waitMs,
          signal: job.signal,
          onWaiting: (message) => job.say(message),
          settings: { search_path: null },
        }),
      (sql) => sql.end({ timeout: 0 }),
    );
    job.record({ postgres: { server: (await serverVersion(sql)).version, target: "named" } });
    return sql;
  });
}
