import { createHash } from "node:crypto";
import type { Sql } from "../../postgres/connection/connect.ts";
import common from "../definitions/common.sql" with { type: "text" };
import type { Definition } from "../definitions/definitions.ts";
import { withPlainNames } from "../definitions/plain_names.ts";
import type { Privileges, Surroundings } from "../manifest.ts";
import { readExactly } from "../rows/row_digest_session.ts";
import { type GrantedObject, type KnownItems, quoteRole, writeGrants } from "./grants.ts";
import { everybody, type Granted, rightsOf } from "./rights.ts";
import surroundingsQuery from "./surroundings.sql" with { type: "text" };

interface Row {
  bootstrap_role: string;
  changed: {
    kind: string;
    identity: string;
    extension: string | null;
    owner: string;
    initial: string[] | null;
    acl: string[] | null;
  }[];
  database: { owner: string; acl: string[] };
  large_objects: { owner: string; acl: string[]; ids: string }[];
  row_security: { table: string; is_forced: boolean; policies: { name: string; roles: (string | null)[] }[] }[];
  roles: {
    name: string;
    is_superuser: boolean;
    bypasses_row_security: boolean;
    inherits: boolean;
    member_of: { role: string; inherits: boolean; is_admin: boolean }[] | null;
  }[];
}

/**
 * Captures what no definition tells of who may do what. Reads catalogs only.
 *
 * @param sql A connection inside a transaction.
 */
export async function captureSurroundings(sql: Sql): Promise<Surroundings & { version: number }> {
  const [row] = await readExactly<Row & { version: number }>(
    sql,
    `WITH ${common} SELECT *, current_setting('server_version_num')::int4 AS version FROM (${surroundingsQuery}) AS one`,
  );
  const { version } = row;
  const written = (acl: string[] | null, object: Omit<GrantedObject, "version">) =>
    writeGrants(acl ?? [], { ...object, version });
  return {
    version,
    bootstrap_role: row.bootstrap_role,
    changed: together(
      row.changed.map(({ kind, identity, extension, owner, initial, acl }) => ({
        kind,
        ...extension !== null && { extension },
        initial: written(initial, { kind, owner }),
        grants: written(acl, { kind, owner }),
        objects: [withPlainNames(identity)],
      })).filter(({ initial, grants }) => initial.join("\n") !== grants.join("\n")),
    ),
    database: {
      owner: row.database.owner,
      grants: written(row.database.acl, { kind: "database", owner: row.database.owner }),
    },
    large_objects: row.large_objects
      .map(({ owner, acl, ids }) => ({ owner, grants: written(acl, { kind: "large_object", owner }), ids }))
      .sort((a, b) => Number.parseInt(a.ids) - Number.parseInt(b.ids)),
    row_security: row.row_security.map(({ table, is_forced, policies }) => ({
      table: withPlainNames(table),
      ...is_forced && { is_forced },
      policies: policies.map(({ name, roles }) => ({
        name,
        roles: roles.map((role) => role === null ? "PUBLIC" : quoteRole(role)).sort(),
      })),
    })),
    roles: row.roles.map(({ name, is_superuser, bypasses_row_security, inherits, member_of }) => ({
      name,
      ...is_superuser && { is_superuser },
      ...bypasses_row_security && { bypasses_row_security },
      ...!inherits && { does_not_inherit: true as const },
      ...member_of && {
        member_of: member_of.map(({ is_admin, ...membership }) => ({ ...membership, ...is_admin && { is_admin } })),
      },
    })),
  };
}

/** Gathers objects that have all else in common, in the order of the first of each. */
function together<Group extends { kind: string; objects: string[] }>(groups: Group[]): Group[] {
  const gathered = new Map<string, Group>();
  for (const { objects, ...rest } of groups) {
    const key = JSON.stringify(rest);
    const group = gathered.get(key);
    if (group) group.objects.push(...objects);
    else gathered.set(key, { ...rest, objects: [...objects] } as Group);
  }
  return [...gathered.values()];
}

/**
 * Puts together what the definitions tell of grants, and all else.
 *
 * @param grants As {@linkcode gatherGrants} gathered them.
 */
export function makePrivileges(
  definitions: readonly Definition[],
  grants: Privileges["grants"],
  { version, ...surroundings }: Surroundings & { version: number },
): Privileges {
  const privileges = { ...surroundings, grants };
  return { ...privileges, rights: digestRights({ ...privileges, definitions, version }) };
}

/** Digests what every role can do. A role called PUBLIC is written as one, so that everybody is told from it. */
export function digestRights(granted: Granted): Privileges["rights"] {
  const rights = rightsOf(granted);
  const roles = granted.roles.filter(({ name, is_superuser }) => !is_superuser && !name.startsWith("pg_"));
  const digested = [everybody, ...roles.map(({ name }) => name)].map((name) => ({
    name: name === everybody ? "PUBLIC" : quoteRole(name),
    by_kind: rights.digests(name),
  }));
  return [...Map.groupBy(digested, ({ by_kind }) => JSON.stringify(by_kind))].map(([key, group]) => ({
    roles: group.map(({ name }) => name),
    digest: createHash("sha256").update(key).digest("hex").slice(0, 32),
    by_kind: group[0].by_kind,
  }));
}

const columnGrant = /^column ("(?:[^"]|"")*"|[^:]+): (.*)$/s;

/** Gathers grants of definitions, those that are alike together. */
interface GatheredGrants {
  /** Takes the grants of definitions that are sorted by name; a kind's all at once. */
  add(definitions: readonly Definition[], version: number): void;
  groups(): Privileges["grants"];
}

export function gatherGrants(): GatheredGrants {
  const known: KnownItems = new Map();
  const groups = new Map<string, Privileges["grants"][number]>();
  const add = (kind: string, identity: string, items: string[], object: Omit<GrantedObject, "kind">) => {
    const grants = writeGrants(items, { kind: kindOfGrants(kind, identity), ...object }, known);
    const key = `${kind}\n${grants.join("\n")}`;
    const group = groups.get(key);
    if (group) group.objects.push(identity);
    else groups.set(key, { kind, grants, objects: [identity] });
  };
  return {
    add(definitions, version) {
      for (const { kind, identity, owner, acl, column_acl = [] } of definitions) {
        if (acl) add(kind, identity, acl, { owner, version });
        const columns = Map.groupBy(column_acl.map((item) => columnGrant.exec(item)!), ([, column]) => column);
        for (const [column, items] of columns) {
          const name = `${identity}.${withPlainNames(column)}`;
          add("column", name, items.map(([, , grant]) => grant), { owner, version });
        }
      }
    },
    groups() {
      const first = ({ kind, objects }: Privileges["grants"][number]) => `${kind}\n${objects[0]}`;
      return [...groups.values()].sort((a, b) => first(a) < first(b) ? -1 : 1);
    },
  };
}

/** What default privileges are about is the end of their name: `for role alice in schema app on tables`. */
export function kindOfGrants(kind: string, identity: string): string {
  if (kind !== "default_privileges") return kind;
  const of = { tables: "table", sequences: "sequence", functions: "function", types: "domain", schemas: "schema" };
  const [, what] = / on ([a-z ]+)$/.exec(identity) ?? [];
  return of[what as keyof typeof of] ?? "large_object";
}
