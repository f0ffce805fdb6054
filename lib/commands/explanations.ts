import type { Defined, Example } from "../system/define_finding.ts";
import * as rooms from "./rooms_of_findings.ts";

/** Everything that findings and notes can say, by the codes. */
export const catalogue: readonly Defined[] = Object.values<Record<string, unknown>>(rooms).flatMap((room) =>
  Object.values(room).filter(isDefined)
);

function isDefined(exported: unknown): exported is Defined {
  return exported !== null && ["function", "object"].includes(typeof exported) &&
    Object.hasOwn(exported as object, "codes");
}

/** What is known of a code, or of a family of codes. */
interface Explanation {
  /** `DISK_FULL`, or what a family's codes have in common: `…_MISSING`. */
  title: string;
  codes: readonly string[];
  /** What may be said, each sentence once. */
  sayings: Saying[];
}

/** A sentence, with examples for its facts. */
interface Saying {
  code: string;
  means: Example["means"];
  message: string;
  /** A note has none. */
  fix?: string;
}

/** What a finding does to the verdict, in the order in which it is told. */
const meanings = {
  fail: "Makes the verdict `fail`.",
  unknown: "Makes the verdict `unknown`.",
  warning: "A warning: it does not change the verdict.",
  note: "A note: it does not change the verdict.",
};

/**
 * Explains every code, by what its definitions say with their examples; sorted by their titles.
 *
 * Of a family whose codes have no sentence each, all are explained together.
 */
export function explanations(catalogue: readonly Defined[]): Explanation[] {
  const said = new Set(catalogue.flatMap(sayingsOf).map(({ code }) => code));
  const isFamily = ({ codes }: Defined) => codes.length > 1 && codes.some((code) => !said.has(code));
  const [families, others] = [catalogue.filter(isFamily), catalogue.filter((each) => !isFamily(each))];
  const byTitle = Map.groupBy(families, ({ codes }) => familyOf(codes));
  // What a code says by itself comes before what it says with others.
  const inOrder = others.toSorted((a, b) => Number(a.codes.length > 1) - Number(b.codes.length > 1));
  const byCode = Map.groupBy(inOrder.flatMap(sayingsOf), ({ code }) => code);
  return [
    ...[...byTitle].map(([title, alike]) => ({
      title,
      codes: [...new Set(alike.flatMap(({ codes }) => codes))],
      sayings: once(alike.flatMap(sayingsOf)),
    })),
    ...[...byCode].map(([code, sayings]) => ({ title: code, codes: [code], sayings: once(sayings) })),
  ].sort((a, b) => a.title < b.title ? -1 : 1);
}

/**
 * Says what an explanation says: paragraphs, and lists whose items begin with a dash.
 *
 * @param write Writes what a finding says, such as with what a format escapes.
 */
export function explanationText({ codes, sayings }: Explanation, write = (text: string) => text): string {
  const byMeaning = Map.groupBy(sayings, ({ means }) => means);
  const item = ({ code, message, fix }: Saying) =>
    `- ${codes.length === 1 ? "" : `\`${code}\`: `}${write(message)}${fix === undefined ? "" : ` → ${write(fix)}`}`;
  const paragraphs = (Object.keys(meanings) as (keyof typeof meanings)[]).flatMap((means) => {
    const alike = byMeaning.get(means);
    return alike ? [meanings[means], alike.map(item).join("\n")] : [];
  });
  return paragraphs.join("\n\n");
}

function sayingsOf({ examples }: Defined): Saying[] {
  return examples().map(({ said, means }) => {
    const { code, message, fix } = { fix: undefined, ...said };
    return { code, means, message, ...(means !== "note" && { fix }) };
  });
}

/** The same may be said with other facts that are not shown, such as a detail. */
function once(sayings: Saying[]): Saying[] {
  return [...new Map(sayings.map((saying) => [JSON.stringify(saying), saying])).values()];
}

function familyOf(codes: readonly string[]): string {
  const [first] = codes;
  const lengths = [...first].map((_, index) => index + 1);
  const start = lengths.findLast((n) => codes.every((code) => code.startsWith(first.slice(0, n)))) ?? 0;
  const end = lengths.findLast((n) => codes.every((code) => code.endsWith(first.slice(-n)))) ?? 0;
  return `${first.slice(0, start)}…${end > 0 ? first.slice(-end) : ""}`;
}
