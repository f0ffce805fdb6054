import { scanDatabase } from "../../lib/checks/secrets/scan_database.ts";
import { connect } from "../../lib/postgres/connection/connect.ts";
import { bigTable } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";

/** The secrets check against one sequential read of the same text, and how long it takes where much is suspicious. */
export async function secrets(): Promise<Figure[]> {
  const { parameters } = await bigTable();
  const sql = await connect(parameters, { settings: { max_parallel_workers_per_gather: "0", jit: "off" } });
  const { signal } = new AbortController();
  const scanWith = (mostSessions: number) => async () => {
    const options = { exclude: [], allow: [], bytea: false, timeoutMs: 600_000, signal, mostSessions };
    const { found } = await scanDatabase(parameters, options);
    if (found.length > 0) throw new Error(`found ${JSON.stringify(found)} where nothing is`);
  };
  const read = () => sql`SELECT sum(octet_length(t)), sum(octet_length(doc::text)) FROM public.big`;
  try {
    return [
      ratioFigure("`secrets` / one sequential read of the same text", await timePair(scanWith(4), read), "≤ 3×"),
      ratioFigure("the same in one session", await timePair(scanWith(1), read), ""),
    ];
  } finally {
    await sql.end({ timeout: 0 });
  }
}
