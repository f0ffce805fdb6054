const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration as people write it: `500ms`, `60s`, `15m`, `4h`, `8d`, or a bare `0`.
 *
 * @returns Milliseconds, or `undefined` if it is not a duration.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * unitsMs[unit]);
}
