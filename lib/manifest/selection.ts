import type { DumpEntry } from "../postgres/pg_restore.ts";
import { withoutData } from "./capture.ts";
import type { CapturedDatabase } from "./capture_database.ts";
import { tableName } from "./table_name.ts";
import type { Definition } from "./definitions/definitions.ts";
import type { Manifest, ManifestSequence } from "./manifest.ts";
import { partOfPrivileges } from "./privileges/part_of.ts";
import type { TableName, TableToDigest } from "./rows/rows.ts";

/** Kinds of definitions that a dump holds with their table, by the end of their identity. */
const kindsOnTables = new Set(["index", "constraint", "trigger", "rule", "policy"]);

/** Whether pg_dump's options left more out than the data of some tables: then not every definition is in the dump. */
export function leavesOutDefinitions(selection: string[]): boolean {
  return selection.some((option) => !option.startsWith("--exclude-table-data"));
}

/** What a dump of a part of the database holds, as its table of contents says. */
export interface DumpedPart {
  /** Whether the table's rows are in the dump. */
  isChosen: (table: TableToDigest) => boolean;
  hasLargeObjects: boolean;
  /** Reduces what was captured to what is in the dump; call it when the tables were asked for with `isChosen`. */
  narrow: (captured: CapturedDatabase) => CapturedDatabase;
}

/**
 * Reads from a dump's table of contents what of the database is in it.
 *
 * Of definitions, a dump that leaves some out is known to hold those that its table of contents names, and what hangs on
 * its tables; only these are kept for the comparison.
 */
export function readDumpedPart(entries: DumpEntry[], selection: string[]): DumpedPart {
  const oidsOf = (kind: RegExp) => new Set(entries.filter(({ text }) => kind.test(text)).map(({ oid }) => oid));
  const withData = oidsOf(/^(TABLE DATA|MATERIALIZED VIEW DATA) /);
  const withDefinition = oidsOf(/^(TABLE|MATERIALIZED VIEW) (?!DATA )/);
  const leftOut: TableToDigest[] = [];
  const unfilled = new Set<string>();
  const holds = readNames(entries);
  const holdsLargeObjects = entries.some(({ text }) => /^BLOB/.test(text));
  return {
    isChosen(table) {
      const isChosen = withData.has(table.oid);
      if (withDefinition.has(table.oid) && !isChosen) {
        if (table.isMaterializedView) unfilled.add(`${table.schema} ${table.name}`);
        else leftOut.push(table);
      }
      return isChosen;
    },
    hasLargeObjects: holdsLargeObjects,
    narrow(captured) {
      const rows = [...captured.rows, ...leftOut.map(withoutData)];
      const isOrphan = ({ owned_by }: ManifestSequence) =>
        owned_by !== null && !holds("TABLE", `${owned_by.schema} ${owned_by.name}`);
      const orphans = new Set(captured.sequences.filter(isOrphan).map(({ schema, name }) => `${schema} ${name}`));
      const holdsDefinition = ({ kind, identity }: Definition) => {
        const name = nameInDump(identity);
        return holds(kindInDump(kind), name) && !(kind === "sequence" && orphans.has(name));
      };
      const isPart = leavesOutDefinitions(selection);
      const definitions = (isPart ? captured.definitions.filter(holdsDefinition) : captured.definitions)
        .map((one) => unfilled.has(nameInDump(one.identity)) ? withNoData(one) : one);
      const relations = definitions.filter(({ kind }) => /table|view$/.test(kind)).map(({ identity }) => identity);
      const hanging = captured.definitions.filter(({ kind, identity }) =>
        kindsOnTables.has(kind) && relations.some((relation) => identity.endsWith(` on ${relation}`))
      );
      const holdsRowsOf = ({ schema, name }: TableName) =>
        holds("TABLE", `${schema} ${name}`) && !leftOut.some((table) => table.schema === schema && table.name === name);
      const kept = isPart ? [...new Set([...definitions, ...hanging])] : definitions;
      return {
        ...captured,
        rows,
        definitions: kept,
        ...isPart && captured.privileges && {
          privileges: partOfPrivileges(captured.privileges, kept, holdsLargeObjects),
        },
        sequences: captured.sequences
          .filter(({ schema, name }) => holds("SEQUENCE", `${schema} ${name}`))
          .map((sequence) => holds("SEQUENCE SET", `${sequence.schema} ${sequence.name}`) ? sequence : unset(sequence))
          .map((sequence) => isOrphan(sequence) ? { ...sequence, owned_by: null } : sequence),
        // Leaves of a partitioned table may be left out, which the name of their root does not show.
        distribution: captured.distribution.filter(({ table }) => leftOut.length === 0 && holdsRowsOf(table)),
        chain: isPart || leftOut.some(({ name }) => /^audit_(events|chain_head)$/.test(name))
          ? undefined
          : captured.chain,
      };
    },
  };
}

/** Whether a dump's table of contents has an entry of that kind and name; what follows the name is the owner. */
function readNames(entries: DumpEntry[]): (kind: string, name: string) => boolean {
  const beginnings = new Set(entries.flatMap(({ text }) => {
    const words = text.split(" ");
    return words.map((_, count) => words.slice(0, count + 1).join(" "));
  }));
  return (kind, name) => beginnings.has(`${kind} ${name}`);
}

/** `materialized_view` is `MATERIALIZED VIEW` there. */
function kindInDump(kind: string): string {
  return kind.replaceAll("_", " ").toUpperCase();
}

/** `app."Twice"(integer)` is `app Twice(integer)` there, and a schema `app`, which lies in none, `- app`. */
export function nameInDump(identity: string): string {
  const [, schema, name, rest] = /^("(?:[^"]|"")*"|[^".]+)(?:\.("(?:[^"]|"")*"|[^"(]+)(.*))?$/s.exec(identity) ?? [];
  const plain = (name: string) => name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
  if (schema === undefined) return identity;
  return name === undefined ? `- ${plain(schema)}` : `${plain(schema)} ${plain(name)}${rest}`;
}

/** A materialized view that the restore does not refresh, as --exclude-table-data matches it, too. */
function withNoData(one: Definition): Definition {
  if (one.kind !== "materialized_view") return one;
  return { ...one, definition: one.definition.replace("\nAS\n", "\nWITH NO DATA\nAS\n") };
}

/** A sequence whose value is not in the dump comes back at its beginning. */
function unset(sequence: ManifestSequence): ManifestSequence {
  const beginning = { last_value: sequence.start_value, is_called: false };
  return { ...sequence, before: beginning, after: beginning };
}

/** Reduces a restored database to what the manifest of a partial dump speaks of: the rest was never to be compared. */
export function reduceToManifest(restored: CapturedDatabase, manifest: Manifest): CapturedDatabase {
  if (!leavesOutDefinitions(manifest.dump?.selection ?? [])) return restored;
  const definitions = new Set(manifest.definitions.map(({ kind, identity }) => `${kind} ${identity}`));
  const sequences = new Set(manifest.sequences.map(tableName));
  const tables = new Set(manifest.rows.map(tableName));
  return {
    ...restored,
    rows: restored.rows.filter((table) => tables.has(tableName(table))),
    definitions: restored.definitions.filter(({ kind, identity }) => definitions.has(`${kind} ${identity}`)),
    sequences: restored.sequences.filter((sequence) => sequences.has(tableName(sequence))),
  };
}
