import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDurationMs } from "../config/duration.ts";

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
  new Option("--pg-bin <dir>", "where the PostgreSQL programs are").env("PGREHEARSE_PG_BIN");

export const rowsOption = () =>
  new Option("--rows <n>", "how many audit rows, 1 to 10000000").default(24).env("SMOKE_ROWS").argParser(rowCount);

export const migrationsPathOption = () =>
  new Option("--migrations-path <dir>", "run the *.up.sql or *.sql files of this directory instead of our own");

export const quietOption = () => new Option("--quiet", "say nothing on stderr");

export const debugOption = () => new Option("--debug", "show where in pgrehearse a mistake of its own happened");

function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It must be a duration such as 500ms, 60s or 15m.");
  return ms;
}

function rowCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= 10_000_000) return count;
  throw new InvalidArgumentError("It must be a whole number from 1 to 10000000.");
}
