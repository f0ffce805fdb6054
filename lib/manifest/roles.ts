import type { Manifest, Privileges } from "./manifest.ts";
import { readLine, roleName } from "./privileges/grants.ts";

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

/**
 * Names every role that can do something in the database that not everybody can: those of {@linkcode rolesOf}, members of
 * them and of Postgres's own roles, also of their members, and who bypasses row security. Superusers are not among them,
 * unless they are named.
 */
export function rolesThatCount(manifest: Manifest): string[] {
  const counts = new Set(rolesOf(manifest));
  const { roles = [] } = manifest.privileges ?? {};
  for (const { name, is_superuser, bypasses_row_security } of roles) {
    if (bypasses_row_security && !is_superuser) counts.add(name);
  }
  for (let size = -1; size < counts.size;) {
    size = counts.size;
    for (const { name, is_superuser, member_of = [] } of roles) {
      if (is_superuser) continue;
      if (member_of.some(({ role }) => counts.has(role) || role.startsWith("pg_"))) counts.add(name);
      // Whom it belongs to may lead further.
      if (counts.has(name)) { for (const { role } of member_of) counts.add(role); }
    }
  }
  return [...counts].sort();
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
