import { Argument, Command, Option } from "@commander-js/extra-typings";
import { diskFull } from "../system/findings.ts";
import { nearestWord } from "../system/nearest_word.ts";
import { print } from "./execute.ts";
import { jsonOption } from "./options.ts";

const description = `Prints what a code means that stands in a verdict's findings and notes: what
pgrehearse says with it, and what to do. docs/findings.md holds all of them.`;

const epilogue = `
Exit status: 0 printed; 2 there is no such code.

Example:
  pgrehearse explain ${diskFull.code}`;

export function explainCommand() {
  return new Command("explain")
    .summary("print what a finding's code means, and what to do")
    .description(description)
    .addArgument(new Argument("<code>", `a code such as ${diskFull.code}`).argParser((text) => text.toUpperCase()))
    .addOption(
      new Option("--output <format>", "text, or json: { code, explanation }").choices(["text", "json"] as const)
        .default("text" as const).helpGroup("Output:"),
    )
    .addOption(jsonOption())
    .addHelpText("after", epilogue)
    .action(async (code, { output, json }, command) => {
      const { default: page } = await import("../../docs/findings.md", { with: { type: "text" } });
      const sections = sectionsOf(page);
      const text = sections.get(code);
      if (text !== undefined) {
        const asJson = json || output === "json";
        return print(
          Deno.stdout,
          asJson ? JSON.stringify({ code, explanation: text }, null, 2) : `${code}\n\n${text}`,
        );
      }
      const nearest = nearestWord(code, [...sections.keys()]);
      command.error(`error: there is no code ${code}${nearest ? `\n(Did you mean ${nearest}?)` : ""}`);
    });
}

/** What is said of each code; of one that belongs to a family, what is said of the family too. */
function sectionsOf(page: string): Map<string, string> {
  const sections = new Map<string, string>();
  for (const section of page.split(/^## /m).slice(1)) {
    const [heading] = section.split("\n", 1);
    const text = section.slice(heading.length).trim();
    const family = heading.includes("…")
      ? [...text.split("\n\n", 1)[0].matchAll(/`(\w+)`/g)].map(([, code]) => code)
      : [];
    for (const code of family.length > 0 ? family : [heading.trim()]) {
      sections.set(code, [sections.get(code) ?? [], text].flat().join("\n\n"));
    }
  }
  return sections;
}
