import { defineFinding, defineFindingFamily, defineFindings, defineNote } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";
import { definitionKinds } from "../definitions/kinds.ts";

/** What is missing, or too much. Of a table the rows are counted as well, and said in place of the definition. */
interface Identified {
  kind: string;
  object: string;
  definition?: string;
  rows?: number;
}

function title(kind: string): string {
  return kind.replaceAll("_", " ");
}

export const definitionMissing = defineFindingFamily({
  codes: definitionKinds.map((kind) => `${kind.toUpperCase()}_MISSING`),
  codeOf: ({ kind }) => `${kind.toUpperCase()}_MISSING`,
  means: "fail",
  says: ({ kind, object, definition, rows }: Identified) => ({
    message: `The ${title(kind)} ${object}${rows === undefined ? "" : ` with its ${rows} rows`} was not restored.`,
    fix: kind === "extension"
      ? "Install the extension's package on the server, then restore again."
      : "If the restore reported an error for it (RESTORE_FAILED), follow that finding's fix. If not, make a new " +
        "backup.",
    object,
    expected: definition,
  }),
  examples: [
    { kind: "index", object: "public.orders_by_customer", definition: "CREATE INDEX …" },
    { kind: "table", object: "public.orders", rows: 600 },
    { kind: "extension", object: "postgis" },
  ],
});

export const definitionUnexpected = defineFindingFamily({
  codes: definitionKinds.map((kind) => `${kind.toUpperCase()}_UNEXPECTED`),
  codeOf: ({ kind }) => `${kind.toUpperCase()}_UNEXPECTED`,
  means: "fail",
  says: ({ kind, object, definition, rows }: Identified) => ({
    message: `The ${title(kind)} ${object}${
      rows === undefined ? "" : ` with ${rows} rows`
    } was not there when the backup was made.`,
    fix: "Compare with the manifest of this backup, in a database that held nothing else before.",
    object,
    actual: definition,
  }),
  examples: [
    { kind: "index", object: "public.orders_by_customer", definition: "CREATE INDEX …" },
    { kind: "table", object: "public.orders", rows: 600 },
  ],
});

export const definitionDiffers = defineFinding({
  code: "DEFINITION_DIFFERS",
  means: "fail",
  says: ({ kind, object, difference, expected, actual }: {
    kind: string;
    object: string;
    difference: string;
    expected: string;
    actual: string;
  }) => ({
    message: `The definition of the ${title(kind)} ${object} differs.`,
    fix: "Look at the difference. Correct it in the restored database, and find out why the restore changed it.",
    object,
    detail: difference,
    expected,
    actual,
  }),
  examples: [{
    kind: "view",
    object: "public.totals",
    difference: "-SELECT 1",
    expected: "SELECT 1",
    actual: "SELECT 2",
  }],
});

export const schemaPublicAdded = defineNote({
  code: "SCHEMA_PUBLIC_ADDED",
  says: () => ({
    message: "The source had no schema public. pg_dump does not record that, so every restore creates one.",
    object: "public",
  }),
});

export const definitionsNotJudged = defineNote({
  code: "DEFINITIONS_NOT_JUDGED",
  says: ({ count, first, obstacle }: { count: number; first: string; obstacle: string }) => ({
    message:
      `The texts of ${count} definitions differ, and the server could not be asked whether they mean the same: ` +
      `${obstacle}.`,
    object: first,
  }),
  examples: [{ count: 3, first: "public.totals", obstacle: "permission denied for schema public" }],
});

export const extensionVersionDiffers = defineNote({
  code: "EXTENSION_VERSION_DIFFERS",
  says: ({ extension, before, now }: { extension: string; before?: string; now?: string }) => ({
    message: `The extension ${extension} had version ${before} and has ${now}.`,
    object: extension,
  }),
  examples: [{ extension: "pg_trgm", before: "1.5", now: "1.6" }],
});

export const unknownOptionDiffers = defineNote({
  code: "UNKNOWN_OPTION_DIFFERS",
  says: ({ option, first, more }: { option: string; first: string; more: number }) => ({
    message: `The option ${option} differs on ${first}${more > 0 ? ` and on ${more} more` : ""}. ` +
      "pgrehearse does not know this option. Perhaps the server sets it itself; then a dump does not hold it.",
    object: first,
  }),
  examples: [{ option: "autovacuum_new", first: "public.orders", more: 2 }],
});

/** How many rows there were and are, with what else is known of them. */
interface Rows {
  object: string;
  expected: { row_count: number; digest?: unknown };
  actual: { row_count: number; digest?: unknown };
  /** A sentence more: where in the key the difference lies. */
  where?: string;
}
const rows = { object: "public.orders", expected: { row_count: 600 } };

