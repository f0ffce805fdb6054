import type { Manifest } from "./manifest.ts";

/** Which part of a backup is restored: pg_restore's `--schema` and `--table`, plain names both. */
export interface Subset {
  schemas: string[];
  tables: string[];
}

/** Whether it is less than everything. */
export function isSubset({ schemas, tables }: Subset): boolean {
  return schemas.length + tables.length > 0;
}

/**
 * The manifest of a part of a backup: the rows of its tables. pg_restore leaves out most of what hangs on a chosen table,
 * so definitions and sequences are not part of it.
 */
export function subsetOf(manifest: Manifest, { schemas, tables }: Subset): Manifest {
  return {
    ...manifest,
    dump: manifest.dump && {
      ...manifest.dump,
      selection: [
        ...manifest.dump.selection,
        ...schemas.map((name) => `--schema=${name}`),
        ...tables.map((name) => `--table=${name}`),
      ],
    },
    rows: manifest.rows.filter(({ schema, name }) =>
      (schemas.length === 0 || schemas.includes(schema)) && (tables.length === 0 || tables.includes(name))
    ),
    definitions: [],
    sequences: [],
    large_objects: { count: 0, size_bytes: 0, digest: "0".repeat(32) },
    distribution: [],
    chain: undefined,
  };
}
