import { createHash } from "node:crypto";
import type { Definition } from "../definitions/definitions.ts";
import type { Privileges } from "../manifest.ts";
import { allPrivileges, defaultGrants, familyOf, privilegeWords, quoteRole, readLine } from "./grants.ts";
import { relationOfColumn } from "./part_of.ts";

/** All that what a role can do follows from. */
export interface Granted extends Omit<Privileges, "rights" | "bootstrap_role"> {
  definitions: readonly Pick<Definition, "kind" | "identity" | "owner">[];
  /** `server_version_num`. */
  version: number;
}

/** Every role, also future ones; no role has this name. */
export const everybody = "";

/** Objects of one kind on which every role can do the same. */
interface ObjectSet {
  kind: string;
  objects: string[];
}

/** What roles can really do: through memberships, as owners, by what is given to everybody, and by Postgres's own roles. */
export interface Rights {
  /** For each object of one kind what the role can do, as a mask that {@linkcode privilegeNames} names. */
  on(role: string, kind: string): Map<string, number>;
  /** Which policies bind the role, by table with row security; null where it does not bind the role at all. */
  policies(role: string): Map<string, string[] | null>;
  /** A digest for each kind, and for row security. */
  digests(role: string): Record<string, string>;
}

const bitOf = new Map(privilegeWords.map((word, place) => [word, 1 << place]));
/** Privileges above these bits are grant options. */
const optionShift = privilegeWords.length;

/** The names of what a mask holds, a star for the grant option. */
export function privilegeNames(mask: number): string[] {
  return privilegeWords.flatMap((word, place) =>
    mask & 1 << place + optionShift ? [`${word}*`] : mask & 1 << place ? [word] : []
  );
}

/** Leaves out a privilege, and its grant option. */
export function withoutPrivilege(mask: number, word: string): number {
  const bit = bitOf.get(word)!;
  return mask & ~(bit | bit << optionShift);
}

function maskOf(privileges: readonly string[], all: readonly string[]): number {
  let mask = 0;
  for (const privilege of privileges) {
    const isGrantable = privilege.endsWith("*");
    const name = isGrantable ? privilege.slice(0, -1) : privilege;
    for (const word of name === "ALL" ? all : all.includes(name) ? [name] : []) {
      const bit = bitOf.get(word)!;
      mask |= isGrantable ? bit | bit << optionShift : bit;
    }
  }
  return mask;
}

/** What members of Postgres's own roles can do with what is not theirs. */
const predefined = new Map<string, Record<string, string[]>>([
  ["pg_read_all_data", { relation: ["SELECT"], sequence: ["SELECT"], column: ["SELECT"], schema: ["USAGE"] }],
  ["pg_write_all_data", {
    relation: ["INSERT", "UPDATE", "DELETE"],
    sequence: ["UPDATE"],
    column: ["INSERT", "UPDATE"],
    schema: ["USAGE"],
  }],
  ["pg_maintain", { relation: ["MAINTAIN"] }],
]);

/**
 * Tells what roles can do, from what was granted.
 *
 * Objects of one kind, owner and grants are looked at once, and roles that belong to the same ones as well: a thousand
 * tables and ten thousand roles are few of either.
 */
export function rightsOf(granted: Granted): Rights {
  const { sets, masks } = gatherSets(granted);
  const belonging = membershipsOf(granted);
  const protectedTables = gatherTables(granted);
  const bypassing = new Set(granted.roles.filter((role) => role.bypasses_row_security).map(({ name }) => name));
  const sums = sets.map(({ objects }) => sumOf(objects));
  const known = new Map<string, { own: Int32Array; digests: Record<string, string> }>();
  const rightsOf = (role: string) => {
    const belongs = belonging(role).filter((name) => masks.has(name) || predefined.has(name));
    const key = belongs.join(", ");
    let found = known.get(key);
    if (!found) {
      const own = new Int32Array(sets.length);
      for (const name of belongs) {
        const given = masks.get(name);
        given?.sets.forEach((set, place) => own[set] |= given.masks[place]);
        const everywhere = predefined.get(name);
        if (!everywhere) continue;
        sets.forEach(({ kind }, set) => {
          own[set] |= maskOf(everywhere[familyOf(kind)] ?? [], allPrivileges(kind, granted.version));
        });
      }
      known.set(key, found = { own, digests: digestsOf(sets, sums, own) });
    }
    return found;
  };
  const policiesOn = ({ owner, is_forced, policies }: ProtectedTables, role: string): string[] | null => {
    const belongs = belonging(role);
    const isOwner = owner !== undefined && belongs.includes(quoteRole(owner));
    if (bypassing.has(role) || isOwner && !is_forced) return null;
    return policies.filter(({ roles }) => roles.some((name) => belongs.includes(name))).map(({ name }) => name).sort();
  };
  return {
    on(role, kind) {
      const { own } = rightsOf(role);
      return new Map(
        sets.flatMap((set, place) =>
          set.kind === kind ? set.objects.map((object) => [object, own[place]] as const) : []
        ),
      );
    },
    policies: (role) =>
      new Map(protectedTables.flatMap((set) => {
        const names = policiesOn(set, role);
        return set.tables.map((table) => [table, names] as const);
      })),
    digests(role) {
      const { digests } = rightsOf(role);
      if (protectedTables.length === 0) return digests;
      const row_security = protectedTables.reduce(
        (sum, set) => sum + set.sum * (numberOf(JSON.stringify(policiesOn(set, role))) | 1n),
        0n,
      );
      return { ...digests, row_security: hexOf(row_security) };
    },
  };
}