export const rowCountDiffers = defineFinding({
  code: "ROW_COUNT_DIFFERS",
  means: "fail",
  says: ({ object, expected, actual, where = "" }: Rows) => ({
    message: `${object} has ${actual.row_count} rows; expected ${expected.row_count}.${where}`,
    fix: "Rows are missing or duplicated. pgrehearse compare --source-url names them.",
    object,
    expected,
    actual,
  }),
  examples: [{ ...rows, actual: { row_count: 599 } }],
});

export const rowsDiffer = defineFinding({
  code: "ROWS_DIFFER",
  means: "fail",
  says: ({ object, expected, actual, where = "" }: Rows) => ({
    message: `${object} has the expected ${expected.row_count} rows, but their content differs.${where}`,
    fix: "Values have changed. pgrehearse compare --source-url names the rows.",
    object,
    expected,
    actual,
  }),
  examples: [{ ...rows, actual: { row_count: 600 } }],
});

export const materializedViewUnfilled = defineFinding({
  code: "MATERIALIZED_VIEW_UNFILLED",
  means: "fail",
  says: ({ object, rows }: { object: string; rows: number }) => ({
    message: `The materialized view ${object} had ${rows} rows; now it is missing or was not refreshed.`,
    fix: "See what pg_restore said about it. If the view exists, REFRESH MATERIALIZED VIEW fills it.",
    object,
  }),
  examples: [{ object: "public.totals", rows: 31 }],
});

export const materializedViewDiffers = defineNote({
  code: "MATERIALIZED_VIEW_DIFFERS",
  says: ({ object, before, now }: { object: string; before: number; now: number }) => ({
    message: `The restore refreshed ${object}: it has ${now} rows; it had ${before}.`,
    object,
  }),
  examples: [{ object: "public.totals", before: 31, now: 30 }],
});

/** What a sequence was and is, as the manifest says it. */
interface Compared {
  expected: unknown;
  actual: unknown;
}

export const sequenceDiffers = defineFinding({
  code: "SEQUENCE_DIFFERS",
  means: "fail",
  says: ({ object, parameters, ...compared }: Compared & { object: string; parameters: readonly string[] }) => ({
    message: `The sequence ${object} differs in its ${parameters.join(", ").replaceAll("_", " ")}.`,
    fix: "Set the old value with ALTER SEQUENCE, and find out why the restore did not.",
    object,
    ...compared,
  }),
  examples: [{
    object: "public.orders_id_seq",
    parameters: ["increment_by"],
    expected: { increment_by: 1 },
    actual: { increment_by: 10 },
  }],
});

export const sequenceBehind = defineFindings({
  code: "SEQUENCE_BEHIND",
  means: "fail",
  situations: {
    /** It was not when the backup was made. */
    newly: {
      says: ({ object, value, columns, ...compared }: Compared & {
        object: string;
        value: string;
        columns: readonly string[];
      }) => ({
        message: `The sequence ${object} is at ${value}, behind the values in ${
          columns.join(", ")
        }: its next value already exists.`,
        fix: "Set it above the column's maximum with setval(), and find out why the restore did not.",
        object,
        ...compared,
      }),
      examples: [{
        object: "public.orders_id_seq",
        value: "412",
        columns: ["public.orders.id"],
        expected: { last_value: "600" },
        actual: { last_value: "412" },
      }],
    },
    /** In a database that nothing is known of. */
    found: {
      means: "warning",
      says: ({ object }: { object: string }) => ({
        message: `The next value of the sequence ${object} already exists in its column.`,
        fix: "Set it above the column's maximum with setval(). Check whether the source has the same problem.",
        object,
      }),
      examples: [{ object: "public.orders_id_seq" }],
    },
  },
});

export const sequenceValueDiffers = defineFinding({
  code: "SEQUENCE_VALUE_DIFFERS",
  means: "fail",
  says: ({ object, value, before, after, ...compared }: Compared & {
    object: string;
    value: string;
    /** Its value when the dump began and ended. */
    before: string;
    after: string;
  }) => ({
    message: `The sequence ${object} is at ${value}; during the dump it was ${
      before === after ? `at ${before}` : `between ${before} and ${after}`
    }.`,
    fix: "Set it with setval(), and find out why the restore did not.",
    object,
    ...compared,
  }),
  examples: [{
    object: "public.orders_id_seq",
    value: "700",
    before: "600",
    after: "604",
    expected: { last_value: "600" },
    actual: { last_value: "700" },
  }],
});

export const sequenceMoved = defineNote({
  code: "SEQUENCE_MOVED",
  says: ({ object, before, after, value }: { object: string; before: string; after: string; value: string }) => ({
    message: `The sequence ${object} moved from ${before} to ${after} during the dump; now it is at ${value}.`,
    object,
  }),
  examples: [{ object: "public.orders_id_seq", before: "600", after: "604", value: "602" }],
});

