import type { ArchiveEntry } from "../postgres/archive_contents.ts";
import type { Definition } from "./definitions/definitions.ts";
import type { Manifest } from "./manifest.ts";
import { partOfPrivileges } from "./privileges/part_of.ts";
import { quotedName, tableName } from "./table_name.ts";

/** Which part of a backup is restored: names and patterns as pg_dump takes them. */
export interface Subset {
  schemas: string[];
  tables: string[];
}

/** A part of an archive that makes sense by itself. */
export interface ArchivePart {
  /** All that is restored, in the archive's order. */
  entries: ArchiveEntry[];
  /** Foreign keys of chosen tables to tables that are not chosen; they are not restored. */
  foreignKeysLeftOut: ArchiveEntry[];
  /** Chosen partitions whose partitioned table is not chosen: they come back as separate tables. */
  detached: ArchiveEntry[];
}

/** Whether it is less than everything. */
export function isSubset({ schemas, tables }: Subset): boolean {
  return schemas.length + tables.length > 0;
}

/** As options of pg_dump. */
function subsetOptions({ schemas, tables }: Subset): string[] {
  return [...schemas.map((name) => `--schema=${name}`), ...tables.map((name) => `--table=${name}`)];
}

/** The manifest of a part of a backup: the rows of its tables, and the definitions of all that hangs on them. */
export function subsetOf(manifest: Manifest, subset: Subset, part: ArchivePart): Manifest {
  const namesOf = (isWanted: (entry: ArchiveEntry) => boolean) =>
    new Set(part.entries.filter(isWanted).map(({ schema, name }) => tableName({ schema, name })));
  const relations = namesOf(({ kind }) => /^((FOREIGN )?TABLE|(MATERIALIZED )?VIEW|SEQUENCE)$/.test(kind));
  const sequences = namesOf(({ kind }) => kind === "SEQUENCE");
  const definitions = manifest.definitions.filter(holdsDefinition(part, namesOf, relations));
  return {
    ...manifest,
    dump: manifest.dump && {
      ...manifest.dump,
      selection: [...manifest.dump.selection, ...subsetOptions(subset)],
    },
    rows: manifest.rows.filter((table) => relations.has(tableName(table))),
    definitions,
    privileges: manifest.privileges && partOfPrivileges(manifest.privileges, definitions, false),
    sequences: manifest.sequences.filter((sequence) => sequences.has(tableName(sequence))),
    large_objects: { count: 0, size_bytes: 0, digest: "0".repeat(32) },
    distribution: [],
    chain: undefined,
  };
}

function holdsDefinition(
  part: ArchivePart,
  namesOf: (isWanted: (entry: ArchiveEntry) => boolean) => Set<string>,
  relations: Set<string>,
): (definition: Definition) => boolean {
  const ownNames = new Map([
    ["index", namesOf(({ kind }) => kind === "INDEX")],
    ["statistics", namesOf(({ kind }) => kind === "STATISTICS")],
  ]);
  // Without the partitioned table nothing on a partition is what it was.
  const detached = new Set(part.detached.map(tableName));
  const leftOut = new Set(part.foreignKeysLeftOut.flatMap(({ schema, name }) => foreignKeyNames(schema, name)));
  const ofOthers = new Set(
    part.entries.filter(({ kind }) => kind === "FK CONSTRAINT").flatMap(({ schema, name }) =>
      foreignKeyNames(schema, name)
    ),
  );
  return ({ kind, identity, definition }) => {
    if (kind === "constraint" && ofOthers.has(identity)) return true;
    if (leftOut.has(identity.replace(/^table constraint /, ""))) return false;
    const relation = relationOf({ kind, identity, definition });
    if (relation !== undefined && detached.has(relation)) return false;
    const own = ownNames.get(kind);
    if (own) return own.has(identity);
    return relation !== undefined && relations.has(relation);
  };
}

/** Where the table's name ends and the key's begins, a blank in either hides. */
function foreignKeyNames(schema: string, name: string): string[] {
  const words = name.split(" ");
  return words.slice(1).map((_, place) => {
    const [table, key] = [words.slice(0, place + 1), words.slice(place + 1)].map((part) => part.join(" "));
    return `${quotedName(key)} on ${tableName({ schema, name: table })}`;
  });
}

const qualified = String.raw`((?:"(?:[^"]|"")*"|[^\s".(]+)\.(?:"(?:[^"]|"")*"|[^\s".(]+))`;
const onRelation = new RegExp(` on ${qualified}$`);
const ofRelation = new RegExp(`^(?:foreign |materialized )?(?:table|view|sequence)(?: column)? ${qualified}`);
const indexed = new RegExp(` ON (?:ONLY )?${qualified} USING `);

/** The table, view or sequence that a definition is, or hangs on. */
function relationOf({ kind, identity, definition }: Definition): string | undefined {
  if (/^(table|foreign_table|view|materialized_view|sequence)$/.test(kind)) return identity;
  if (kind === "index") return indexed.exec(definition)?.[1];
  if (kind === "constraint" || kind === "trigger" || kind === "rule" || kind === "policy") {
    return onRelation.exec(identity)?.[1];
  }
  if (kind === "comment" || kind === "security_label") {
    return onRelation.exec(identity)?.[1] ?? ofRelation.exec(identity)?.[1];
  }
  return undefined;
}
