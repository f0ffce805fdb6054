/** Which roles of a backup become which on another server; all at the same time, so that two can change places. */
export interface RoleMapping {
  /** Who owns everything; a role's own privileges, and its default privileges, stay its own. */
  owner?: string;
  /** Whether that owner is a superuser there: some objects can belong to no other. */
  ownerIsSuperuser?: boolean;
  roles: ReadonlyMap<string, string>;
}

/** What a role is called there. */
export function mappedRole({ roles }: Pick<RoleMapping, "roles">, role: string): string {
  return roles.get(role) ?? role;
}

/** What the owner of an object is called there. Postgres's own roles own what belongs to the owner of the database. */
export function mappedOwner(mapping: RoleMapping, role: string): string {
  return mapping.owner !== undefined && !role.startsWith("pg_") ? mapping.owner : mappedRole(mapping, role);
}

/** Whether anything is called otherwise. */
export function mapsRoles({ owner, roles }: RoleMapping): boolean {
  return owner !== undefined || roles.size > 0;
}

const name = `"(?:[^"]|"")+"`;
const mapping = new RegExp(`^(${name}|[^"=][^=]*)=(${name}|[^"=][^=]*)$`, "s");

/**
 * Reads `old=new`. Names are taken as they are, capitals too; one with a quote or an equals sign is quoted as in SQL:
 * `"a=b"=app`.
 */
export function parseRoleMapping(text: string): [old: string, new_: string] | undefined {
  const [, old, new_] = mapping.exec(text) ?? [];
  return old === undefined ? undefined : [plain(old), plain(new_)];
}

function plain(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
