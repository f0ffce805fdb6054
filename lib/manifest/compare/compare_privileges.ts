import type { Finding, Note } from "../../verdict/verdict.ts";
import type { CapturedDatabase } from "../capture_database.ts";
import type { Definition } from "../definitions/definitions.ts";
import type { Manifest, Privileges } from "../manifest.ts";
import { kindOfGrants } from "../privileges/capture_privileges.ts";
import {
  defaultPrivilegesDiffer,
  grantExtra,
  grantMissing,
  grantsOfServerDiffer,
  ownerDiffers,
  ownersNotGiven,
  publicSchemaClosed,
} from "../privileges/findings.ts";
import { goneRoles } from "../privileges/gone_roles.ts";
import { defaultGrants, type Grant, quoteRole, readGrants } from "../privileges/grants.ts";
import { idsInBoth } from "../privileges/id_ranges.ts";
import { privilegesOfDefinitions } from "../privileges/of_definitions.ts";
import { isAmong } from "../privileges/part_of.ts";
import { leavesOutDefinitions } from "../selection.ts";
import type { PartialDifferences } from "./differences.ts";

/** Both sides of a comparison. */
interface Both {
  expected: Privileges;
  found: Privileges;
  /** `server_version_num` of each. */
  versions: [expected: number, found: number];
  /** Names of roles that were gone before the backup, and are in grants nevertheless. */
  gone: ReadonlySet<string>;
}

/**
 * Compares owners, grants and default privileges. What is missing itself is found elsewhere.
 *
 * @returns With the objects of which something is said, also in a note.
 */
export function comparePrivileges(
  manifest: Manifest,
  restored: CapturedDatabase,
): PartialDifferences & { told?: ReadonlySet<string> } {
  const expected = manifest.privileges ?? privilegesOfDefinitions(manifest);
  const found = restored.privileges ?? privilegesOfDefinitions(restored);
  const both: Both = {
    expected,
    found,
    versions: [manifest.postgres.server_version_num, restored.postgres.server_version_num],
    gone: new Set([...goneRoles(expected)].map(quoteRole)),
  };
  const owners = compareOwners(manifest, restored, both);
  const parts: PartialDifferences[] = [
    owners,
    compareGrants(manifest, restored, both),
    compareLargeObjects(both),
    // A part of a database says nothing of these.
    ...leavesOutDefinitions(manifest.dump?.selection ?? [])
      ? []
      : [compareDefaultPrivileges(both), compareChanged(manifest, restored, both)],
  ];
  const findings = parts.flatMap(({ findings }) => findings);
  return {
    findings,
    told: new Set([...findings.flatMap(({ object }) => object ?? []), ...owners.notGiven]),
    notes: parts.flatMap(({ notes = [] }) => notes),
  };
}

const titled = (kind: string) => kind.replaceAll("_", " ");

/** Whose owner a dump does not hold. */
const ownedByWhoRestores = new Set(["extension", "default_privileges"]);

/** Whether its owner must be a superuser: roles of a drill are none. */
function isForSuperusers({ kind, definition }: Definition): boolean {
  if (kind === "publication") return /^(ALL TABLES|TABLES IN SCHEMA)/m.test(definition);
  return kind === "event_trigger" || kind === "foreign_data_wrapper" || kind === "subscription";
}

function compareOwners(
  manifest: Manifest,
  restored: CapturedDatabase,
  { expected, found }: Both,
): PartialDifferences & { notGiven: string[] } {
  const owners = new Map(restored.definitions.map((one) => [keyOf(one), one.owner]));
  const superusers = new Set(found.roles.filter(({ is_superuser }) => is_superuser).map(({ name }) => name));
  const findings: Finding[] = [];
  const notGiven: Definition[] = [];
  for (const one of manifest.definitions) {
    const { kind, identity, owner } = one;
    const actual = owners.get(keyOf(one));
    if (owner === undefined || actual === undefined || owner === actual || ownedByWhoRestores.has(kind)) continue;
    if (kind === "schema" && identity === "public" && isOfEveryDatabase(owner, expected)) {
      if (isOfEveryDatabase(actual, found)) continue;
    }
    if (isForSuperusers(one) && !superusers.has(owner) && superusers.has(actual)) notGiven.push(one);
    else findings.push(ownerDiffers({ kind: titled(kind), object: identity, expected: owner, actual }));
  }
  const [first] = notGiven;
  const notes = first ? [ownersNotGiven({ count: notGiven.length, first: first.identity, owner: first.owner! })] : [];
  return { findings, notes, notGiven: notGiven.map(({ identity }) => identity) };
}

