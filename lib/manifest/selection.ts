import type { DumpEntry } from "../postgres/pg_restore.ts";
import { withoutData } from "./capture.ts";
import type { CapturedDatabase } from "./capture_database.ts";
import { tableName } from "./table_name.ts";
import type { Manifest } from "./manifest.ts";
import type { TableToDigest } from "./rows/rows.ts";

/** Kinds of definitions that belong to one table, by the end of their identity. */
const kindsOnTables = new Set(["index", "constraint", "trigger", "rule", "policy", "statistics"]);

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
 * Of definitions, a dump that leaves some out is known to hold those of its tables and what hangs on them; only these are
 * kept for the comparison.
 */
export function readDumpedPart(entries: DumpEntry[], selection: string[]): DumpedPart {
  const oidsOf = (kind: RegExp) => new Set(entries.filter(({ text }) => kind.test(text)).map(({ oid }) => oid));
  const withData = oidsOf(/^(TABLE DATA|MATERIALIZED VIEW) /);
  const withDefinition = oidsOf(/^(TABLE|MATERIALIZED VIEW) (?!DATA )/);
  const leftOut: TableToDigest[] = [];
  const defined = new Set<string>();
  return {
    isChosen(table) {
      const isChosen = withData.has(table.oid);
      if (withDefinition.has(table.oid)) {
        defined.add(tableName(table));
        if (!isChosen) leftOut.push(table);
      }
      return isChosen;
    },
    hasLargeObjects: entries.some(({ text }) => /^BLOB/.test(text)),
    narrow(captured) {
      const rows = [...captured.rows, ...leftOut.map(withoutData)];
      if (!leavesOutDefinitions(selection)) return { ...captured, rows };
      const dumpedSequences = entries.map(({ text }) => text).filter((text) => text.startsWith("SEQUENCE "));
      return {
        ...captured,
        rows,
        sequences: captured.sequences.filter(({ schema, name }) =>
          dumpedSequences.some((text) => text.startsWith(`SEQUENCE ${schema} ${name} `))
        ),
        definitions: captured.definitions.filter(({ kind, identity }) =>
          kind === "table"
            ? defined.has(identity)
            : kindsOnTables.has(kind) && [...defined].some((table) => identity.endsWith(` on ${table}`))
        ),
      };
    },
  };
}

/** Reduces a restored database to what the manifest of a partial dump speaks of: the rest was never to be compared. */
export function reduceToManifest(restored: CapturedDatabase, manifest: Manifest): CapturedDatabase {
  if (!leavesOutDefinitions(manifest.dump?.selection ?? [])) return restored;
  const definitions = new Set(manifest.definitions.map(({ kind, identity }) => `${kind} ${identity}`));
  const sequences = new Set(manifest.sequences.map(tableName));
  return {
    ...restored,
    definitions: restored.definitions.filter(({ kind, identity }) => definitions.has(`${kind} ${identity}`)),
    sequences: restored.sequences.filter((sequence) => sequences.has(tableName(sequence))),
  };
}
