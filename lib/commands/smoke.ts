import { Command } from "@commander-js/extra-typings";
import { connectionOptions } from "../options/connection_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/output_options.ts";
import { smokeOptions, workloadOptions } from "../options/rehearsal_options.ts";
import { programOptions, waitOptions } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import { evidenceOf } from "./said_evidence.ts";
import type { Execute } from "./execute.ts";

const description = `Rehearses a restore from beginning to end: it makes an audit chain, dumps it,
wipes the schema public, restores the dump, and proves that the restored copy
is equal.

Without --db-url it makes a throwaway cluster and removes it again. With
--db-url it makes a scratch database on that server (needs CREATEDB) and never
touches the named one.`;

const epilogue = `
Exit status: 0 pass; 1 the restored copy differs; 2 could not verify.

Example:
  pgrehearse smoke --rows 1000`;

const options = {
  ...connectionOptions,
  ...smokeOptions,
  ...workloadOptions,
  ...evidenceOptions,
  ...waitOptions,
  ...programOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function smokeCommand(execute: Execute) {
  const command = new Command("smoke")
    .summary("dump, wipe, restore and compare a generated audit chain")
    .description(description)
    .addHelpText("after", epilogue)
    .action((_, command) => {
      const said = readSaid(command, options);
      const kept = evidenceOf(command, said);
      const env = Deno.env.toObject();
      if (said.inPlace && said.dbUrl === undefined && !namesDatabase(env)) {
        command.error(
          "error: --in-place needs the name of a database: --db-url or DATABASE_URL, or libpq's PGDATABASE, PGSERVICE " +
            "or PGHOST",
        );
      }
      return execute(said, async (job) => {
        const { smoke } = await import("../jobs/smoke/smoke.ts");
        return await smoke({ ...job, ...settle(options, said), evidence: kept, env });
      });
    });
  return declareOptions(command, options);
}

/** Whether anything says where to connect; the fallbacks of libpq do not count. */
function namesDatabase(env: Record<string, string>): boolean {
  return ["DATABASE_URL", "PGDATABASE", "PGSERVICE", "PGHOST", "PGHOSTADDR"].some((name) => env[name]);
}
