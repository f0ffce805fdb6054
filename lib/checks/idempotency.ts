import { z } from "zod";
import { writtenDuration } from "../options/fields.ts";
import { type CheckContext, type CheckResult, defineCheck, expect, type OptionsOf, whichDatabase } from "./check.ts";
import { findColumns, findTable } from "./checked_table.ts";
import { idempotencyKeysInProgress } from "./findings.ts";
import { runOperatorSql } from "./operator_sql.ts";

const shape = {
  ...whichDatabase,
  table: z.string().min(1).describe("The table of idempotency keys, as in SQL: table or schema.table."),
  in_progress: z.string().min(1).describe("An SQL condition for the keys of unfinished requests."),
  expires_at: z.string().min(1).optional().describe(
    "The column that says when a key expires. Without a time zone it counts as UTC.",
  ),
  created_at: z.string().min(1).optional().describe(
    "Alternatively, the column with its creation time, together with expires_after.",
  ),
  expires_after: writtenDuration.optional().describe("How long a key is valid after created_at, such as 24h."),
};

type Options = OptionsOf<typeof shape>;

export const idempotencyCheck = defineCheck({
  kind: "idempotency",
  summary:
    "No idempotency key is still in progress and unexpired. If one is, a client that tries again would be refused or " +
    "served twice.",
  shape,
  contradiction({ expires_at, created_at, expires_after }) {
    const wanted = (created_at !== undefined && expires_after !== undefined) ? expires_at === undefined : (
      expires_at !== undefined && created_at === undefined && expires_after === undefined
    );
    return wanted ? undefined : "needs either expires_at, or created_at with expires_after";
  },
  run: findLiveKeys,
});

/** A key's time goes on while it lies in a backup, so expiry is judged at the moment of the restore. */
async function findLiveKeys(options: Options, context: CheckContext): Promise<CheckResult> {
  const { name, database, in_progress, expires_at, created_at, expires_after } = options;
  const { table, live, endless, last } = await context.inDatabase(database, async (session) => {
    const { sql: table, ...rest } = await findTable(session, options.table);
    const [column] = await findColumns(session, { sql: table, ...rest }, [expires_at ?? created_at!]);
    const lifetime = expires_after === undefined ? "" : ` + interval '${expires_after} ms'`;
    const [found] = await runOperatorSql<{ live: string; endless: string; last: string | null }>(
      session,
      `SELECT
        count(*) FILTER (WHERE key.expires_at > $1::text::timestamptz OR key.expires_at IS NULL) AS live,
        count(*) FILTER (WHERE key.expires_at IS NULL OR key.expires_at = 'infinity') AS endless,
        to_char(
          (max(key.expires_at) FILTER (WHERE isfinite(key.expires_at)) + interval '999 ms') AT TIME ZONE 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS"Z"'
        ) AS last
      FROM (
        SELECT ${column.sql}::timestamptz${lifetime} AS expires_at FROM ${table} WHERE (\n${in_progress}\n)
      ) AS key`,
      { parameters: [context.startedAt.toISOString()] },
    );
    return { table, live: Number(found.live), endless: Number(found.endless), last: found.last };
  });
  return expect(
    "keys in progress",
    { ok: live === 0, expected: 0, actual: live },
    idempotencyKeysInProgress({ check: name, table, live, endless, last }),
  );
}
