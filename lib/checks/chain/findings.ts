import { defineFinding, defineFindings } from "../../system/define_finding.ts";
import { counted, countText } from "../../system/quantities.ts";

/** The chain that a check looks at. Ids and hashes are positions, and may be shown. */
interface Chain {
  check: string;
  table: string;
}
const log = { check: "audit chain", table: "shop.audit_log" };

/** Rows that break the chain, and the id of the first of them. */
interface Broken extends Chain {
  count: number;
  first: string | null;
}
const broken = { ...log, count: 2, first: "4711" };
const at = ({ check, table, count, first }: Broken) =>
  `${check}: ${counted(count, "row")} of ${table}, first ${first},`;

export const chainRowsAltered = defineFinding({
  code: "CHAIN_ROWS_ALTERED",
  means: "fail",
  says: ({ isEveryRow, ...rows }: Broken & { isEveryRow: boolean }) => ({
    message: `${at(rows)} do not have the hash of their payload.`,
    fix: isEveryRow
      ? "All rows are affected, so first check that payload and algorithm are those that the hashes were made with."
      : "These rows were changed after they were written: compare them with another backup.",
    object: rows.table,
  }),
  examples: [{ ...broken, isEveryRow: false }],
});

export const chainPredecessorMissing = defineFinding({
  code: "CHAIN_PREDECESSOR_MISSING",
  means: "fail",
  says: (rows: Broken) => ({
    message: `${at(rows)} follow a row that does not exist.`,
    fix: "The row before was removed or changed. Compare with another backup.",
    object: rows.table,
  }),
  examples: [broken],
});

export const chainForked = defineFinding({
  code: "CHAIN_FORKED",
  means: "fail",
  says: (rows: Broken) => ({
    message: `${at(rows)} follow the same row as another row does, or repeat its hash.`,
    fix: "Rows were written outside the chain, or restored twice. Find out which of them belong to it.",
    object: rows.table,
  }),
  examples: [broken],
});

export const chainHasCircle = defineFinding({
  code: "CHAIN_HAS_CIRCLE",
  means: "fail",
  says: (rows: Broken) => ({
    message: `${at(rows)} follow one another in a circle, apart from the chain.`,
    fix:
      "They were inserted outside the chain. Compare them with another backup, and find out who wrote them. If the " +
      "payload covers the previous hash, this cannot happen again.",
    object: rows.table,
  }),
  examples: [broken],
});

export const chainBeginningWrong = defineFinding({
  code: "CHAIN_BEGINNING_WRONG",
  means: "fail",
  says: ({ check, table, count }: Chain & { count: number }) => ({
    message: `${check}: ${table} has ${counted(count, "row")} that begin a chain; expected one.`,
    fix: count === 0
      ? "Compare with another backup: the first row is missing. Or correct genesis, if it is not the first row's " +
        "previous hash."
      : "Compare with another backup: rows of another chain were added. Or, if the table holds one chain per group, check " +
        "a view with one group.",
    object: table,
  }),
  examples: [{ ...log, count: 0 }, { ...log, count: 2 }],
});

export const chainEndWrong = defineFinding({
  code: "CHAIN_END_WRONG",
  means: "fail",
  says: ({ check, table, count }: Chain & { count: number }) => ({
    message: `${check}: ${table} has ${counted(count, "row")} that no row follows; expected one.`,
    fix: "See the other findings: they say where the chain is broken or forked. Compare with another backup.",
    object: table,
  }),
  examples: [{ ...log, count: 2 }],
});

const cutOff = "Rows at the chain's end were cut off or added. See how many rows the source or another backup has.";
const cutOffOr = (wasBroken: boolean) =>
  wasBroken ? `${cutOff} The chain was already broken when the backup was made.` : cutOff;

export const chainRowsDiffer = defineFinding({
  code: "CHAIN_ROWS_DIFFER",
  means: "fail",
  says: ({ check, table, rows, before, wasBroken }: Chain & { rows: number; before: number; wasBroken: boolean }) => ({
    message: `${check}: ${table} has ${counted(rows, "row")}; it had ${countText(before)} when the backup was made.`,
    fix: cutOffOr(wasBroken),
    object: table,
  }),
  examples: [{ ...log, rows: 1190, before: 1204, wasBroken: false }],
});

export const chainHeadDiffers = defineFindings({
  code: "CHAIN_HEAD_DIFFERS",
  means: "fail",
  situations: {
    fromBackup: {
      says: ({ check, table, wasBroken }: Chain & { wasBroken: boolean }) => ({
        message: `${check}: ${table} does not end where it ended when the backup was made.`,
        fix: cutOffOr(wasBroken),
        object: table,
      }),
      examples: [{ ...log, wasBroken: true }],
    },
    fromHead: {
      says: ({ check, table }: Chain) => ({
        message: `${check}: the last row of ${table} does not have the hash that is stored as the chain's head.`,
        fix: cutOff,
        object: table,
      }),
      examples: [log],
    },
  },
});

export const chainHeadAmbiguous = defineFinding({
  code: "CHAIN_HEAD_AMBIGUOUS",
  means: "unknown",
  says: ({ check }: { check: string }) => ({
    message: `${check}: the query for the head does not return one hash.`,
    fix: "Write a query that returns one row with one column.",
  }),
  examples: [log],
});
