import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDurationMs } from "../values/duration.ts";

// The options that several commands share. Made anew for each command: commander keeps state in them.

export const dbUrlOption = () =>
  new Option(
    "--db-url <url>",
    "the database, as a URL or libpq's keyword=value; a password is better kept in PGPASSWORD or ~/.pgpass",
  );

export const waitOption = () =>
  new Option("--wait <duration>", "how long to wait for the server to accept connections")
    .default(60_000, "60s").argParser(durationMs);

export const pgBinOption = () =>
  new Option("--pg-bin <dir>", "where the PostgreSQL programs are; several directories as in PATH, dir:dir").env(
    "PGREHEARSE_PG_BIN",
  );

export const rowsOption = () =>
  new Option("--rows <n>", "how many audit rows, 1 to 10000000").default(24).env("SMOKE_ROWS").argParser(rowCount);

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

export const jobsOption = (what: string) =>
  new Option("--jobs <n>", what).default(2).argParser((text) => wholeNumber(text, 1, 64));

export const lockTimeoutOption = () =>
  new Option("--lock-timeout <duration>", "how long to wait for a locked table; 0 waits for ever")
    .default(60_000, "60s").argParser(durationMs);

export const timeoutOption = () =>
  new Option("--timeout <duration>", "give up when all of it takes longer").argParser(durationMs);

export const enableRowSecurityOption = () =>
  new Option("--enable-row-security", "accept that row security hides rows from this role: a partial backup");

export const distributionOption = () =>
  new Option("--distribution <table:column>", "count rows for each value of this column; may be repeated")
    .argParser(collect);

export const hashValuesOption = () =>
  new Option("--hash-values", "keep hashes of the values that --distribution counts, not the values");

/** Gathers an option that may be repeated. */
export function collect(text: string, gathered: string[] = []): string[] {
  return [...gathered, text];
}

export function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It must be a duration such as 500ms, 60s or 15m.");
  return ms;
}

function rowCount(text: string): number {
  return wholeNumber(text, 1, 10_000_000);
}

export function wholeNumber(text: string, least: number, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= least && count <= most) return count;
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
}
