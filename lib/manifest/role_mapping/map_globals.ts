import { mappedRole, type RoleMapping } from "../../options/role_mapping.ts";
import { readAclItem } from "../globals/compare_globals.ts";
import type { Globals } from "../globals/globals.ts";

/** Maps the roles of a cluster: of those that become one, the one that is called so already says what it is like. */
export function mapGlobals(globals: Globals, mapping: RoleMapping): Globals {
  const map = (role: string) => mappedRole(mapping, role);
  const roles = new Map<string, Globals["roles"][number]>();
  for (const role of globals.roles) {
    const name = map(role.name);
    if (!roles.has(name) || name === role.name) roles.set(name, { ...role, name });
  }
  const memberships = globals.memberships
    .map((one) => ({ ...one, role: map(one.role), member: map(one.member), grantor: one.grantor && map(one.grantor) }))
    .filter(({ role, member }) => role !== member);
  return {
    ...globals,
    bootstrap: map(globals.bootstrap),
    roles: [...roles.values()],
    memberships: [
      ...new Map(memberships.map((one) => [JSON.stringify([one.role, one.member, one.grantor]), one])).values(),
    ],
    settings: globals.settings.map((one) => ({ ...one, role: one.role && map(one.role) })),
    databases: globals.databases.map((one) => ({ ...one, owner: map(one.owner), acl: mapAcl(one.acl, map) })),
    tablespaces: globals.tablespaces.map((one) => ({ ...one, owner: map(one.owner), acl: mapAcl(one.acl, map) })),
    parameter_grants: globals.parameter_grants.map((one) => ({ ...one, acl: mapAcl(one.acl, map) })),
  };
}

function mapAcl(acl: readonly string[], map: (role: string) => string): string[] {
  const quoted = (name: string) => /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
  return acl.map((item) => {
    const { grantee, rights, grantor } = readAclItem(item);
    return `${grantee === "" ? "" : quoted(map(grantee))}=${rights}/${quoted(map(grantor))}`;
  });
}
