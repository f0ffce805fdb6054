import { connectionOptions } from "../options/connection_options.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { smokeOptions, workloadOptions } from "../options/rehearsal_options.ts";
import { outputOptions, programOptions, waitOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { evidenceOf } from "./said.ts";

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
} as const;

export const smokeCommand = defineCommand({
  name: "smoke",
  summary: "dump, wipe, restore and compare a generated audit chain",
  description,
  epilogue,
  options,
  async run(given) {
    const { command, said } = given;
    const evidence = evidenceOf(given);
    if (said.inPlace && said.dbUrl === undefined && !namesDatabase(Deno.env.toObject())) {
      command.error(
        "error: --in-place needs the name of a database: --db-url or DATABASE_URL, or libpq's PGDATABASE, PGSERVICE " +
          "or PGHOST",
      );
    }
    await runSettled({ ...given, evidence }, async (settled) => {
      const { smoke } = await import("../jobs/smoke/smoke.ts");
      return await smoke(settled);
    });
  },
});

/** Whether anything says where to connect; the fallbacks of libpq do not count. */
function namesDatabase(env: Record<string, string>): boolean {
  return ["DATABASE_URL", "PGDATABASE", "PGSERVICE", "PGHOST", "PGHOSTADDR"].some((name) => env[name]);
}
