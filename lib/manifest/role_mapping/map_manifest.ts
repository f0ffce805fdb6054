import { mappedOwner, mappedRole, type RoleMapping } from "../../options/role_mapping.ts";
import type { Definition } from "../definitions/definitions.ts";
import { readAclItem } from "../globals/compare_globals.ts";
import type { Globals, Manifest } from "../manifest.ts";
import { mapFirstName, mapIdentity, mapName } from "./map_names.ts";
import { mapPrivileges } from "./map_privileges.ts";

/** The manifest of the database that comes back if its roles are called otherwise: the one to compare it with. */
export function mapManifest(manifest: Manifest, mapping: RoleMapping): Manifest {
  const { globals, privileges, roles, definitions } = manifest;
  const mapped = definitions.map((definition) => mapDefinition(definition, mapping, privileges?.bootstrap_role));
  return {
    ...manifest,
    globals: globals && mapGlobals(globals, mapping),
    roles: [...new Set(roles.map((role) => mappedRole(mapping, role)))].sort(),
    definitions: mapped,
    privileges: privileges &&
      mapPrivileges(privileges, { definitions: mapped, version: manifest.postgres.server_version_num }, mapping),
  };
}

/** Names every role that a manifest knows of: what is mapped must be among them. */
export function rolesKnown({ roles, definitions, globals, privileges }: Manifest): Set<string> {
  return new Set([
    ...roles,
    ...definitions.flatMap(({ owner }) => owner ?? []),
    ...(globals?.roles ?? []).map(({ name }) => name),
    ...(privileges?.roles ?? []).map(({ name }) => name),
  ]);
}

function mapDefinition(definition: Definition, mapping: RoleMapping, bootstrapRole?: string): Definition {
  const { kind, identity, owner } = definition;
  const map = (role: string) => mappedRole(mapping, role);
  if (kind === "default_privileges") {
    return { ...definition, owner: owner && map(owner), identity: mapIdentity(identity, mapping) };
  }
  if (kind === "user_mapping") {
    return { ...definition, identity: mapFirstName(identity, "", map) };
  }
  if (kind === "policy") return { ...definition, definition: mapPolicy(definition.definition, map) };
  if (owner === undefined) return definition;
  const isOfEveryDatabase = kind === "schema" && identity === "public" && owner === bootstrapRole;
  return { ...definition, owner: isOfEveryDatabase ? map(owner) : mappedOwner(mapping, owner) };
}

/** The line `TO alice, "Bob"`; what follows are expressions. */
function mapPolicy(text: string, map: (role: string) => string): string {
  return text.replace(/^TO (.*)$/m, (_, names: string) => {
    const roles = names.match(/"(?:[^"]|"")*"|[^", ]+/g) ?? [];
    return `TO ${[...new Set(roles.map((name) => mapName(name, map)))].sort().join(", ")}`;
  });
}

/** Maps the roles of a cluster: of those that become one, the one that is called so already says what it is like. */
function mapGlobals(globals: Globals, mapping: RoleMapping): Globals {
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
