import type { Definition } from "../definitions/definitions.ts";
import type { Privileges } from "../manifest.ts";

const relations = ["table", "view", "materialized_view", "foreign_table"];

/** The relation of a column's identity: `shop.orders` of `shop.orders.id`. */
export function relationOfColumn(column: string): string {
  return column.replace(/\.(?:"(?:[^"]|"")*"|[^."]+)$/, "");
}

/** Tells of an object, or a column, whether it is among definitions, or on one of them. */
export function isAmong(definitions: readonly Definition[]): (kind: string, identity: string) => boolean {
  const keys = new Set(definitions.map(({ kind, identity }) => `${kind}\0${identity}`));
  return (kind, identity) =>
    kind === "column"
      ? relations.some((relation) => keys.has(`${relation}\0${relationOfColumn(identity)}`))
      : keys.has(`${kind}\0${identity}`);
}

/** Reduces privileges to a part of the database: its definitions, and large objects where it has them. */
export function partOfPrivileges(
  privileges: Privileges,
  definitions: readonly Definition[],
  hasLargeObjects: boolean,
): Privileges {
  const isPart = isAmong(definitions);
  return {
    ...privileges,
    grants: privileges.grants
      .map((group) => ({ ...group, objects: group.objects.filter((identity) => isPart(group.kind, identity)) }))
      .filter(({ objects }) => objects.length > 0),
    changed: [],
    large_objects: hasLargeObjects ? privileges.large_objects : [],
    // Of all of the database; of a part they are reckoned anew.
    rights: undefined,
    row_security: privileges.row_security.filter(({ table }) => isPart("table", table)),
  };
}