/** The owner of the schema public, unless it was given another. It changed with PostgreSQL 15. */
function isOfEveryDatabase(owner: string, { bootstrap_role }: Privileges): boolean {
  return owner === bootstrap_role || owner === "pg_database_owner";
}

function compareGrants(manifest: Manifest, restored: CapturedDatabase, both: Both): PartialDifferences {
  const { expected, found, versions } = both;
  const [before, now] = [grantsByObject(expected), grantsByObject(found)];
  const [isThere, isHere] = [manifest, restored].map(({ definitions }) => isAmong(definitions));
  const findings: Finding[] = [];
  const notes: Note[] = [];
  for (const [key, { kind, identity }] of new Map([...before, ...now])) {
    if (kind === "default_privileges" || !isThere(kind, identity) || !isHere(kind, identity)) continue;
    const lines = [before.get(key)?.grants, now.get(key)?.grants]
      .map((given, place) => given ?? defaultGrants(kind, versions[place]));
    const { missing, extra } = differenceOf(kind, lines, both);
    if (kind === "schema" && identity === "public" && isClosedByVersion(missing, versions)) {
      missing.splice(0);
      notes.push(publicSchemaClosed({ object: "public" }));
    }
    const facts = { kind: titled(kind), object: identity };
    if (missing.length > 0) findings.push(grantMissing({ ...facts, grants: missing }));
    if (extra.length > 0) findings.push(grantExtra.compared({ ...facts, grants: extra }));
  }
  return { findings, notes };
}

function isClosedByVersion(missing: string[], [before, now]: Both["versions"]): boolean {
  return before < 150000 && now >= 150000 && missing.length === 1 && missing[0] === "CREATE TO PUBLIC BY OWNER";
}

type GrantsByObject = Map<string, { kind: string; identity: string; grants: string[] }>;

function grantsByObject({ grants }: Privileges): GrantsByObject {
  return new Map(
    grants.flatMap(({ kind, grants, objects }) =>
      objects.map((identity) => [keyOf({ kind, identity }), { kind, identity, grants }] as const)
    ),
  );
}

function keyOf({ kind, identity }: { kind: string; identity: string }): string {
  return `${kind}\0${identity}`;
}

/** What was granted and is not, and the other way round. */
function differenceOf(
  kind: string,
  [before, now]: string[][],
  { versions, gone }: Pick<Both, "versions" | "gone">,
): { missing: string[]; extra: string[] } {
  if (before.length === now.length && before.every((line, place) => line === now[place])) {
    return { missing: [], extra: [] };
  }
  // The same words mean the same, whatever else a newer server knows.
  const isCommon = (lines: string[]) => (line: string) => gone.size > 0 || !lines.includes(line);
  const [had, has] = [before.filter(isCommon(now)), now.filter(isCommon(before))].map((lines, place) => {
    const grants = readGrants(lines, { kind, version: versions[place] })
      .filter(({ grantee }) => !gone.has(grantee))
      // Whoever restores in the name of a role that is gone does so as the owner.
      .map((grant) => gone.has(grant.grantor) ? { ...grant, grantor: "OWNER" } : grant)
      .flatMap((grant) => grant.isGrantable ? [grant, { ...grant, isGrantable: false }] : grant);
    return new Map(grants.map((grant) => [written(grant), grant]));
  });
  const missing = [...had].filter(([key]) => !has.has(key)).map(([, grant]) => grant);
  const extra = [...has].filter(([key, grant]) => !had.has(key) && !isNewPart(grant)).map(([, grant]) => grant);
  return { missing: told(missing), extra: told(extra) };

  /** Who was given ALL has what came since, too. */
  function isNewPart({ privilege, grantee, grantor, isGrantable }: Grant): boolean {
    if (privilege !== "MAINTAIN" || versions[0] >= 170000) return false;
    return before.some((line) =>
      line.startsWith(`ALL${isGrantable ? "*" : ""} TO `) &&
      readGrants([line], { kind, version: versions[0] })
        .some((grant) => grant.grantee === grantee && grant.grantor === grantor)
    );
  }
}

/** One line for each who gave to each; with the grant option, the privilege itself goes without saying. */
function told(grants: Grant[]): string[] {
  const options = new Set(grants.filter(({ isGrantable }) => isGrantable).map(written));
  const lines = Map.groupBy(
    grants.filter((grant) => grant.isGrantable || !options.has(written({ ...grant, isGrantable: true }))),
    ({ grantee, grantor }) => `${grantee} BY ${grantor}`,
  );
  return [...lines].map(([end, group]) =>
    `${group.map(({ privilege, isGrantable }) => privilege + (isGrantable ? "*" : "")).join(", ")} TO ${end}`
  );
}

