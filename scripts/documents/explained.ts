import type { Saying } from "./scan_findings.ts";

/** What the program has from elsewhere when it says it, such as from another error: here in words of our own. */
const explained: Record<string, Pick<Saying, "message" | "fix">> = {
  CHAIN_ROWS_DIFFER: {
    message: "The chain has another number of rows than when the backup was made.",
    fix: "See how many rows the source or another backup has.",
  },
  CONFIG_INVALID: { message: "FILE:LINE:COLUMN: what is wrong there; a finding for each thing that is." },
  PREREQUISITE_CLIENT_AGAINST_SERVER: {
    message: "No pg_dump here can dump a server of that version.",
    fix: "Install the client programs of the server's version or newer, or point --pg-bin at them.",
  },
  PREREQUISITE_CLIENT_PROGRAMS: {
    message: "pg_dump and pg_restore were not found.",
    fix: "Install PostgreSQL's client programs, or point --pg-bin at them.",
  },
  PREREQUISITE_CONNECTION: {
    message: "The database cannot be reached; the sentence says why.",
    fix: "See CANNOT_CONNECT, AUTHENTICATION_FAILED and TLS_FAILED.",
  },
  PREREQUISITE_FREE_SPACE: {
    message: "The directory for temporary files has less than 1 GiB free.",
    fix: "A drill needs room for the whole database: make room, or point TMPDIR elsewhere.",
  },
  PREREQUISITE_READS_EVERYTHING: {
    message: "The role cannot read every table and sequence, or row security hides rows from it.",
    fix: "Grant it pg_read_all_data, and BYPASSRLS where there is row security.",
  },
  PREREQUISITE_SERVER_PROGRAMS: {
    message: "initdb and postgres were not found, which a throwaway cluster needs.",
    fix: "Install PostgreSQL's server programs, point --pg-bin at them, or drill with --into on another server.",
  },
  PREREQUISITE_SHOWS_DAMAGE: {
    message: "zero_damaged_pages or ignore_checksum_failure is on: a backup would lack the rows of damaged pages.",
    fix: "See DAMAGE_HIDDEN.",
  },
  PREREQUISITE_STORE: {
    message: "The store cannot be opened; the sentence says why.",
    fix: "See STORE_FORBIDDEN, STORE_UNREACHABLE, BUCKET_MISSING and CREDENTIALS_MISSING.",
  },
  PREREQUISITE_STORE_FREE_SPACE: {
    message: "The store's directory has less than 1 GiB free.",
    fix: "Make room, or prune.",
  },
  PREREQUISITE_THROWAWAY_CLUSTER: {
    message: "A throwaway cluster could not be started.",
    fix: "See INITDB_FAILED, SERVER_START_FAILED and NO_UNPRIVILEGED_ACCOUNT; or drill with --into on another server.",
  },
  UNDONE: { message: "Which names a swap's databases have again, and what the restored copy is called now." },
};

/**
 * What is known of a code, with our own words where the sources have none.
 *
 * @throws {Error} If it lacks a sentence or an advice and has none here, or has one here that it does not lack.
 */
export function explain(code: string, sayings: Saying[]): Saying[] {
  const said = sayings.filter(({ message }) => isKnown(message));
  const isNote = sayings.length > 0 && sayings.every(({ fix }) => fix === undefined);
  const isWhole = said.length > 0 && (isNote || sayings.some(({ fix }) => fix !== undefined && isKnown(fix)));
  const words = explained[code];
  if (isWhole) return said;
  if (!words) throw new Error(`What is meant by ${code}, and what to do, is not to be seen: say it in explained.ts`);
  const known = sayings.find(({ fix }) => fix !== undefined && isKnown(fix))?.fix;
  const isWarning = sayings.some((saying) => saying.isWarning);
  return [{ code, isWarning, path: "", line: 0, ...words, fix: words.fix ?? known }];
}

export function isKnown(text: string): boolean {
  return /[a-z]/i.test(text);
}
