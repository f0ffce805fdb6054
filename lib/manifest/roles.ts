import type { Manifest } from "./manifest.ts";
import { readLine, roleName } from "./privileges/grants.ts";
import type { Privileges } from "./privileges/capture_privileges.ts";

/** Names every role that owns something, or was granted something, or that a policy names. */
export function rolesOf({ definitions, roles, privileges }: Manifest): string[] {
  const names = new Set(roles);
  const isOfEveryDatabase = (owner: string, kind: string, identity: string) =>
    kind === "schema" && identity === "public" && [privileges?.bootstrap_role, "pg_database_owner"].includes(owner);
  for (const { kind, identity, owner, acl = [] } of definitions) {
    if (owner !== undefined && !isOfEveryDatabase(owner, kind, identity)) names.add(owner);
    for (const item of acl) {
      const grantee = granteeOf(item);
      if (grantee !== "") names.add(grantee);
    }
  }
  if (privileges) { for (const name of rolesGranted(privileges)) names.add(name); }
  return [...names].sort();
}

/** Names whoever was granted something, or granted it, or owns a large object, or is bound by a policy. */
function rolesGranted({ grants, changed, large_objects, row_security }: Privileges): Set<string> {
  const lines = new Set([...grants, ...changed, ...large_objects].flatMap(({ grants }) => grants));
  const written = new Set(row_security.flatMap(({ policies }) => policies.flatMap(({ roles }) => roles)));
  for (const line of lines) {
    const { grantees, grantor } = readLine(line);
    for (const name of [...grantees, grantor]) written.add(name);
  }
  const named = [...written].map(roleName).filter((name) => name !== undefined);
  return new Set([...named, ...large_objects.map(({ owner }) => owner)]);
}

/** Of `alice=arwd/postgres`, `"Al=ice"=r/postgres`, `=r/postgres` (PUBLIC, empty) or `column id: alice=r/postgres`. */
function granteeOf(item: string): string {
  const grant = item.replace(/^column ("(?:[^"]|"")+"|[^:]+): /, "");
  const [, name] = /^("(?:[^"]|"")*"|[^=]*)=/.exec(grant) ?? [];
  return name?.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name ?? "";
}
