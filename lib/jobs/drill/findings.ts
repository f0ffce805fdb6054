import { defineFinding, defineFindings } from "../../system/define_finding.ts";

/** The error that says why not tells it best. */
export const drillNotRecorded = defineFinding({
  code: "DRILL_NOT_RECORDED",
  means: "warning",
  says: ({ message, fix }: { message: string; fix: string }) => ({ message, fix }),
  examples: [{
    message: "Cannot write /backups/shop-20260102T030405Z.drill-20260102T050000Z.json: permission denied.",
    fix: "Let this host write there, or say --no-record.",
  }],
});

export const emptyDatabase = defineFindings({
  code: "EMPTY_DATABASE",
  means: "fail",
  situations: {
    backedUp: { says: () => ({ message: "The backup is of an empty database.", fix: emptyFix }) },
    allOfServer: { says: () => ({ message: "Every database of the backup is empty.", fix: emptyFix }) },
    restored: { says: () => ({ message: "What was restored is an empty database.", fix: emptyFix }) },
  },
});
const emptyFix = "Check that the right database was dumped; if it is meant to be empty, say --allow-empty.";

export const rowsFewerThanCopied = defineFinding({
  code: "ROWS_FEWER_THAN_COPIED",
  means: "warning",
  says: ({ table, copied, rows }: { table: string; copied: number; rows: number }) => ({
    message: `The dump brought ${copied} rows to ${table}, and it holds ${rows}.`,
    fix: "Find out whether a trigger, a rule or a later statement of the dump removes rows.",
    object: table,
    expected: copied,
    actual: rows,
  }),
  examples: [{ table: "shop.orders", copied: 1204, rows: 1203 }],
});

export const notValidated = defineFinding({
  code: "NOT_VALIDATED",
  means: "warning",
  says: ({ object }: { object: string }) => ({
    message: `Not validated, or not valid: ${object}. Rows may break it.`,
    fix: "See whether it is so at the source as well, and VALIDATE or REINDEX it there.",
    object,
  }),
  examples: [{ object: "orders_customer_fkey of shop.orders" }],
});
