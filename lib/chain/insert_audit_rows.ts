import type { Sql } from "../postgres/connection/connect.ts";

/**
 * In one transaction. Where a trigger writes the chain's head for each row, every version of the head stays until the
 * transaction ends, and is looked through for the next row: 80,000 rows in one transaction took 114 s.
 */
const rowsPerCommit = 1_000;

/**
 * Appends synthetic rows to the audit chain, in portions: what was committed stays, if it is interrupted.
 *
 * They cycle through certificate.issue, certificate.renew, certificate.revoke and auth.login; ids run on from those of
 * an earlier workload; timestamps start now, a microsecond apart.
 *
 * @param sql A connection of one session whose search_path finds `audit_events`.
 * @returns How many rows the table has more.
 */
export async function insertAuditRows(sql: Sql, rows: number, signal: AbortSignal): Promise<number> {
  const [{ first }] = await sql<{ first: string }[]>`
    SELECT coalesce(max(substr(id, 13)::bigint) + 1, 0) AS first
    FROM audit_events WHERE id ~ '^audit-smoke-[0-9]+$'`;
  const start = Number(first);
  let inserted = 0;
  for (let next = start; next < start + rows; next += rowsPerCommit) {
    signal.throwIfAborted();
    const { count } = await sql`
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
      FROM generate_series(${next}::bigint, ${Math.min(next + rowsPerCommit, start + rows) - 1}::bigint) AS n`;
    inserted += count;
  }
  return inserted;
}
