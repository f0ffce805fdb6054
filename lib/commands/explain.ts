import { explainOptions as options } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { wrap } from "../report/wrap.ts";
import { diskFull } from "../system/findings.ts";
import { nearestWord } from "../system/nearest_word.ts";
import { defineCommand, print } from "./command.ts";

const description = `Prints what the code of a finding or note means: what pgrehearse says with it,
and what to do. docs/findings.md has all codes.`;

const epilogue = `
Exit status: 0 printed; 2 unknown code.

Example:
  pgrehearse explain ${diskFull.code}`;

export const explainCommand = defineCommand({
  name: "explain",
  summary: "print what a finding's code means, and what to do",
  description,
  epilogue,
  operands: ["<code>", `a code such as ${diskFull.code}`],
  options,
  async run({ command, said, operands }) {
    const code = operands[0].toUpperCase();
    const { output, json } = settle(options, said);
    const [{ catalogue }, { explanations, explanationText }] = await Promise.all([
      import("./explanations.ts"),
      import("./explanations.ts"),
    ]);
    const all = explanations(catalogue);
    const found = all.filter(({ codes }) => codes.includes(code));
    if (found.length > 0) {
      const text = found.map((each) => explanationText(each).split("\n").flatMap(wrapItem).join("\n")).join("\n\n");
      const asJson = json || output === "json";
      return print(
        Deno.stdout,
        asJson ? JSON.stringify({ code, explanation: text }, null, 2) : `${code}\n\n${text}`,
      );
    }
    const nearest = nearestWord(code, all.flatMap(({ codes }) => codes));
    command.error(`error: there is no code ${code}${nearest ? `\n(Did you mean ${nearest}?)` : ""}`);
  },
});

function wrapItem(line: string): string[] {
  return wrap(line.replace(/^- /, ""), { width: 100, first: line.startsWith("- ") ? "- " : "" });
}
