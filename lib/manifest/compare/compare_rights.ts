import type { Finding } from "../../verdict/verdict.ts";
import type { CapturedDatabase } from "../capture_database.ts";
import type { Manifest, Privileges } from "../manifest.ts";
import { roleCanLess, roleCanMore, rowSecurityDiffers } from "../privileges/findings.ts";
import { goneRoles } from "../privileges/gone_roles.ts";
import { quoteRole } from "../privileges/grants.ts";
import { relationOfColumn } from "../privileges/part_of.ts";
import { privilegeNames, type Rights, rightsOf, withoutPrivilege } from "../privileges/rights.ts";
import { leavesOutDefinitions } from "../selection.ts";
import type { PartialDifferences } from "./differences.ts";

type Side = Pick<Manifest, "definitions" | "postgres"> & { privileges: Privileges };

/**
 * Compares what roles can really do. Where memberships differ the same grants give other rights.
 *
 * A role whose digests are as they were is not looked at further. A dump does not hold the database's own grants.
 *
 * @param told Objects whose owner or grants are found to differ: what that means for each role goes without saying.
 */
export function compareRights(
  manifest: Manifest,
  restored: CapturedDatabase,
  told: ReadonlySet<string> = new Set(),
): PartialDifferences {
  if (!manifest.privileges || !restored.privileges) return { findings: [] };
  const isPart = leavesOutDefinitions(manifest.dump?.selection ?? []);
  const sides: [Side, Side] = [
    { ...manifest, privileges: manifest.privileges },
    { ...restored, privileges: restored.privileges },
  ];
  const [before, now] = sides.map(({ privileges }) => digestsByRole(privileges));
  const [expectedRoles, foundRoles] = sides.map(({ privileges }) =>
    new Map(privileges.roles.map((role) => [role.name, role]))
  );
  const gone = goneRoles(manifest.privileges);
  const isOrdinary = (name: string) => !name.startsWith("pg_") && !gone.has(name);
  const known = [...expectedRoles.values()]
    .filter(({ name, is_superuser }) => !is_superuser && !foundRoles.get(name)?.is_superuser && isOrdinary(name))
    .map(({ name }) => name);
  const unknown = [...foundRoles.values()]
    .filter(({ name, is_superuser }) => !expectedRoles.has(name) && !is_superuser && isOrdinary(name))
    .map(({ name }) => name);

  let detail: ReturnType<typeof differencesOf> | undefined;
  const look = () => detail ??= differencesOf(sides, { isPart, told });
  const findings: Finding[] = [];
  for (const name of known) {
    const role = quoteRole(name);
    // A role that is not there has what everybody has.
    if (!isPart && before.has(role) && before.get(role) === (now.get(role) ?? now.get("PUBLIC"))) continue;
    const { less, more } = look().rights(name);
    if (less.length > 0) findings.push(roleCanLess({ role, rights: less }));
    if (more.length > 0) findings.push(roleCanMore.known({ role, rights: more }));
    const tables = look().rowSecurity(name);
    if (tables.length > 0) findings.push(rowSecurityDiffers({ role, tables }));
  }
  for (const name of unknown) {
    const role = quoteRole(name);
    if (now.get(role) === before.get("PUBLIC")) continue;
    const { more } = look().rights(name);
    if (more.length > 0) findings.push(roleCanMore.unknown({ role, rights: more }));
  }
  return { findings };
}

/** Without what the database's own grants come to; undefined for a role that is not told, such as a superuser. */
function digestsByRole({ rights = [] }: Privileges): Map<string, string> {
  return new Map(rights.flatMap(({ roles, by_kind: { database: _database, ...by_kind } }) => {
    const digests = JSON.stringify(by_kind);
    return roles.map((role) => [role, digests] as const);
  }));
}

interface Right {
  kind: string;
  object: string;
  privileges: string[];
}