function written({ privilege, grantee, grantor, isGrantable }: Grant): string {
  return `${privilege}${isGrantable ? "*" : ""} TO ${grantee} BY ${grantor}`;
}

function compareDefaultPrivileges(both: Both): PartialDifferences {
  const [before, now] = [both.expected, both.found].map((of) =>
    new Map([...grantsByObject(of)].filter(([, { kind }]) => kind === "default_privileges"))
  );
  const findings = [...new Map([...before, ...now])].flatMap(([key, { kind, identity }]): Finding[] => {
    const of = kindOfGrants(kind, identity);
    // Without an entry for all schemas, what Postgres itself grants holds.
    const unset = (version: number) => / in schema /.test(identity) ? [] : defaultGrants(of, version);
    const lines = [before, now].map((one, place) => one.get(key)?.grants ?? unset(both.versions[place]));
    const { missing, extra } = differenceOf(of, lines, both);
    if (missing.length + extra.length === 0) return [];
    return [defaultPrivilegesDiffer({ object: identity, missing, extra })];
  });
  return { findings };
}

/** By owner and grants together: which ids of a group are in no group like it. */
function compareLargeObjects({ expected, found, ...both }: Both): PartialDifferences {
  const findings: Finding[] = [];
  const of = ({ large_objects }: Privileges) => large_objects.map((group) => ({ ...group, kind: "large_object" }));
  const [before, now] = [of(expected), of(found)];
  for (const group of before) {
    for (const other of now) {
      const { missing, extra } = differenceOf("large_object", [group.grants, other.grants], both);
      const isSameOwner = group.owner === other.owner;
      if (isSameOwner && missing.length + extra.length === 0) continue;
      const { count, ids } = idsInBoth(group.ids, other.ids);
      if (count === 0) continue;
      const facts = { kind: "large object", object: ids };
      if (!isSameOwner) {
        findings.push(ownerDiffers({ ...facts, expected: group.owner, actual: other.owner }));
      }
      if (missing.length > 0) findings.push(grantMissing({ ...facts, grants: missing }));
      if (extra.length > 0) findings.push(grantExtra.compared({ ...facts, grants: extra }));
    }
  }
  return { findings };
}

function compareChanged(manifest: Manifest, restored: CapturedDatabase, both: Both): PartialDifferences {
  const { expected, found, versions } = both;
  const [there, here] = [manifest, restored].map(({ definitions }) =>
    new Map(definitions.filter(({ kind }) => kind === "extension").map((one) => [one.identity, one.definition]))
  );
  // plpgsql is in every database, and no definition tells it.
  const isElsewhere = (extension: string) => extension !== "plpgsql" && !here.get(quoteRole(extension));
  const isOther = (extension: string) => there.get(quoteRole(extension)) !== here.get(quoteRole(extension));
  const [before, now] = [expected, found].map(({ changed }) =>
    new Map(
      changed.flatMap(({ objects, ...one }) =>
        objects.map((identity) => [keyOf({ ...one, identity }), { ...one, identity }] as const)
      ),
    )
  );
  const findings: Finding[] = [];
  const unknown: string[] = [];
  for (const [key, { kind, identity, extension }] of new Map([...before, ...now])) {
    if (extension !== undefined && isElsewhere(extension)) continue;
    const [had, has] = [before.get(key), now.get(key)];
    const { missing, extra } = differenceOf(kind, [had?.grants ?? has!.initial, has?.grants ?? had!.initial], both);
    if (missing.length + extra.length === 0) continue;
    const isSameMajor = Math.floor(versions[0] / 10_000) === Math.floor(versions[1] / 10_000);
    const beganAlike = !had || !has || had.initial.join() === has.initial.join();
    if (!isSameMajor || !beganAlike || extension !== undefined && isOther(extension)) {
      unknown.push(identity);
      continue;
    }
    const facts = { kind: titled(kind), object: identity };
    if (missing.length > 0) findings.push(grantMissing({ ...facts, grants: missing }));
    if (extra.length > 0) findings.push(grantExtra.compared({ ...facts, grants: extra }));
  }
  const notes = unknown.length > 0 ? [grantsOfServerDiffer({ count: unknown.length, first: unknown[0] })] : [];
  return { findings, notes };
}
