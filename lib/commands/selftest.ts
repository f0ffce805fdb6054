import { Command } from "@commander-js/extra-typings";

import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { programOptions, timeoutOptions } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

const description = `Shows that a drill finds what is wrong. In a throwaway cluster it makes a database
with one of everything, backs it up and restores it; then it breaks the copy in one
way after another (a value, a row, a sequence, a definition, the audit chain) and
requires that the comparison names what was broken, and nothing else.

What this host's PostgreSQL lacks is left out, and the verdict's notes say so.`;

const epilogue = `
Exit status: 0 all was caught, and no false alarm; 1 not so; 2 could not verify.

Example:
  pgrehearse selftest`;

const options = { ...timeoutOptions, ...programOptions, ...outputOptions } as const satisfies Declarations;

export function selftestCommand(execute: Execute) {
  const command = new Command("selftest")
    .summary("break a restored copy in every way, and see that each is caught")
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
