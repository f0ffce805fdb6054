import { connectionOptions } from "../options/connection_options.ts";
import { outputOptions, waitOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

const description = `Walks a database's audit chain in one read-only snapshot and says whether it is
whole. It works on any database that has audit_events, audit_chain_head and
audit_events_verify_chain(). The database is the one of --db-url, otherwise of
DATABASE_URL, otherwise of libpq's variables and files.`;

const epilogue = `
Exit status: 0 the chain is whole; 1 it is broken; 2 could not verify.

Example:
  pgrehearse verify --db-url postgresql://localhost/demo`;

const options = { ...connectionOptions, ...waitOptions, ...outputOptions } as const;

export const verifyCommand = defineCommand({
  name: "verify",
  summary: "say whether a database's audit chain is whole",
  description,
  epilogue,
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { verify } = await import("../jobs/chain.ts");
      return await verify(settled);
    }),
});
