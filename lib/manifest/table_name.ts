import type { TableName } from "./rows/rows.ts";

/** `schema.table`, as findings name it. */
export function tableName({ schema, name }: TableName): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

function quoted(identifier: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(identifier) ? identifier : `"${identifier.replaceAll('"', '""')}"`;
}
