import { outputOptions, programOptions, timeoutOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

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

const options = { ...timeoutOptions, ...programOptions, ...outputOptions } as const;

export const selftestCommand = defineCommand({
  name: "selftest",
  summary: "break a restored copy in many ways, and prove that each is found",
  description,
  epilogue,
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { selftest } = await import("../jobs/selftest.ts");
      return await selftest(settled);
    }),
});