/** The sum of what each object and mask comes to: in any order, and however the objects were gathered. */
function digestsOf(sets: ObjectSet[], sums: bigint[], masks: Int32Array): Record<string, string> {
  const byKind = new Map<string, Map<number, bigint>>();
  sets.forEach(({ kind }, place) => {
    if (masks[place] === 0) return;
    let byMask = byKind.get(kind);
    if (!byMask) byKind.set(kind, byMask = new Map());
    byMask.set(masks[place], (byMask.get(masks[place]) ?? 0n) + sums[place]);
  });
  return Object.fromEntries(
    [...byKind].map(([kind, byMask]) => [
      kind,
      hexOf([...byMask].reduce((sum, [mask, objects]) => sum + objects * (numberOf(`mask ${mask}`) | 1n), 0n)),
    ]).sort(),
  );
}

function sumOf(objects: readonly string[]): bigint {
  return objects.reduce((sum, object) => sum + numberOf(object), 0n);
}

function numberOf(text: string): bigint {
  return BigInt(`0x${createHash("sha256").update(text).digest("hex").slice(0, 32)}`);
}

function hexOf(number: bigint): string {
  return BigInt.asUintN(128, number).toString(16).padStart(32, "0");
}

/** By grantee, as {@linkcode quoteRole} writes it: the places of sets, and what it was given there. */
type Masks = Map<string, { sets: number[]; masks: number[] }>;

function gatherSets(granted: Granted): { sets: ObjectSet[]; masks: Masks } {
  const { definitions, grants, changed, large_objects, database, version } = granted;
  const sets: ObjectSet[] = [];
  const masks: Masks = new Map();
  const places = new Map<string, number>();
  const give = (grantee: string, set: number, mask: number) => {
    const given = masks.get(grantee);
    if (!given) return void masks.set(grantee, { sets: [set], masks: [mask] });
    given.sets.push(set);
    given.masks.push(mask);
  };
  const add = (kind: string, identity: string, owner: string | undefined, lines: readonly string[]) => {
    const key = [kind, owner, ...lines].join("\n");
    const place = places.get(key);
    if (place !== undefined) return void sets[place].objects.push(identity);
    const set = sets.push({ kind, objects: [identity] }) - 1;
    places.set(key, set);
    const all = allPrivileges(kind, version);
    const ownerName = owner === undefined ? undefined : quoteRole(owner);
    for (const line of lines) {
      const { privileges, grantees } = readLine(line);
      const mask = maskOf(privileges, all);
      for (const grantee of grantees) {
        const name = grantee === "OWNER" ? ownerName : grantee;
        if (name !== undefined && mask !== 0) give(name, set, mask);
      }
    }
    // Whatever an owner took from itself, it may give.
    if (ownerName !== undefined) give(ownerName, set, maskOf(["ALL*"], all) >> optionShift << optionShift);
  };
  const given = new Map(
    grants.flatMap(({ kind, grants, objects }) =>
      kind === "default_privileges" ? [] : objects.map((identity) => [`${kind}\n${identity}`, grants] as const)
    ),
  );
  const relations = new Map<string, { owner?: string; lines: readonly string[] }>();
  for (const { kind, identity, owner } of definitions) {
    if (allPrivileges(kind, version).length === 0) continue;
    const lines = given.get(`${kind}\n${identity}`) ?? defaultGrants(kind, version);
    add(kind, identity, owner, lines);
    if (familyOf(kind) === "relation") relations.set(identity, { owner, lines });
  }
  for (const { kind, grants: lines, objects } of grants) {
    if (kind !== "column") continue;
    for (const identity of objects) {
      const relation = relations.get(relationOfColumn(identity));
      if (relation) add("column", identity, relation.owner, [...lines, ...relation.lines]);
    }
  }
  for (const { kind, grants: lines, objects } of changed) {
    for (const identity of objects) add(kind, identity, undefined, lines);
  }
  for (const { owner, grants: lines, ids } of large_objects) add("large_object", ids, owner, lines);
  add("database", "database", database.owner, database.grants);
  return { sets, masks };
}

/** Tables of one owner that the same policies protect. */
interface ProtectedTables {
  owner?: string;
  is_forced?: true;
  policies: { name: string; roles: string[] }[];
  tables: string[];
  sum: bigint;
}

function gatherTables({ definitions, row_security }: Granted): ProtectedTables[] {
  if (row_security.length === 0) return [];
  const owners = new Map(definitions.filter(({ kind }) => kind === "table").map((one) => [one.identity, one.owner]));
  const sets = Map.groupBy(
    row_security,
    ({ table, is_forced, policies }) => JSON.stringify([owners.get(table), is_forced, policies]),
  );
  return [...sets.values()].map((set) => {
    const [{ table, is_forced, policies }] = set;
    const tables = set.map(({ table }) => table);
    return { owner: owners.get(table), is_forced, policies, tables, sum: sumOf(tables) };
  });
}

/** Of whom a role has the privileges, itself among them, and everybody; written as {@linkcode quoteRole} does. */
function membershipsOf({ roles, database }: Granted): (role: string) => string[] {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const known = new Map<string, string[]>();
  return (role) => {
    const found = known.get(role);
    if (found) return found;
    const names = new Set<string>(role === everybody ? [] : [role]);
    for (const name of names) {
      for (const { role, inherits } of byName.get(name)?.member_of ?? []) if (inherits) names.add(role);
      if (name === database.owner) names.add("pg_database_owner");
    }
    const belonging = ["PUBLIC", ...[...names].map(quoteRole).sort()];
    known.set(role, belonging);
    return belonging;
  };
}
