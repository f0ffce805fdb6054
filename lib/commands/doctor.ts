import { Command } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { dbUrlOption, debugOption, pgBinOption, quietOption, timeoutOption, waitOption } from "./options.ts";

const description = `Looks at every prerequisite of backups and drills, and says what to do about those
that are missing: this host's, and the database's if one is named with --db-url
or DATABASE_URL. Writes nothing but a throwaway cluster.`;

const epilogue = `
Exit status: 0 all is there, perhaps with warnings; 1 something is missing.

Example:
  pgrehearse doctor --db-url postgresql://localhost/shop`;

export function doctorCommand(execute: Execute) {
  return new Command("doctor")
    .summary("say whether backups and drills will work here")
    .description(description)
    .addOption(dbUrlOption())
    .addOption(timeoutOption())
    .addOption(waitOption().default(0, "0"))
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, timeout, ...options }) =>
      execute(options, async (job) => {
        const { doctor } = await import("../jobs/doctor/doctor.ts");
        return await doctor({ ...job, ...options, env: Deno.env.toObject(), waitMs: wait, timeoutMs: timeout });
      })
    );
}
