import { type Sql, withSession } from "../../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { makePublicSchema, readPublicSchema, wipePublicSchema } from "../../postgres/public_schema.ts";
import { type ClientTools, findClientTools } from "../../postgres/tools.ts";
import { describeUserObjects, readUserObjects } from "../../postgres/user_objects.ts";
import { acquireScratch, type Job } from "../../run/job.ts";
import { connectToServer } from "../../targets/named_server.ts";
import { makeThrowawayTarget } from "../../targets/throwaway_cluster.ts";
import { notDisposable } from "./findings.ts";

/** Where a smoke run is to work. */
export interface SmokeTargetOptions {
  /** The server to run on; without it, a throwaway cluster. */
  dbUrl?: string;
  /** Where the connection's other parameters come from. */
  env: Record<string, string>;
  /** Use the named database itself, if it is empty or marked as disposable. */
  inPlace?: boolean;
  pgBin?: string;
  /** How long to wait for the named server to accept connections. */
  waitMs: number;
}

/** The database that a smoke run may wipe, and the tools for its server. */
export interface SmokeTarget {
  parameters: ConnectionParameters;
  tools: ClientTools;
}

/** A throwaway cluster, unless a server was named; on a named server a scratch database, unless `inPlace`. */
export function openSmokeTarget(job: Job, options: SmokeTargetOptions): Promise<SmokeTarget> {
  if (options.inPlace) return useInPlace(job, options);
  return options.dbUrl === undefined ? makeThrowawayTarget(job, options) : makeScratch(job, options);
}

/** Waits for the named server, and checks versions before anything happens. */
function reachServer(job: Job, options: SmokeTargetOptions, target: "scratch" | "in_place") {
  return job.phase("preflight", async () => {
    const { sql, parameters, server } = await connectToServer(job, options);
    job.record({ postgres: { server: server.version, target } });
    const tools = await findClientTools(server.major, options.pgBin);
    job.record({ postgres: { pg_dump: tools.version, pg_restore: tools.version } });
    return { parameters, sql, tools };
  });
}

async function makeScratch(job: Job, options: SmokeTargetOptions): Promise<SmokeTarget> {
  const { parameters, sql, tools } = await reachServer(job, options, "scratch");
  const { name } = await job.phase("scratch_database", () => acquireScratch(job, sql));
  return { parameters: withDatabase(parameters, name), tools };
}

async function useInPlace(job: Job, options: SmokeTargetOptions): Promise<SmokeTarget> {
  const { parameters, sql, tools } = await reachServer(job, options, "in_place");
  const publicSchema = await readPublicSchema(sql);
  const objects = await readUserObjects(sql);
  const isEmpty = objects.size === 0;
  if (!isEmpty && await readComment(sql) !== "pgrehearse: disposable") {
    throw notDisposable.error({ objects: describeUserObjects(objects) });
  }
  if (isEmpty && publicSchema) {
    // It was empty when we came.
    const empty = async () => {
      await withSession(parameters, {}, async (sql) => {
        await wipePublicSchema(sql);
        await makePublicSchema(sql, publicSchema);
      });
    };
    await job.acquire("what was made in the named database", () => Promise.resolve(), empty);
  }
  return { parameters, tools };
}

async function readComment(sql: Sql): Promise<string | null> {
  const [{ comment }] = await sql<{ comment: string | null }[]>`
    SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment
    FROM pg_catalog.pg_database
    WHERE datname = pg_catalog.current_database()`;
  return comment;
}