export const sequenceWasBehind = defineNote({
  code: "SEQUENCE_WAS_BEHIND",
  says: ({ object, columns }: { object: string; columns: readonly string[] }) => ({
    message: `The sequence ${object} was already behind the values in ${columns.join(", ")} when it was dumped.`,
    object,
  }),
  examples: [{ object: "public.orders_id_seq", columns: ["public.orders.id"] }],
});

export const nothingCompared = defineFinding({
  code: "NOTHING_COMPARED",
  means: "unknown",
  says: () => ({
    message: "The manifest is empty, so there was nothing to compare.",
    fix: "Check what was selected for the backup or for this restore, and select what you want to restore.",
  }),
});

/** Of a database's large objects. */
interface LargeObjects {
  count: number;
  digest: unknown;
}

interface LargeObjectFacts {
  expected: LargeObjects;
  actual: LargeObjects;
  /** Ids, as ranges; absent where the backup has no digests of parts of them. */
  ids?: readonly string[];
  /** Whether some of these may be alike. */
  isVague?: boolean;
}

const mostIdsInMessage = 10;

export const largeObjectsDiffer = defineFinding({
  code: "LARGE_OBJECTS_DIFFER",
  means: "fail",
  says: ({ expected, actual, ids = [], isVague }: LargeObjectFacts) => {
    const shown = ids.slice(0, mostIdsInMessage).join(", ");
    const others = ids.length > mostIdsInMessage ? ` and ${ids.length - mostIdsInMessage} more` : "";
    const which = ids.length === 0
      ? ""
      : ` ${isVague ? "They differ among these ids" : "Ids that differ"}: ${shown}${others}.`;
    return {
      message: (expected.count === actual.count
        ? `The contents or ids of the ${expected.count} large objects differ.`
        : `There are ${actual.count} large objects; expected ${expected.count}.`) + which,
      fix: "Check that the dump includes large objects (pg_dump leaves them out with --schema and --table).",
      object: "large objects",
      expected,
      actual,
      ...others && { detail: ids.slice(0, 10_000).join("\n") },
    };
  },
  examples: [
    { expected: { count: 12, digest: "9f86d08…" }, actual: { count: 0, digest: "0000000…" } },
    {
      expected: { count: 12, digest: "9f86d08…" },
      actual: { count: 12, digest: "b94d27b…" },
      ids: ["16384", "16400-16402"],
    },
  ],
});

export const distributionDiffers = defineFinding({
  code: "DISTRIBUTION_DIFFERS",
  means: "fail",
  says: ({ object, count, ...compared }: Compared & { object: string; count: number }) => ({
    message: `For ${counted(count, "value")} of ${object}, the number of rows differs.`,
    fix: "Rows with these values are missing, were added, or have another value now. ROWS_DIFFER says which.",
    object,
    ...compared,
  }),
  examples: [{
    object: "public.orders:tenant",
    count: 1,
    expected: [{ value: "acme", row_count: 31 }],
    actual: [{ value: "acme", row_count: 30 }],
  }],
});

const chain = { message: "The audit chain differs from the one that was dumped.", object: "audit chain" };

export const chainDiffers = defineFindings({
  code: "CHAIN_DIFFERS",
  means: "fail",
  situations: {
    ofBackup: {
      says: (compared: Compared) => ({
        ...chain,
        fix: "Run pgrehearse verify on both databases to see where it breaks.",
        ...compared,
      }),
      examples: [{ expected: { row_count: 417 }, actual: { row_count: 416 } }],
    },
    /** Both databases are gone when it is said. */
    ofSmoke: {
      says: (compared: Compared) => ({
        ...chain,
        fix:
          "A dump and restore on this host loses or changes rows. Run smoke again with --keep DIRECTORY, and look at " +
          "the dump and the snapshots there.",
        ...compared,
      }),
      examples: [{ expected: { row_count: 24 }, actual: { row_count: 23 } }],
    },
  },
});

export const serverVersionDiffers = defineNote({
  code: "SERVER_VERSION_DIFFERS",
  says: ({ before, now }: { before: string; now: string }) => ({
    message: `Dumped from PostgreSQL ${before}, restored into ${now}.`,
  }),
  examples: [{ before: "15.18", now: "17.2" }],
});

export const collationDiffers = defineNote({
  code: "COLLATION_DIFFERS",
  says: ({ before, now }: { before: string; now: string }) => ({
    message: `The database's collation was ${before} and is ${now}: text sorts differently.`,
  }),
  examples: [{ before: "de_DE.UTF-8", now: "C.UTF-8" }],
});

export const collationVersionDiffers = defineNote({
  code: "COLLATION_VERSION_DIFFERS",
  says: ({ before = "unknown", now = "unknown" }: { before?: string; now?: string }) => ({
    message:
      `The collation's version was ${before} and is ${now}. That is safe here, as a restore rebuilds indexes; a copy of ` +
      "data files would not be safe.",
  }),
  examples: [{ before: "2.31", now: "2.36" }],
});
