import { defineFinding, defineFindings, defineNote } from "../system/define_finding.ts";
import { counted, durationText } from "../system/quantities.ts";

/** A check that compares `actual` with `expected`: `expect` puts both into the finding. */
interface Named {
  check: string;
}

export const checkBroke = defineFinding({
  code: "CHECK_BROKE",
  means: "unknown",
  says: ({ check, said }: Named & { said: string }) => ({
    message: `${check} was not run: ${said}`,
    fix: "Please report it, with the output of the same command under --debug.",
  }),
  examples: [{ check: "orders add up", said: "Cannot read properties of null." }],
});

export const checkTimeout = defineFinding({
  code: "CHECK_TIMEOUT",
  means: "unknown",
  says: ({ timeoutMs }: { timeoutMs: number }) => ({
    message: `It took longer than ${durationText(timeoutMs)}.`,
    fix: "Find out why it is slow, or give the check a longer timeout.",
  }),
  examples: [{ timeoutMs: 60_000 }],
});

export const checkTableMissing = defineFinding({
  code: "CHECK_TABLE_MISSING",
  means: "unknown",
  says: ({ written }: { written: string }) => ({
    message: `There is no table ${written}.`,
    fix: "Write table or schema.table as in SQL, with double quotes where names need them. If the name is right, the " +
      "table was not restored.",
  }),
  examples: [{ written: "shop.ordres" }],
});

export const checkColumnMissing = defineFinding({
  code: "CHECK_COLUMN_MISSING",
  means: "unknown",
  says: ({ table, columns }: { table: string; columns: readonly string[] }) => ({
    message: `${table} has no column ${columns.join(", ")}.`,
    fix: "Write the column's name as in SQL, with double quotes where it needs them.",
  }),
  examples: [{ table: "shop.orders", columns: ["totl"] }],
});

export const checkFoundNothing = defineFinding({
  code: "CHECK_FOUND_NOTHING",
  means: "unknown",
  says: ({ table }: { table: string }) => ({
    message: `${table} has no rows, so the check has nothing to look at.`,
    fix: "Find out whether its rows were lost. If it may be empty, leave out this check until it has rows.",
  }),
  examples: [{ table: "shop.orders" }],
});

export const checkNameInvalid = defineFinding({
  code: "CHECK_NAME_INVALID",
  means: "unknown",
  says: ({ said }: { said: string }) => ({
    message: `A name in this check is not a valid SQL name: ${said}.`,
    fix: "Write names as in SQL: table or schema.table, with double quotes where they need them.",
  }),
  examples: [{ said: 'invalid name syntax near "orders;"' }],
});

export const canaryMissing = defineFindings({
  code: "CANARY_MISSING",
  means: "fail",
  situations: {
    recorded: {
      means: "unknown",
      says: ({ check }: Named) => ({
        message: `${check}: the query returns no value, so pgrehearse cannot record one.`,
        fix: "Insert the sentinel row, or correct the query so that it finds the row.",
      }),
      examples: [{ check: "canary" }],
    },
    restored: {
      says: ({ check }: Named) => ({
        message: `${check}: the sentinel is missing in the restored copy.`,
        fix: "Check which backup was restored. It may be older than the sentinel, of another database, or not whole.",
      }),
      examples: [{ check: "canary" }],
    },
  },
});

export const canaryDiffers = defineFinding({
  code: "CANARY_DIFFERS",
  means: "fail",
  says: ({ check }: Named) => ({
    message: `${check}: the sentinel has a different value in the restored copy.`,
    fix: "Check which backup was restored, and whether the sentinel was changed after it.",
  }),
  examples: [{ check: "canary" }],
});

export const canaryNotRecorded = defineFinding({
  code: "CANARY_NOT_RECORDED",
  means: "unknown",
  says: ({ check }: Named) => ({
    message: `${check}: this backup has no record of the sentinel.`,
    fix: "Make backups with this check in the configuration, or set value or sha256 in the check.",
  }),
  examples: [{ check: "canary" }],
});

