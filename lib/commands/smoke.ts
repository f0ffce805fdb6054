import { Command, Option } from "@commander-js/extra-typings";
import { evidenceOf, evidenceOption, signingKeyOption } from "./evidence_options.ts";
import type { Execute } from "./execute.ts";
import {
  dbUrlOption,
  debugOption,
  migrationsPathOption,
  pgBinOption,
  quietOption,
  rowsOption,
  waitOption,
} from "./options.ts";

const description = `Rehearses a restore from beginning to end: makes an audit chain, dumps it,
wipes the schema public, restores the dump, and proves that what came back is
what was there.

Without --db-url it makes a throwaway cluster and removes it again. With --db-
url it makes a scratch database on that server (needs CREATEDB) and never
touches the named one.`;

const epilogue = `
Exit status: 0 pass; 1 what came back differs; 2 could not verify.

Example:
  pgrehearse smoke --rows 1000`;

export function smokeCommand(execute: Execute) {
  return new Command("smoke")
    .summary("dump, wipe, restore and compare an audit chain of our own making")
    .description(description)
    .addOption(dbUrlOption())
    .addOption(new Option("--in-place", "use the named database itself; it must be empty or marked disposable"))
    .addOption(rowsOption())
    .addOption(new Option("--keep <dir>", "keep dump, snapshots and verdict in this directory"))
    .addOption(migrationsPathOption())
    .addOption(evidenceOption())
    .addOption(signingKeyOption())
    .addOption(waitOption())
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, evidence, signingKey, ...options }, command) => {
      const kept = evidenceOf({ evidence, signingKey }, command);
      const env = Deno.env.toObject();
      if (options.inPlace && options.dbUrl === undefined && !namesDatabase(env)) {
        command.error(
          "error: --in-place needs --db-url or DATABASE_URL, or libpq's PGDATABASE, PGSERVICE or PGHOST: a database to use " +
            "must be named",
        );
      }
      return execute(options, async (job) => {
        const { smoke } = await import("../jobs/smoke/smoke.ts");
        return await smoke({ ...job, ...options, evidence: kept, env, waitMs: wait });
      });
    });
}

/** Whether anything says where to connect; what libpq would fall back to nobody has named. */
function namesDatabase(env: Record<string, string>): boolean {
  return ["DATABASE_URL", "PGDATABASE", "PGSERVICE", "PGHOST", "PGHOSTADDR"].some((name) => env[name]);
}
