import { catalogue } from "../../lib/commands/catalogue.ts";
import type { Defined } from "../../lib/system/define_finding.ts";
import { definitionKinds, prerequisites } from "./code_families.ts";
import { explain, isKnown } from "./explained.ts";
import { type PassedOn, type Saying, scanFindings } from "./scan_findings.ts";
import { readSourceTree } from "./source_tree.ts";

/** The page of all codes, and what it was made of. */
export interface FindingsPage {
  text: string;
  codes: Set<string>;
  passedOn: PassedOn[];
}

const introduction = `# Findings

Every code in a verdict's \`findings\` and \`notes\`: what it means for the verdict, what pgrehearse says, and after the
arrow what to do. Names and numbers are examples; where a sentence has \`…\`, it is what differs from run to run.

A finding makes the verdict \`fail\` (exit 1) where something is not right, and \`unknown\` (exit 2) where pgrehearse could
not look; a warning, and what a check of severity \`warn\` finds, leaves the verdict as it is. A note says what differs
and may.

This page is written by \`scripts/docs\` out of the program's sources.
`;

/** Writes docs/findings.md out of the sources. */
export async function findingsPage(root: string): Promise<FindingsPage> {
  const tree = await readSourceTree(root, "lib");
  const { sayings, passedOn } = scanFindings(tree);
  const byCode = Map.groupBy(sayings, ({ code }) => code);
  const codes = new Set(byCode.keys());
  const entries = defined(catalogue);
  const done = new Set(catalogue.flatMap(({ codes }) => codes));
  done.forEach((code) => codes.add(code));
  for (const [code, said] of byCode) {
    if (done.has(code)) continue;
    if (!code.includes("…")) entries.push([code, paragraphs(explain(code, said))]);
  }
  for (const [code, said] of prerequisites(tree)) {
    if (done.has(code)) continue;
    codes.add(code);
    entries.push([code, paragraphs(explain(code, said))]);
  }
  const kinds = (await definitionKinds(root)).map((kind) => kind.toUpperCase());
  for (const family of ["…_MISSING", "…_UNEXPECTED"]) {
    const members = kinds.map((kind) => family.replace("…", kind));
    if (members.every((code) => done.has(code))) continue;
    members.forEach((code) => codes.add(code));
    const list = members.map((code) => `\`${code}\``).join(", ");
    entries.push([family, `A code for each kind of definition: ${list}.\n\n${paragraphs(byCode.get(family) ?? [])}`]);
  }
  const families = [...codes].filter((code) => code.includes("…"));
  const unknown = families.filter((code) => !/^(PREREQUISITE_…|…_MISSING|…_UNEXPECTED)$/.test(code));
  if (unknown.length > 0) throw new Error(`What do these codes stand for? ${unknown.join(", ")}`);
  families.forEach((code) => codes.delete(code));
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [introduction, ...entries.map(([code, body]) => `## ${code}\n\n${body}\n`)].join("\n");
  return { text, codes, passedOn };
}

/** What a finding does to the verdict, in words. */
const meanings = {
  fail: "Makes the verdict `fail`.",
  unknown: "Makes the verdict `unknown`.",
  warning: "A warning: the verdict stays as it is.",
  note: "A note: the verdict stays as it is.",
};

/** What the catalogue says under each of its codes, by its examples. */
function defined(definitions: readonly Defined[]): [code: string, body: string][] {
  return definitions.map(({ codes, examples }) => {
    const all = examples();
    const meaningOf = new Set(all.map(({ means }) => means));
    const sayings = all.map(({ said, means }) =>
      `- ${meaningOf.size > 1 ? `${meanings[means]} ` : ""}${escape(said.message)}${
        "fix" in said ? ` → ${escape(said.fix)}` : ""
      }`
    );
    const list = [...new Set(sayings)].join("\n");
    const body = meaningOf.size > 1 ? list : `${meanings[all[0].means]}\n\n${list}`;
    if (codes.length === 1) return [codes[0], body];
    return [familyOf(codes), `A code for each kind: ${codes.map((code) => `\`${code}\``).join(", ")}.\n\n${body}`];
  });
}

/** What the codes of a family have in common: `…_MISSING`. */
function familyOf(codes: readonly string[]): string {
  const [first] = codes;
  const lengths = [...first].map((_, index) => index + 1);
  const start = lengths.findLast((n) => codes.every((code) => code.startsWith(first.slice(0, n)))) ?? 0;
  const end = lengths.findLast((n) => codes.every((code) => code.endsWith(first.slice(-n)))) ?? 0;
  return `${first.slice(0, start)}…${end > 0 ? first.slice(-end) : ""}`;
}

/** What is said under one code, each sentence once, with each advice once. */
function paragraphs(sayings: Saying[]): string {
  const bySentence = Map.groupBy(sayings, ({ message, isWarning }) => `${isWarning} ${message}`);
  return [...bySentence.values()].map((said) => {
    const [{ message, isWarning }] = said;
    const fixes = new Set(said.flatMap(({ fix }) => fix !== undefined && isKnown(fix) ? [escape(fix)] : []));
    const kind = said.every(({ fix }) => fix === undefined) ? " _(a note)_" : isWarning ? " _(a warning)_" : "";
    return `- ${escape(message)}${kind}${fixes.size > 0 ? ` → ${[...fixes].join(" Or: ")}` : ""}`;
  }).join("\n");
}

function escape(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().replaceAll(/[*<[\]]/g, "\\$&");
}
