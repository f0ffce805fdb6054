import type { Manifest } from "./manifest.ts";

/** Names every role that owns something, or was granted something, or that a policy names. */
export function rolesOf({ definitions, roles }: Manifest): string[] {
  const names = new Set(roles);
  for (const { owner, acl = [] } of definitions) {
    if (owner !== undefined) names.add(owner);
    for (const item of acl) {
      const grantee = granteeOf(item);
      if (grantee !== "") names.add(grantee);
    }
  }
  return [...names].sort();
}

/** Of `alice=arwd/postgres`, `"Al=ice"=r/postgres`, `=r/postgres` (PUBLIC, empty) or `column id: alice=r/postgres`. */
function granteeOf(item: string): string {
  const grant = item.replace(/^column ("(?:[^"]|"")+"|[^:]+): /, "");
  const [, name] = /^("(?:[^"]|"")*"|[^=]*)=/.exec(grant) ?? [];
  return name?.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name ?? "";
}