/** Tells where the rights of a role differ, on what is on both sides. */
function differencesOf(
  [expected, found]: [Side, Side],
  { isPart, told }: { isPart: boolean; told: ReadonlySet<string> },
) {
  const versions = [expected, found].map(({ postgres }) => postgres.server_version_num);
  const [before, now] = withSameObjects(expected, found, isPart || major(versions[0]) !== major(versions[1]))
    .map(rightsOf);
  const kinds = new Set([expected, found].flatMap((side) => kindsOf(side)));
  const isNew = (privilege: string) => versions[0] < 170000 && /^MAINTAIN/.test(privilege);
  const isTold = (kind: string, object: string) =>
    told.has(object) || kind === "column" && told.has(relationOfColumn(object)) ||
    // Which of them a finding names depends on both sides.
    kind === "large_object" && [...told].some((one) => /^\d/.test(one));
  const protectedTables = new Map(found.privileges.row_security.map((one) => [one.table, JSON.stringify(one)]));
  const sameTables = expected.privileges.row_security
    .filter((one) => protectedTables.get(one.table) === JSON.stringify(one) && !told.has(one.table));
  return {
    rights(role: string): { less: Right[]; more: Right[] } {
      const [less, more]: [Right[], Right[]] = [[], []];
      for (const kind of kinds) {
        const [had, has] = [before.on(role, kind), now.on(role, kind)];
        for (const object of new Set([...had.keys(), ...has.keys()])) {
          const [old, new_] = [had, has].map((own, place) =>
            own.get(object) ?? (kind === "column" ? ofRelation([before, now][place], role, object) : undefined)
          );
          if (old === undefined || new_ === undefined || old === new_ || isTold(kind, object)) continue;
          // Since PostgreSQL 15 everybody may make less in a new database's.
          if (kind === "schema" && object === "public" && versions[0] < 150000 && versions[1] >= 150000) continue;
          const title = { kind: kind.replaceAll("_", " "), object };
          const lost = privilegeNames(old & ~new_);
          const added = privilegeNames(new_ & ~old).filter((name) => !isNew(name));
          if (lost.length > 0) less.push({ privileges: lost, ...title });
          if (added.length > 0) more.push({ privileges: added, ...title });
        }
      }
      return { less, more };
    },
    /** Where policies themselves differ, their definitions tell it. */
    rowSecurity(role: string) {
      const [had, has] = [before.policies(role), now.policies(role)];
      return sameTables.flatMap(({ table }) => {
        const [policies, actual] = [had.get(table)!, has.get(table)!];
        return JSON.stringify(actual) === JSON.stringify(policies) ? [] : [{ table, expected: policies, actual }];
      });
    },
  };
}

function major(version: number): number {
  return Math.floor(version / 10_000);
}

function kindsOf({ definitions, privileges }: Side): string[] {
  return [
    ...definitions.map(({ kind }) => kind),
    ...privileges.grants.map(({ kind }) => kind),
    ...privileges.changed.map(({ kind }) => kind),
    "large_object",
  ];
}

/** What the server's own objects have of grants is told where they were changed: on one side, both are looked at. */
function withSameObjects(expected: Side, found: Side, leavesOutServers: boolean) {
  const names = ({ privileges }: Side) =>
    new Set(privileges.changed.flatMap(({ kind, objects }) => objects.map((object) => `${kind}\0${object}`)));
  const [there, here] = [names(expected), names(found)];
  const missingOf = (other: Side, own: Set<string>) =>
    other.privileges.changed.map(({ kind, initial, objects, ...rest }) => ({
      ...rest,
      kind,
      initial,
      grants: initial,
      objects: objects.filter((object) => !own.has(`${kind}\0${object}`)),
    }));
  const of = (side: Side, changed: Privileges["changed"]) => ({
    ...side.privileges,
    // A dump does not say who owns the database.
    database: expected.privileges.database,
    changed: leavesOutServers ? [] : changed,
    definitions: side.definitions,
    version: side.postgres.server_version_num,
  });
  return [
    of(expected, [...expected.privileges.changed, ...missingOf(found, there)]),
    {
      ...of(found, [...found.privileges.changed, ...missingOf(expected, here)]),
      roles: withoutHelp(expected.privileges, found.privileges),
    },
  ];
}

/** In a drill, who was a superuser may read and write all rows instead: that is not for the members of its role. */
function withoutHelp(expected: Privileges, found: Privileges): Privileges["roles"] {
  const superusers = new Set(expected.roles.filter(({ is_superuser }) => is_superuser).map(({ name }) => name));
  return found.roles.map((one) => {
    if (one.is_superuser || !superusers.has(one.name)) return one;
    return { ...one, member_of: one.member_of?.filter(({ role }) => !/^pg_(read|write)_all_data$/.test(role)) };
  });
}

/** A column of which nothing was granted by itself. */
function ofRelation(rights: Rights, role: string, column: string): number | undefined {
  const relation = relationOfColumn(column);
  for (const kind of ["table", "view", "materialized_view", "foreign_table"]) {
    const mask = rights.on(role, kind).get(relation);
    if (mask === undefined) continue;
    return ["DELETE", "TRUNCATE", "TRIGGER", "MAINTAIN"].reduce(withoutPrivilege, mask);
  }
}
