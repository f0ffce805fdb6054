const unitsBytes: Record<string, number> = {
  ...{ B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/**
 * Reads a size as people write it: `500MB`, `1.5TB`, `64GiB`.
 *
 * @returns Bytes, or `undefined` if it is not a size.
 */
export function parseSizeBytes(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text) ?? [];
  return number === undefined || !Object.hasOwn(unitsBytes, unit)
    ? undefined
    : Math.round(Number(number) * unitsBytes[unit]);
}
