import { captureDatabase } from "../../lib/manifest/capture_database.ts";
import { takeSharedSnapshot } from "../../lib/postgres/shared_snapshot.ts";
import { grantedTables } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";
import { peakMemoryBytes } from "./program.ts";

/** The manifest of 5,000 tables that 200 roles may do different things with, against the same without privileges. */
export async function privileges(): Promise<Figure[]> {
  const { url, parameters } = await grantedTables();
  const capture = async (privileges: boolean) => {
    const snapshot = await takeSharedSnapshot(parameters, { sessions: 2 });
    try {
      await captureDatabase(snapshot, { privileges });
    } finally {
      await snapshot.release();
    }
  };
  const pair = await timePair(() => capture(true), () => capture(false));
  const bytes = await peakMemoryBytes(["manifest", "--quiet", "--db-url", url]);
  return [
    ratioFigure("manifest of 5,000 tables × 200 roles with privileges / without", pair, "≤ 1.15×"),
    { what: "peak memory of `manifest`, the same", measured: `${Math.round(bytes / 1e6)} MB`, asked: "≤ 200 MB" },
  ];
}
