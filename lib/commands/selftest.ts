import { Command } from "@commander-js/extra-typings";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { programOptions, timeoutOptions } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

const description = `Proves that a drill finds what is wrong. In a throwaway cluster it makes a
database with one of everything, backs it up and restores it. Then it breaks
the copy in one way after another (a value, a row, a sequence, a definition,
the audit chain). The comparison must name exactly what was broken.

It leaves out what this host's PostgreSQL does not have; the verdict's notes
say so.`;

const epilogue = `
Exit status: 0 found all, no false alarm; 1 missed one; 2 could not verify.

Example:
  pgrehearse selftest`;

const options = { ...timeoutOptions, ...programOptions, ...outputOptions } as const satisfies Declarations;

export function selftestCommand(execute: Execute) {
  const command = new Command("selftest")
    .summary("break a restored copy in many ways, and prove that each is found")
    .description(description)
    .addHelpText("after", epilogue)
    .action((_, command) => {
      const said = readSaid(command, options);
      return execute(said, async (job) => {
        const { selftest } = await import("../jobs/selftest.ts");
        return await selftest({ ...job, ...settle(options, said) });
      });
    });
  return declareOptions(command, options);
}
