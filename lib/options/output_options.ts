import type { Declarations } from "./declaration.ts";

const heading = "Output:";

/** What a command says, and how. */
export const outputOptions = {
  quiet: { flag: "--quiet", type: "switch", help: "write to stderr only if something is wrong", heading },
  debug: {
    flag: "--debug",
    type: "switch",
    help: "show every statement and program with its time, and stack traces of internal errors",
    heading,
  },
  progress: { flag: "--no-progress", type: "switch", help: "do not show progress on stderr", heading },
  output: {
    flag: "--output <format>",
    type: "choice",
    choices: ["text", "json"],
    help: "stdout: the verdict as json, or a summary as text",
    usual: "text on a terminal",
    heading,
  },
  // PGREHEARSE_OUTPUT says the same.
  json: { flag: "--json", type: "switch", env: false, help: "the same as --output json", heading },
} as const satisfies Declarations;

/** What `explain` prints. */
export const explainOptions = {
  output: { ...outputOptions.output, default: "text", help: "text, or json: { code, explanation }" },
  json: outputOptions.json,
} as const satisfies Declarations;
