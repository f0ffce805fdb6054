import { mappedOwner, mappedRole, type RoleMapping } from "../../options/role_mapping.ts";
import type { Definition } from "../definitions/definitions.ts";
import type { Privileges } from "../manifest.ts";
import { digestRights, kindOfGrants } from "../privileges/capture_privileges.ts";
import { mapGrants, quoteRole, roleName } from "../privileges/grants.ts";
import { relationOfColumn } from "../privileges/part_of.ts";
import { mapIdentity } from "./map_names.ts";

interface Database {
  /** As they come back. */
  definitions: readonly Definition[];
  /** `server_version_num`. */
  version: number;
}

/** Maps the roles in privileges; what several roles were granted that become one, that one was granted. */
export function mapPrivileges(privileges: Privileges, database: Database, mapping: RoleMapping): Privileges {
  const { definitions, version } = database;
  const map = (role: string) => mappedRole(mapping, role);
  const owners = new Map(definitions.map(({ kind, identity, owner }) => [`${kind}\n${identity}`, owner]));
  const relations = new Map(
    definitions.filter(({ kind }) => /table|view/.test(kind)).map(({ identity, owner }) => [identity, owner]),
  );
  const mapLines = (lines: readonly string[], kind: string, owner?: string) =>
    mapGrants(lines, { kind, owner, version }, map);
  const large_objects = privileges.large_objects.map(({ owner, grants, ids }) => {
    const now = mappedOwner(mapping, owner);
    return { owner: now, grants: mapLines(grants, "large_object", now), ids };
  });
  const databaseOwner = mappedOwner(mapping, privileges.database.owner);
  const result: Privileges = {
    ...privileges,
    bootstrap_role: map(privileges.bootstrap_role),
    grants: regroup(privileges.grants, ({ kind, grants }, written) => {
      const isDefault = kind === "default_privileges";
      const identity = isDefault ? mapIdentity(written, mapping) : written;
      const owner = kind === "column" ? relations.get(relationOfColumn(identity)) : owners.get(`${kind}\n${identity}`);
      const of = isDefault ? kindOfGrants(kind, identity) : kind;
      return { kind, identity, grants: mapLines(grants, of, owner) };
    }, (lines, { kind, identity }) => mapLines(lines, kindOfGrants(kind, identity))),
    changed: privileges.changed.map((one) => ({
      ...one,
      initial: mapLines(one.initial, one.kind),
      grants: mapLines(one.grants, one.kind),
    })),
    database: { owner: databaseOwner, grants: mapLines(privileges.database.grants, "database", databaseOwner) },
    large_objects,
    row_security: privileges.row_security.map(({ policies, ...table }) => ({
      ...table,
      policies: policies.map(({ name, roles }) => ({
        name,
        roles: [...new Set(roles.map((role) => mapWritten(role, map)))].sort(),
      })),
    })),
    roles: mapRoles(privileges.roles, map),
  };
  return { ...result, rights: privileges.rights && digestRights({ ...result, definitions, version }) };
}

function mapWritten(written: string, map: (role: string) => string): string {
  const name = roleName(written);
  return name === undefined ? written : quoteRole(map(name));
}

type Group = Privileges["grants"][number];
interface Granted {
  kind: string;
  identity: string;
  grants: string[];
}

/** Objects that had the same grants may now have others, as their owners are others, and the other way round. */
function regroup(
  groups: readonly Group[],
  map: (group: Group, identity: string) => Granted,
  join: (lines: string[], of: Granted) => string[],
): Group[] {
  const byObject = new Map<string, Granted>();
  for (const group of groups) {
    for (const identity of group.objects) {
      const one = map(group, identity);
      const key = `${one.kind}\n${one.identity}`;
      const other = byObject.get(key); // default privileges of roles that become one
      byObject.set(key, other ? { ...one, grants: join([...other.grants, ...one.grants], one) } : one);
    }
  }
  const gathered = new Map<string, Group>();
  for (const { kind, identity, grants } of byObject.values()) {
    const key = `${kind}\n${grants.join("\n")}`;
    const group = gathered.get(key);
    if (group) group.objects.push(identity);
    else gathered.set(key, { kind, grants, objects: [identity] });
  }
  return [...gathered.values()];
}

/** A role that several become has the memberships of each, and none in itself. */
function mapRoles(roles: Privileges["roles"], map: (role: string) => string): Privileges["roles"] {
  const merged = new Map<string, Privileges["roles"][number]>();
  for (const role of roles) {
    const name = map(role.name);
    const other = merged.get(name);
    const memberships = new Map(
      [...other?.member_of ?? [], ...role.member_of ?? []]
        .map((one) => ({ ...one, role: map(one.role) }))
        .filter((one) => one.role !== name)
        .map((one) => [one.role, one]),
    );
    const { member_of: _, ...rest } = role;
    merged.set(name, { ...other, ...rest, name, ...memberships.size > 0 && { member_of: [...memberships.values()] } });
  }
  return [...merged.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}
