import type { Finding, Note } from "../../verdict/verdict.ts";
import type { Membership, ReadGlobals, RoleSetting } from "../manifest.ts";
import {
  databaseDiffers,
  membershipDiffers,
  parameterGrantDiffers,
  roleDiffers,
  roleExtra,
  roleMissing,
  settingDiffers,
  settingsNotTried,
} from "./findings.ts";

/** A statement of the file that the server did not take. */
interface RefusedStatement {
  text: string;
  reason: string;
}

/** Both sides of a comparison. */
interface ComparedGlobals {
  expected: ReadGlobals;
  found: ReadGlobals;
  /** Major versions. */
  versions: { expected: number; found: number };
  /** The backup's file, as findings name it. */
  file: string;
  refused: readonly RefusedStatement[];
}

type Result = { findings: Finding[]; notes: Note[] };

/**
 * Compares roles, memberships, settings of roles and grants on parameters with what the backup's file brought to an empty
 * cluster.
 *
 * The cluster's own superuser stands for the one that `initdb` made at the source, and is not compared.
 */
export function compareGlobals(given: ComparedGlobals): Result {
  const both = withoutWhatGoesWithRoles(given);
  // pg_dumpall leaves out what is set for every role: the backup warned of it.
  const settings = compareSettings(both, ({ role, database }) => role !== null && database === null);
  return {
    findings: [
      ...compareRoles(given),
      ...compareMemberships(both),
      ...settings.findings,
      ...compareParameterGrants(both),
    ],
    notes: settings.notes,
  };
}

/** Of a role that does not come back one thing is said: its memberships and settings are missing with it. */
function withoutWhatGoesWithRoles(both: ComparedGlobals): ComparedGlobals {
  const there = new Set(both.found.roles.map(({ name }) => name));
  const isLost = (name: string | null) =>
    name !== null && name !== both.expected.bootstrap && !name.startsWith("pg_") && !there.has(name);
  const { memberships, settings, parameter_grants } = both.expected;
  return {
    ...both,
    expected: {
      ...both.expected,
      memberships: memberships.filter(({ role, member }) => !isLost(role) && !isLost(member)),
      settings: settings.filter(({ role }) => !isLost(role)),
      parameter_grants: parameter_grants.map(({ parameter, acl }) => ({
        parameter,
        acl: acl.filter((item) => !isLost(readAclItem(item).grantee)),
      })),
    },
  };
}

function compareRoles({ expected, found, file }: ComparedGlobals): Finding[] {
  const findings: Finding[] = [];
  const there = new Map(found.roles.map((role) => [role.name, role]));
  for (const role of expected.roles) {
    const actual = there.get(role.name);
    if (!actual) {
      if (role.name !== expected.bootstrap) findings.push(roleMissing.restored({ role: role.name, file }));
    } else if (role.name !== found.bootstrap) {
      const differing = differences(role, actual);
      if (differing) findings.push(roleDiffers({ role: role.name, ...differing }));
    }
  }
  const known = new Set([...expected.roles.map(({ name }) => name), found.bootstrap]);
  const extra = found.roles.filter(({ name }) => !known.has(name));
  return [...findings, ...extra.map(({ name }) => roleExtra({ role: name, file }))];
}

function compareMemberships({ expected, found, versions, refused }: ComparedGlobals): Finding[] {
  // Before PostgreSQL 16 anybody could be named as grantor, and there was one grant for a role and a member.
  const comparesGrantors = (versions.expected >= 16) === (versions.found >= 16);
  const isSameVersion = versions.expected === versions.found;
  const grantorOf = ({ bootstrap }: ReadGlobals, grantor: string | null) => grantor === bootstrap ? null : grantor;
  const keyOf = (globals: ReadGlobals, { role, member, grantor }: Membership) =>
    JSON.stringify([role, member, ...(comparesGrantors && versions.found >= 16 ? [grantorOf(globals, grantor)] : [])]);
  const there = new Map(found.memberships.map((one) => [keyOf(found, one), one]));
  const findings: Finding[] = [];
  for (const one of expected.memberships) {
    const key = keyOf(expected, one);
    const actual = there.get(key);
    there.delete(key);
    const { role, member, admin, inherit, set } = one;
    if (!actual) {
      const why = isSameVersion ? undefined : refused.find(({ text }) => text.startsWith("GRANT"))?.reason;
      findings.push(membershipDiffers({ role, member, refused: why }));
      continue;
    }
    const differing = differences(
      {
        admin,
        ...(inherit !== null && actual.inherit !== null && { inherit }),
        ...(set !== null && actual.set !== null && { set }),
        // Who is gone cannot have granted it.
        ...(comparesGrantors && one.grantor !== null && { grantor: grantorOf(expected, one.grantor) }),
      },
      { ...actual, grantor: grantorOf(found, actual.grantor) },
    );
    if (differing) findings.push(membershipDiffers({ role, member, ...differing }));
  }
  const extra = [...there.values()].filter(({ role, member }) =>
    comparesGrantors || !expected.memberships.some((one) => one.role === role && one.member === member)
  );
  return [
    ...findings,
    ...extra.map(({ role, member, admin }) => membershipDiffers({ role, member, actual: { admin } })),
  ];
}

