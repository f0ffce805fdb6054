import type { Manifest } from "./manifest.ts";

/** How many rows and indexes a restore of the dump brings; what a restore's progress is measured against. */
export function restorableOf({ rows, definitions }: Manifest): { rows: number; indexes: number } {
  const isIndex = ({ kind, definition }: Manifest["definitions"][number]) =>
    kind === "index" || (kind === "constraint" && /^(PRIMARY KEY|UNIQUE|EXCLUDE)/.test(definition));
  return {
    rows: rows.filter(({ is_refreshed }) => !is_refreshed).reduce((sum, { row_count }) => sum + row_count, 0),
    indexes: definitions.filter(isIndex).length,
  };
}