export const canaryAmbiguous = defineFinding({
  code: "CANARY_AMBIGUOUS",
  means: "unknown",
  says: ({ check }: Named) => ({
    message: `${check}: the query does not return exactly one value.`,
    fix: "Write a query that returns one row with one column.",
  }),
  examples: [{ check: "canary" }],
});

const whereToLook = "Compare the rows with the source (pgrehearse compare --source-url), or with another backup.";

/** Values of a column, of which up to five may be shown. */
interface Spread extends Named {
  column: string;
  values: readonly string[];
  /** How many of them a finding names. Absent: none. */
  show?: number;
}

function spread({ check, column, values, show }: Spread, [one, many]: readonly [string, string]) {
  return {
    message: `${check}: ${counted(values.length, "value")} of ${column} ${values.length === 1 ? one : many}.`,
    fix: show === undefined ? `${whereToLook} With show: true the check shows values.` : whereToLook,
    detail: show === undefined ? undefined : values.slice(0, show).join("\n"),
    object: column,
  };
}
const tenants = { check: "tenants", column: "shop.orders:tenant_id", show: 5 };

export const distributionValuesMissing = defineFinding({
  code: "DISTRIBUTION_VALUES_MISSING",
  means: "fail",
  says: (facts: Spread) =>
    spread(facts, [
      "that is in the backup has no row after the restore",
      "that are in the backup have no row after the restore",
    ]),
  examples: [{ ...tenants, values: ["acme: 1204 rows"] }],
});

export const distributionValuesNew = defineFinding({
  code: "DISTRIBUTION_VALUES_NEW",
  means: "fail",
  says: (facts: Spread) => spread(facts, ["appeared only in the restored copy", "appeared only in the restored copy"]),
  examples: [{ ...tenants, values: ["initech: 3 rows"] }],
});

export const distributionCountsDiffer = defineFinding({
  code: "DISTRIBUTION_COUNTS_DIFFER",
  means: "fail",
  says: (facts: Spread) =>
    spread(facts, [
      "has a different number of rows after the restore",
      "have a different number of rows after the restore",
    ]),
  examples: [{ ...tenants, show: undefined, values: ["acme: 1203 rows instead of 1204"] }],
});

export const distributionNullsDiffer = defineFinding({
  code: "DISTRIBUTION_NULLS_DIFFER",
  means: "fail",
  says: ({ check, column, before, now }: Named & { column: string; before: number; now: number }) => ({
    message: `${check}: ${counted(now, "row")} ${
      now === 1 ? "has" : "have"
    } no value in ${column}; the backup had ${before}.`,
    fix: whereToLook,
    object: column,
  }),
  examples: [{ check: "tenants", column: "shop.orders:tenant_id", before: 0, now: 12 }],
});

export const distributionNotRecorded = defineFinding({
  code: "DISTRIBUTION_NOT_RECORDED",
  means: "unknown",
  says: ({ check, column }: Named & { column: string }) => ({
    message: `${check}: this backup has no record of the values of ${column}.`,
    fix: "Make backups with this check in the configuration.",
  }),
  examples: [{ check: "tenants", column: "shop.orders:tenant_id" }],
});

export const idempotencyKeysInProgress = defineFinding({
  code: "IDEMPOTENCY_KEYS_IN_PROGRESS",
  means: "fail",
  says: ({ check, table, live, endless, last }: Named & {
    table: string;
    live: number;
    /** How many of them never expire. */
    endless: number;
    /** When the last of the others expires. */
    last: string | null;
  }) => ({
    message:
      `${check}: ${counted(live, "key")} in ${table} ${live === 1 ? "is" : "are"} in progress and not expired; ` +
      (endless > 0 ? `${endless} of them will never expire.` : `the last one expires at ${last}.`),
    fix: endless > 0
      ? "Settle them by hand before you allow writes."
      : `Allow writes only after ${last}, or settle them by hand first.`,
    object: table,
  }),
  examples: [
    { check: "retries", table: "shop.idempotency_keys", live: 3, endless: 0, last: "2026-03-01T04:00:00Z" },
    { check: "retries", table: "shop.idempotency_keys", live: 3, endless: 1, last: null },
  ],
});

