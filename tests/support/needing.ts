/**
 * The name of a test that needs something of the machine, and whether it is skipped: the name says what is missing, and
 * scripts/test lists the names at its end.
 *
 * @param needs What it needs, and whether that is there.
 */
export function needing(needs: Record<string, unknown>, name: string): { name: string; ignore: boolean } {
  const missing = Object.keys(needs).filter((need) => !needs[need]);
  return missing.length === 0
    ? { name, ignore: false }
    : { name: `${name} (skipped: needs ${missing.join(" and ")})`, ignore: true };
}
