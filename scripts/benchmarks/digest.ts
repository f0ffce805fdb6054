import { digestTable } from "../../lib/manifest/rows/row_digest.ts";
import { listTables } from "../../lib/manifest/rows/rows.ts";
import { connect } from "../../lib/postgres/connection/connect.ts";
import { bigTable } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";

/** The digest of a table against two other ways to read all of it, one worker each. */
export async function digest(): Promise<Figure[]> {
  const { parameters } = await bigTable();
  const sql = await connect(parameters, { settings: { max_parallel_workers_per_gather: "0", jit: "off" } });
  try {
    await sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const [table] = await listTables(sql);
    const hashtext = () => sql`SELECT sum(hashtext(big_row::text)::bigint) FROM public.big AS big_row`;
    const copy = () => sql`COPY public.big TO '/dev/null' (FORMAT binary)`;
    const plain = () => digestTable(sql, table);
    const withBuckets = () => digestTable(sql, table, { buckets: true });
    return [
      ratioFigure("digest / `sum(hashtext(t::text)::bigint)`", await timePair(plain, hashtext), "≤ 0.6×"),
      ratioFigure("digest / `COPY … (FORMAT binary)`", await timePair(plain, copy), "≤ 1.3×"),
      ratioFigure("digest with buckets, as `backup` takes it / `COPY`", await timePair(withBuckets, copy), ""),
    ];
  } finally {
    await sql.end({ timeout: 0 });
  }
}
