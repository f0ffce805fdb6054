import type { TriedMutation } from "../verdict/verdict.ts";

/** The selftest's mutations as a table: name, the finding that caught it, and what was broken. */
export function mutationsTable(mutations: TriedMutation[]): string[] {
  const rows = mutations.map(({ name, caught_by, object, ok, duration_ms }) => ({
    name: `${ok ? "✓" : "✗"} ${name}`,
    caughtBy: caught_by ?? "MISSED",
    object,
    time: `${duration_ms} ms`,
  }));
  const width = (cell: "name" | "caughtBy" | "time") => Math.max(...rows.map((row) => row[cell].length));
  const [name, caughtBy, time] = [width("name"), width("caughtBy"), width("time")];
  return rows.map((row) =>
    `  ${row.name.padEnd(name)}  ${row.time.padStart(time)}  ${row.caughtBy.padEnd(caughtBy)}  ${row.object}`
  );
}
