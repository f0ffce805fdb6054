import { defineFinding } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

/** Rows of a table whose numbers are wrong. */
interface Numbered {
  check: string;
  table: string;
  column: string;
  count: number;
}
const invoices = { check: "invoices", table: "shop.invoices", column: "number" };

export const sequenceHasGaps = defineFinding({
  code: "SEQUENCE_HAS_GAPS",
  means: "fail",
  says: ({ check, table, column, count, gaps, groups, hasHiddenGroups }: Numbered & {
    /** The first ones: `2 after 41`. */
    gaps: readonly string[];
    /** The first ones, with their groups. */
    groups?: readonly string[];
    hasHiddenGroups: boolean;
  }) => ({
    message: `${check}: ${counted(count, "number")} of ${table}.${column} ${count === 1 ? "is" : "are"} missing: ${
      gaps.join(", ")
    }.`,
    fix: "Check whether the backup holds these rows, and find out what removed them." +
      (hasHiddenGroups ? " With show: true the check names the groups." : ""),
    detail: groups?.join("\n"),
    object: table,
  }),
  examples: [{ ...invoices, count: 2, gaps: ["2 after 41"], hasHiddenGroups: false }],
});

export const sequenceHasDuplicates = defineFinding({
  code: "SEQUENCE_HAS_DUPLICATES",
  means: "fail",
  says: ({ check, table, column, count }: Numbered) => ({
    message: `${check}: ${counted(count, "row")} of ${table} ${
      count === 1 ? "repeats" : "repeat"
    } a number of ${column}.`,
    fix: "Check whether rows were restored twice. A unique constraint on the column would refuse them.",
    object: table,
  }),
  examples: [{ ...invoices, count: 3 }],
});

export const sequenceHasNulls = defineFinding({
  code: "SEQUENCE_HAS_NULLS",
  means: "fail",
  says: ({ check, table, column, count }: Numbered) => ({
    message: `${check}: ${counted(count, "row")} of ${table} ${count === 1 ? "has" : "have"} no number in ${column}.`,
    fix: "Find out what wrote them. NOT NULL on the column would refuse them.",
    object: table,
  }),
  examples: [{ ...invoices, count: 3 }],
});

export const sequenceOutOfRange = defineFinding({
  code: "SEQUENCE_OUT_OF_RANGE",
  means: "fail",
  says: ({ check, table, column, count, start }: Numbered & { start: number | undefined }) => ({
    message:
      `${check}: ${counted(count, "row")} of ${table} ${count === 1 ? "has" : "have"} a value in ${column} that is ` +
      `${start === undefined ? "" : `below ${start} or `}not a whole number.`,
    fix: "Find out what wrote them, or give the check another start.",
    object: table,
  }),
  examples: [{ ...invoices, count: 3, start: 1 }],
});

export const sequenceNotNumbers = defineFinding({
  code: "SEQUENCE_NOT_NUMBERS",
  means: "unknown",
  says: ({ column, type, types }: { column: string; type: string; types: readonly string[] }) => ({
    message: `${column} is of type ${type}, which does not hold whole numbers.`,
    fix: `Name a column of type ${types.join(", ")}.`,
  }),
  examples: [{ column: "shop.invoices.number", type: "text", types: ["smallint", "integer", "bigint", "numeric"] }],
});
