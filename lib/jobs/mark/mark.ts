import { markOnStandby } from "../../physical/findings/marks.ts";
import { lsnText, parseLsn } from "../../physical/lsn.ts";
import { markPrefix } from "../../physical/newest_mark.ts";
import { runJob } from "../../run/run_job.ts";
import { connectToServer, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { Verdict } from "../../verdict/verdict.ts";

/**
 * Plants a mark in the WAL: a commit that recovery can stop at, and a message that names it. Any role may; an idle database
 * then has a moment that `recovery_target_time` reaches.
 */
export function mark(options: NamedDatabaseOptions): Promise<Verdict> {
  return runJob("mark", options, async (job) => {
    const { sql, server } = await job.phase("preflight", () => connectToServer(job, options));
    job.record({ postgres: { server: server.version, target: "named" } });
    const [{ isStandby }] = await sql<{ isStandby: boolean }[]>`SELECT pg_catalog.pg_is_in_recovery() AS "isStandby"`;
    if (isStandby) throw markOnStandby.error({ server: `${sql.options.host[0]}:${sql.options.port[0]}` });
    const id = crypto.randomUUID();
    await job.phase("mark", async () => {
      const xid = server.major >= 13 ? sql`pg_catalog.pg_current_xact_id()` : sql`pg_catalog.txid_current()`;
      const planted = await sql.begin("READ WRITE", async (transaction) => {
        // A role or a database may be set to asynchronous commits: what is said to be there is there.
        await transaction`SET LOCAL synchronous_commit = 'local'`;
        const [row] = await transaction<{ xid: string; message: string; at: Date }[]>`
          SELECT
            ${xid}::text AS xid,
            pg_catalog.pg_logical_emit_message(false, ${markPrefix}, ${id})::text AS message,
            pg_catalog.clock_timestamp() AS at`;
        return row;
      });
      const [{ lsn, file, system }] = await sql<{ lsn: string; file: string; system: string }[]>`
        SELECT
          lsn::text AS lsn,
          pg_catalog.pg_walfile_name(lsn) AS file,
          (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS system
        FROM pg_catalog.pg_current_wal_insert_lsn() AS lsn`;
      job.record({
        mark: {
          id,
          xid: planted.xid,
          message_lsn: lsnText(parseLsn(planted.message)!),
          lsn,
          at: planted.at.toISOString(),
          timeline: Number.parseInt(file.slice(0, 8), 16),
          system_identifier: system,
        },
      });
    });
  });
}
