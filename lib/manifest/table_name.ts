import type { TableName } from "./rows/rows.ts";

/** `schema.table`, as findings name it. */
export function tableName({ schema, name }: TableName): string {
  return `${quotedName(schema)}.${quotedName(name)}`;
}

/** An identifier, in quotation marks where it needs them. */
export function quotedName(identifier: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(identifier) ? identifier : `"${identifier.replaceAll('"', '""')}"`;
}
