import { defineFinding, defineFindings } from "../../system/define_finding.ts";

/** The error that says why not tells it best. */
export const drillNotRecorded = defineFinding({
  code: "DRILL_NOT_RECORDED",
  means: "warning",
  says: ({ backup, problem }: { backup: string; problem: { message: string; fix: string } }) => ({
    message: `The drill of ${backup} was not recorded beside it. ${problem.message}`,
    fix: `${problem.fix} Or use --no-record.`,
  }),
  examples: [{
    backup: "shop-20260102T030405Z",
    problem: {
      message: "Cannot write /backups/shop-20260102T030405Z.drill-20260102T050000Z.json: permission denied.",
      fix: "Let this account write there.",
    },
  }],
});

export const emptyDatabase = defineFindings({
  code: "EMPTY_DATABASE",
  means: "fail",
  situations: {
    backedUp: { says: () => ({ message: "The backed-up database is empty.", fix: emptyFix }) },
    allOfServer: { says: () => ({ message: "Every database of the backup is empty.", fix: emptyFix }) },
    restored: { says: () => ({ message: "The restored database is empty.", fix: emptyFix }) },
  },
});
const emptyFix = "Check that the right database was dumped. If it is meant to be empty, use --allow-empty.";

export const rowsFewerThanCopied = defineFinding({
  code: "ROWS_FEWER_THAN_COPIED",
  means: "warning",
  says: ({ table, copied, rows }: { table: string; copied: number; rows: number }) => ({
    message: `The dump loaded ${copied} rows into ${table}, but the table holds ${rows}.`,
    fix: "Find out whether a trigger, a rule or a later statement of the dump changes its rows.",
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
    message: `${object} is not validated or not valid, so rows may break it.`,
    fix: "Check whether the source has the same problem, and VALIDATE or REINDEX it there.",
    object,
  }),
  examples: [{ object: "orders_customer_fkey of shop.orders" }],
});
