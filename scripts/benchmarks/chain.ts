import { insertAuditRows } from "../../lib/chain/insert_audit_rows.ts";
import { migrate } from "../../lib/chain/migrate.ts";
import { embeddedMigrations } from "../../lib/chain/migrations.ts";
import { verifyChain } from "../../lib/manifest/chain/chain.ts";
import { connect, type Sql } from "../../lib/postgres/connection/connect.ts";
import { makeThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";
import { makeAccountSandbox } from "../../lib/system/isolation/make_sandbox.ts";
import { type Figure, timeMs, timePair } from "./measure.ts";

const neverAborted = new AbortController().signal;

/** The verifier as it is usually written: a loop over the rows, in order, that hashes each. */
const loopVerifier = `
  CREATE FUNCTION verify_by_loop() RETURNS integer LANGUAGE plpgsql STABLE AS $$
  DECLARE
    event public.audit_events;
    expected_prev text := repeat('0', 64);
    payload text;
    computed text;
    place integer := 0;
  BEGIN
    FOR event IN SELECT * FROM public.audit_events ORDER BY chain_position LOOP
      payload := concat(
        event.chain_position, ':',
        to_char(event.timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ':',
        octet_length(event.prev_hash), ':', event.prev_hash, octet_length(event.id), ':', event.id,
        octet_length(event.actor), ':', event.actor, octet_length(event.actor_type), ':', event.actor_type,
        octet_length(event.action), ':', event.action,
        octet_length(event.resource_type), ':', event.resource_type,
        octet_length(event.resource_id), ':', event.resource_id,
        octet_length(event.event_category), ':', event.event_category, event.details
      );
      computed := encode(sha256(convert_to(payload, 'UTF8')), 'hex');
      IF event.row_hash IS DISTINCT FROM computed OR event.prev_hash IS DISTINCT FROM expected_prev THEN
        RETURN place;
      END IF;
      expected_prev := event.row_hash;
      place := place + 1;
    END LOOP;
    IF expected_prev IS DISTINCT FROM (SELECT row_hash FROM public.audit_chain_head) THEN RETURN place; END IF;
    RETURN -1;
  END $$`;

/** Writing and verifying chains of up to a million rows. */
export async function chain(): Promise<Figure[]> {
  const cluster = await makeThrowawayCluster(await findServerTools(), { sandbox: await makeAccountSandbox() });
  const sql = await connect(cluster.parameters);
  try {
    const figures = [];
    let largest = 0;
    for (const rows of [10_000, 100_000, 1_000_000]) {
      await startOver(sql);
      const ms = await timeMs(() => insertAuditRows(sql, rows, neverAborted));
      figures.push({
        what: `\`workload\` of ${rows.toLocaleString("en")} rows`,
        measured: `${Math.round(rows / ms * 1000).toLocaleString("en")} rows/s, ${
          (ms * 1000 / rows).toFixed(1)
        } µs a row`,
        asked: "≥ 20,000 rows/s, flat",
      });
      largest = rows;
    }
    await sql.unsafe(loopVerifier);
    const { ours, floor, ratio } = await timePair(() => verifyChain(sql), () => sql`SELECT verify_by_loop()`);
    return [...figures, {
      what: `verifying ${largest.toLocaleString("en")} rows: plpgsql row loop / ours`,
      measured: `${(1 / ratio).toFixed(1)}× (${(floor / 1000).toFixed(2)} s / ${(ours / 1000).toFixed(2)} s)`,
      asked: "≥ 3×",
    }];
  } finally {
    await sql.end({ timeout: 0 });
    await cluster.close();
  }
}

async function startOver(sql: Sql): Promise<void> {
  await sql.unsafe("DROP SCHEMA public CASCADE; CREATE SCHEMA public; SET search_path = public").simple();
  await migrate(sql, embeddedMigrations);
}
