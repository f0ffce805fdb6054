import { type Lsn, parseLsn } from "./lsn.ts";

/** What a `backup_manifest` says besides its files. */
interface BackupManifest {
  /** Where the backup is consistent. */
  stopLsn?: Lsn;
  /** Since PostgreSQL 17. */
  systemIdentifier?: string;
  /** Of all files, restored. */
  sizeBytes: number;
}

/**
 * Reads a `backup_manifest`, chunk by chunk: it has a line a file, of which there may be millions. Whether it is whole,
 * `pg_verifybackup` says.
 */
export async function readBackupManifest(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<BackupManifest> {
  const found: BackupManifest = { sizeBytes: 0 };
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!.slice(-64 * 1024);
    for (const line of lines) readLine(line, found);
  }
  readLine(rest, found);
  return found;
}

function readLine(line: string, found: BackupManifest): void {
  const size = /"Size": (\d+)/.exec(line)?.[1];
  if (size !== undefined) found.sizeBytes += Number(size);
  const end = /"End-LSN": "([^"]+)"/.exec(line)?.[1];
  const lsn = end === undefined ? undefined : parseLsn(end);
  // A backup that crosses timelines has a range for each, the newest first.
  if (lsn !== undefined && (found.stopLsn === undefined || lsn > found.stopLsn)) found.stopLsn = lsn;
  const identifier = /"System-Identifier": (\d+)/.exec(line)?.[1];
  if (identifier !== undefined) found.systemIdentifier = identifier;
}
