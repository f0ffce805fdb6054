import { controlFileUnreadable } from "./findings/recovery.ts";
import { type RestoredFiles, runTool } from "./verify_files.ts";

/** What a cluster's `pg_control` says. */
export interface ControlData {
  systemIdentifier: string;
  timeline: number;
  walSegmentBytes: number;
  hasChecksums: boolean;
  /** Of the last checkpoint: the oldest transaction that still counts, and the next one. */
  oldestXid: number;
  nextXid: number;
  /** What a server that replays its WAL must have at least. */
  settings: Record<string, number>;
}

const settings = {
  max_connections: "max_connections",
  max_worker_processes: "max_worker_processes",
  max_wal_senders: "max_wal_senders",
  max_prepared_transactions: "max_prepared_xacts",
  max_locks_per_transaction: "max_locks_per_xact",
};

/**
 * Reads it with the program of these tools, in a sandbox.
 *
 * @throws {OperatorError} `CONTROL_FILE_UNREADABLE`
 */
export async function readControlData(files: RestoredFiles): Promise<ControlData> {
  const { status, stdout, stderr } = await runTool("pg_controldata", ["-D", files.space.data], files);
  const value = (name: string) => new RegExp(`^${name}: +(\\S+)`, "m").exec(stdout)?.[1];
  const fail = (said: string) => controlFileUnreadable.program.error({ version: files.tools.version, said });
  if (status !== 0) throw fail(stderr.trim());
  // It prints what it reads also where the checksum of the file is wrong.
  const warning = /^(?:WARNING|pg_controldata: warning): .*(?:\n.+)*/m.exec(`${stdout}\n${stderr}`)?.[0];
  if (warning) throw fail(warning.trim());
  return {
    systemIdentifier: value("Database system identifier") ?? "",
    timeline: Number(value("Latest checkpoint's TimeLineID")),
    walSegmentBytes: Number(value("Bytes per WAL segment")),
    hasChecksums: value("Data page checksum version") !== "0",
    oldestXid: Number(value("Latest checkpoint's oldestXID")),
    nextXid: Number(value("Latest checkpoint's NextXID")?.replace(/^\d+:/, "")),
    settings: Object.fromEntries(
      Object.entries(settings).map(([name, called]) => [name, Number(value(`${called} setting`) ?? 0)]),
    ),
  };
}
