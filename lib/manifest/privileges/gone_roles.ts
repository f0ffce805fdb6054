import type { Privileges } from "../manifest.ts";
import { readLine, roleName } from "./grants.ts";

/** Names roles that are in grants although they were gone before the backup: Postgres writes such a one as its number. */
export function goneRoles({ grants, changed, large_objects, roles }: Privileges): Set<string> {
  const lines = new Set([...grants, ...changed, ...large_objects].flatMap(({ grants }) => grants));
  const numbers = [...lines].filter((line) => /"\d+"/.test(line)).flatMap((line) => {
    const { grantees, grantor } = readLine(line);
    return [...grantees, grantor].filter((name) => /^"\d+"$/.test(name));
  });
  const present = new Set(roles.map(({ name }) => name));
  return new Set(numbers.map((number) => roleName(number)!).filter((name) => !present.has(name)));
}