/** Whether two backups are of the same roles; values of settings that may be secret are not compared. */
export function hasSameRoles(some: ReadGlobals, others: ReadGlobals): boolean {
  const comparable = ({ roles, memberships, settings }: ReadGlobals) => [
    roles,
    memberships,
    settings.filter(({ database }) => database === null).map(({ role, name, value }) => [role, name, value]),
  ];
  return isSame(comparable(some), comparable(others));
}

/** Compares settings of one kind: of roles, or of one database. */
function compareSettings(
  { expected, found, refused }: Pick<ComparedGlobals, "expected" | "found" | "refused">,
  isMeant: (setting: RoleSetting) => boolean,
): Result {
  const keyOf = ({ role, database, name }: RoleSetting) => JSON.stringify([role, database, name]);
  const valueOf = ({ value, value_sha256 }: RoleSetting) => value ?? value_sha256!;
  const there = new Map(found.settings.filter(isMeant).map((one) => [keyOf(one), one]));
  const result: Result = { findings: [], notes: [] };
  for (const one of expected.settings.filter(isMeant)) {
    const key = keyOf(one);
    const actual = there.get(key);
    there.delete(key);
    if (actual && valueOf(actual) === valueOf(one)) continue;
    const facts = { of: describe(one), name: one.name };
    const why = refused.find(({ text }) => new RegExp(` SET "?${escaped(one.name)}"? TO `, "i").test(text));
    if (!actual && why) result.notes.push(settingsNotTried({ ...facts, reason: why.reason }));
    else {
      // What may be a secret is in neither.
      result.findings.push(
        settingDiffers({ ...facts, expected: one.value ?? "set", actual: actual?.value ?? (actual && "set") }),
      );
    }
  }
  for (const one of there.values()) {
    result.findings.push(settingDiffers({ of: describe(one), name: one.name, actual: one.value ?? "set" }));
  }
  return result;
}

function compareParameterGrants({ expected, found, versions }: ComparedGlobals): Finding[] {
  if (versions.found < 15) return [];
  const there = new Map(found.parameter_grants.map(({ parameter, acl }) => [parameter, acl]));
  const findings: Finding[] = [];
  for (const { parameter, acl } of expected.parameter_grants) {
    const [wanted, actual] = [written(acl, expected), written(there.get(parameter) ?? [], found)];
    there.delete(parameter);
    if (!isSame(wanted, actual)) findings.push(parameterGrantDiffers({ parameter, expected: wanted, actual }));
  }
  for (const [parameter, acl] of there) {
    findings.push(parameterGrantDiffers({ parameter, expected: [], actual: written(acl, found) }));
  }
  return findings;
}

/** Compares the properties of one database, and its settings, also those of roles in it. */
export function compareDatabaseProperties(
  both: Pick<ComparedGlobals, "expected" | "found" | "refused">,
  database: string,
): Result {
  const settings = compareSettings(both, (setting) => setting.database === database);
  const [wanted, actual] = [both.expected, both.found].map((globals) => {
    const one = globals.databases.find(({ name }) => name === database);
    if (!one) return undefined;
    const { owner, acl, connection_limit, is_template, comment } = one;
    return { owner: roleIn(globals, owner), acl: written(acl, globals), connection_limit, is_template, comment };
  });
  const differing = wanted && actual && differences(wanted, actual);
  return {
    findings: [...differing ? [databaseDiffers({ database, ...differing })] : [], ...settings.findings],
    notes: settings.notes,
  };
}

/** The superuser that `initdb` made has another name in every cluster. */
function roleIn({ bootstrap }: ReadGlobals, role: string): string {
  return role === bootstrap ? "(initdb's superuser)" : role;
}

function written(acl: readonly string[], globals: ReadGlobals): string[] {
  return acl.map((item) => {
    const { grantee, rights, grantor } = readAclItem(item);
    return `${roleIn(globals, grantee)}=${rights}/${roleIn(globals, grantor)}`;
  }).sort();
}

/** Takes apart `alice=CTc/"Bob"`; PUBLIC is empty. */
export function readAclItem(item: string): { grantee: string; rights: string; grantor: string } {
  const [, grantee = "", rights = "", grantor = ""] = /^("(?:[^"]|"")*"|[^=]*)=([^/]*)\/(.*)$/s.exec(item) ?? [];
  const plain = (name: string) => name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
  return { grantee: plain(grantee), rights, grantor: plain(grantor) };
}

function describe({ role, database }: RoleSetting): string {
  if (database === null) return role === null ? "Every role" : `The role ${role}`;
  return role === null ? `The database ${database}` : `The role ${role} in the database ${database}`;
}

function differences<T extends object>(
  expected: T,
  actual: T | Record<string, unknown>,
): { expected: Record<string, unknown>; actual: Record<string, unknown> } | undefined {
  const other = actual as Record<string, unknown>;
  const differing = Object.entries(expected).filter(([name, value]) => !isSame(value, other[name]));
  if (differing.length === 0) return undefined;
  return {
    expected: Object.fromEntries(differing),
    actual: Object.fromEntries(differing.map(([name]) => [name, other[name]])),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