export const queueNotEmpty = defineFinding({
  code: "QUEUE_NOT_EMPTY",
  means: "fail",
  says: ({ check, what, count }: Named & { what: string; count: number }) => ({
    message:
      `${check}: ${count} ${what} were restored. The work that they ask for may have been done since the backup.`,
    fix:
      "Before workers start, look at them and remove those already done. Then repeat the command with --reviewed-by.",
    object: what,
  }),
  examples: [{ check: "jobs", what: "mails to send", count: 17 }],
});

export const queueCountInvalid = defineFinding({
  code: "QUEUE_COUNT_INVALID",
  means: "unknown",
  says: ({ what }: { what: string }) => ({
    message: `The query for ${what} does not return one count.`,
    fix: "Write a query that returns one whole number: SELECT count(*) FROM ….",
  }),
  examples: [{ what: "mails to send" }],
});

export const rowsTooFew = defineFinding({
  code: "ROWS_TOO_FEW",
  means: "fail",
  says: ({ check, table, count, minimum }: Named & { table: string; count: number; minimum: number }) => ({
    message: `${check}: ${table} has ${counted(count, "row")}; expected at least ${minimum}.`,
    fix: "Check whether the backup is whole, and what removed rows before it was made.",
    object: table,
  }),
  examples: [{ check: "enough orders", table: "shop.orders", count: 12, minimum: 1000 }],
});

export const rowsFewerThanBefore = defineFinding({
  code: "ROWS_FEWER_THAN_BEFORE",
  means: "fail",
  says: ({ check, table, count, last, percent, least }: Named & {
    table: string;
    count: number;
    /** How many the last good drill found. */
    last: number;
    percent: number;
    least: number;
  }) => ({
    message:
      `${check}: ${table} has ${counted(count, "row")}; expected at least ${least}, which is ${percent} % of the ` +
      `${last} that the last good drill found.`,
    fix: "Find out what removed rows since then. If that was right, let one drill pass without percent_of_last_good.",
    object: table,
  }),
  examples: [{ check: "enough orders", table: "shop.orders", count: 700, last: 1000, percent: 90, least: 900 }],
});

export const noEarlierDrill = defineNote({
  code: "NO_EARLIER_DRILL",
  says: ({ check }: Named) => ({
    message: `${check}: only the minimum was checked, as no earlier passing drill counted these rows.`,
  }),
  examples: [{ check: "enough orders" }],
});

export const sqlValueWrong = defineFindings({
  code: "SQL_VALUE_WRONG",
  means: "fail",
  situations: {
    shown: {
      says: ({ check, value, wanted }: Named & { value: unknown; wanted: string }) => ({
        message: `${check}: the query returned ${value}; expected ${wanted}.`,
        fix: "Find out why the restored data differs from what the check expects.",
      }),
      examples: [{ check: "orders add up", value: "3", wanted: "= 0" }],
    },
    hidden: {
      says: ({ check, wanted }: Named & { wanted: string }) => ({
        message: `${check}: the query returned a different value; expected ${wanted}.`,
        fix: "Find out why the restored data differs from what the check expects.",
      }),
      examples: [{ check: "orders add up", wanted: "= 0" }],
    },
    notOne: {
      says: ({ check, given }: Named & { given: string }) => ({
        message: `${check}: the query returned ${given}; expected one row with one column.`,
        fix: "Write a query that returns one value.",
      }),
      examples: [{ check: "orders add up", given: "more than one row" }],
    },
  },
});

export const sqlRowsFound = defineFinding({
  code: "SQL_ROWS_FOUND",
  means: "fail",
  says: ({ check, count, show, rows }: Named & { count: number; show: boolean; rows?: string }) => ({
    message: `${check}: the query returned ${counted(count, "row")}; expected none.`,
    fix: show
      ? "Correct these rows at the source, or change the query."
      : "Run the query on a restored copy, or set show: true in the check to see some rows.",
    detail: rows,
  }),
  examples: [{ check: "no order without customer", count: 2, show: false }],
});
