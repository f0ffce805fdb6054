import type { Sql } from "../postgres/connection/connect.ts";

// One statement a batch: the chain's head is written once for each, and the operator can interrupt between two.
const rowsPerBatch = 50_000;

/**
 * Appends synthetic rows to the audit chain, all in one transaction.
 *
 * They cycle through certificate.issue, certificate.renew, certificate.revoke and auth.login; ids run on from those of
 * an earlier workload; timestamps start now, a microsecond apart.
 *
 * @param sql A connection of one session whose search_path finds `audit_events`.
 * @returns How many rows the table has more.
 */
export async function insertAuditRows(sql: Sql, rows: number, signal: AbortSignal): Promise<number> {
  return await sql.begin(async (transaction) => {
    let inserted = 0;
    const [{ first }] = await transaction<{ first: string }[]>`
      SELECT coalesce(max(substr(id, 13)::bigint) + 1, 0) AS first
      FROM audit_events WHERE id ~ '^audit-smoke-[0-9]+$'`;
    const start = Number(first);
    for (let next = start; next < start + rows; next += rowsPerBatch) {
      signal.throwIfAborted();
      const { count } = await transaction`
        INSERT INTO audit_events (id, actor, actor_type, action, resource_type, resource_id, details, timestamp)
        SELECT
          'audit-smoke-' || lpad(n::text, greatest(4, length(n::text)), '0'),
          'smoke-actor',
          'service',
          (ARRAY['certificate.issue', 'certificate.renew', 'certificate.revoke', 'auth.login'])[n % 4 + 1],
          CASE n % 4 WHEN 3 THEN 'session' ELSE 'managed_certificate' END,
          CASE n % 4 WHEN 3 THEN 'sess-smoke' ELSE 'mc-smoke' END,
          jsonb_build_object('sequence', n),
          now() + n * interval '1 microsecond'
        FROM generate_series(${next}::bigint, ${Math.min(next + rowsPerBatch, start + rows) - 1}::bigint) AS n`;
      inserted += count;
    }
    return inserted;
  });
}
