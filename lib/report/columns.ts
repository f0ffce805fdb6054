/**
 * Lays cells out in columns, under a header.
 *
 * @param numbers Which columns hold numbers, and end flush.
 */
export function columns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: number[] = [],
): string[] {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return [header, ...rows].map((row) =>
    "  " +
    row.map((cell, column) => numbers.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))
      .join("  ").trimEnd()
  );
}
