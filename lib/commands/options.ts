import { Option } from "@commander-js/extra-typings";
import { backupOptions, sourceOptions } from "../options/backup_options.ts";
import { runOptions } from "../options/run_options.ts";
import { declaredOption } from "./declared_option.ts";
import { wholeNumber } from "./option_values.ts";

// The options that several commands share. Made anew for each command: commander keeps state in them.

export const dbUrlOption = () =>
  new Option(
    "--db-url <url>",
    "the database, as a URL or libpq's keyword=value; a password is better kept in PGPASSWORD or ~/.pgpass",
  );

export const waitOption = () => declaredOption(runOptions.wait);

export const pgBinOption = () => declaredOption(runOptions.pg_bin);

export const rowsOption = () =>
  new Option("--rows <n>", "how many audit rows, 1 to 10000000").default(24).env("SMOKE_ROWS").argParser((text) =>
    wholeNumber(text, 1, 10_000_000)
  );

export const migrationsPathOption = () =>
  new Option("--migrations-path <dir>", "run the *.up.sql files of this directory, or its *.sql, instead of our own");

export const quietOption = () =>
  new Option("--quiet", "say nothing on stderr unless something is wrong").helpGroup("Output:");

export const outputOption = () =>
  new Option(
    "--output <format>",
    "what stdout gets: the verdict as json, or a summary as text (default: text on a terminal)",
  )
    .choices(["text", "json"] as const).helpGroup("Output:");

export const jsonOption = () => new Option("--json", "the same as --output json").helpGroup("Output:");

export const noProgressOption = () =>
  new Option("--no-progress", "say nothing of phases on stderr").helpGroup("Output:");

export const debugOption = () =>
  new Option("--debug", "show every statement and program with its time, and stack traces of internal errors")
    .helpGroup("Output:");

export const jobsOption = (what: string) => declaredOption(runOptions.jobs, what);

export const lockTimeoutOption = () => declaredOption(backupOptions.lock_timeout);

export const timeoutOption = () => declaredOption(runOptions.timeout);

export const enableRowSecurityOption = () => declaredOption(sourceOptions.enable_row_security);

export const distributionOption = () => declaredOption(sourceOptions.distribution);

export const hashValuesOption = () => declaredOption(sourceOptions.hash_values);
