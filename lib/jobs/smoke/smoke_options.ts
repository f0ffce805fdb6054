import type { JobOptions } from "../../run/job.ts";

/** What a smoke run does, and where. */
export interface SmokeOptions extends JobOptions {
  /** How many audit rows. */
  rows: number;
  /** The server to run on; without it, a throwaway cluster. */
  dbUrl?: string;
  /** Where the connection's other parameters come from. */
  env: Record<string, string>;
  /** Use the named database itself, if it is empty or marked as disposable. */
  inPlace?: boolean;
  /** Keep dump, snapshots and verdict in this directory. */
  keep?: string;
  /** Somebody else's migrations instead of the embedded ones. */
  migrationsPath?: string;
  pgBin?: string;
  /** How long to wait for the named server to accept connections. */
  waitMs: number;
}
