import type { TargetServer } from "./restore_target.ts";

/** A name that no database has: of two restores in one second, the later one's gets `_2`. */
export async function freeName({ admin, name }: TargetServer, suffix: string): Promise<string> {
  for (let place = 1;; place++) {
    const wanted = derivedName(name, place === 1 ? suffix : `${suffix}_${place}`);
    const [{ isTaken }] = await admin<{ isTaken: boolean }[]>`
      SELECT EXISTS (SELECT FROM pg_database WHERE datname = ${wanted}) AS "isTaken"`;
    if (!isTaken) return wanted;
  }
}

/** Postgres would cut a name after 63 bytes, and with it what tells it from the other. */
function derivedName(name: string, suffix: string): string {
  const bytes = new TextEncoder().encode(name).subarray(0, 63 - suffix.length);
  return new TextDecoder().decode(bytes).replace(/\uFFFD+$/, "") + suffix;
}
