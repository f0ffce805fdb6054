import { catalogue, explanations, explanationText } from "../../lib/commands/explanations.ts";

const introduction = `# Findings

This page lists every code in a verdict's \`findings\` and \`notes\`: what it means for the verdict, what pgrehearse says, and,
after the arrow, what to do. Names and numbers are examples.

A finding makes the verdict \`fail\` (exit 1) if something is wrong, and \`unknown\` (exit 2) if pgrehearse could not check it.
Warnings, and findings of a check with the severity \`warn\`, do not change the verdict. A note names a difference that is allowed.

\`pgrehearse explain CODE\` prints the same. \`scripts/docs\` writes this page from the definitions of findings.
`;

/** Writes docs/findings.md out of the catalogue of findings. */
export function findingsPage(): string {
  const sections = explanations(catalogue).map((each) => {
    const kinds = each.codes.map((code) => `\`${code}\``).join(", ");
    const family = each.codes.length > 1 ? `A code for each kind: ${kinds}.\n\n` : "";
    return `## ${each.title}\n\n${family}${explanationText(each, escape)}\n`;
  });
  return [introduction, ...sections].join("\n");
}

function escape(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().replaceAll(/[*<[\]]/g, "\\$&");
}
