import type { PhysicalBackup } from "../source.ts";
import { backupToolFailed } from "../findings/tools.ts";
import { segmentBytesOf } from "../wal_name.ts";

/** A backup in a repository of pgBackRest. */
export interface PgBackRestBackup extends PhysicalBackup {
  /** Which of the repositories, from 1. */
  repository: number;
}

/** What a stanza has. */
export interface Stanza {
  /** Oldest first. */
  backups: PgBackRestBackup[];
  /** In the repositories of the newest cluster of the stanza. */
  archives: { repository: number; id: string }[];
}

/** As `info --output=json` prints it, as far as it is used. */
interface Info {
  name: string;
  status: { code: number; message: string };
  repo?: { status: { message: string } }[];
  db: { id: number; "repo-key": number; "system-id": number | string; version: string }[];
  backup: {
    label: string;
    database: { id: number; "repo-key": number };
    error?: boolean | null;
    info: { size: number };
    archive: { start: string | null; stop: string | null };
    lsn?: { start: string; stop: string } | null;
    reference?: string[] | null;
    timestamp: { start: number; stop: number };
  }[];
}

const noBackup = 2;

/**
 * Reads what `info --output=json` printed of a stanza.
 *
 * @throws {OperatorError} `BACKUP_TOOL_FAILED` where it has no such stanza, or cannot read the repository.
 */
export function readInfo(json: string, stanza: string): Stanza {
  const info = parse(json).find(({ name }) => name === stanza);
  if (!info) {
    throw backupToolFailed.unknown.error({ program: "pgbackrest", name: stanza, said: "no stanza of that name" });
  }
  const { code } = info.status;
  // Where repositories differ in what is wrong, the whole says "other" only.
  const message = info.repo?.map(({ status }) => status.message).join("\n") ?? info.status.message;
  if (code !== 0 && code !== noBackup && info.backup.length === 0) {
    throw code === 1 || code === 3
      ? backupToolFailed.unknown.error({ program: "pgbackrest", name: stanza, said: message })
      : backupToolFailed.refused.error({ program: "pgbackrest", asked: `what ${stanza} has`, said: message });
  }
  const newest = new Map<number, Info["db"][number]>();
  for (const db of info.db) if (db.id >= (newest.get(db["repo-key"])?.id ?? 0)) newest.set(db["repo-key"], db);
  return {
    backups: info.backup.map((backup) => describe(backup, info.db)).sort((a, b) => a.name < b.name ? -1 : 1),
    archives: [...newest].map(([repository, { id, version }]) => ({ repository, id: `${version}-${id}` })),
  };
}

function describe(backup: Info["backup"][number], dbs: Info["db"]): PgBackRestBackup {
  const { label, database, archive, lsn, timestamp, reference } = backup;
  const db = dbs.find((db) => db.id === database.id && db["repo-key"] === database["repo-key"]);
  return {
    name: label,
    repository: database["repo-key"],
    systemIdentifier: db && String(db["system-id"]),
    majorVersion: db && Number.parseInt(db.version),
    timeline: archive.start === null ? undefined : Number.parseInt(archive.start.slice(0, 8), 16),
    startLsn: lsn?.start,
    stopLsn: lsn?.stop,
    startedAt: new Date(timestamp.start * 1_000),
    stoppedAt: new Date(timestamp.stop * 1_000),
    sizeBytes: backup.info.size,
    parents: (reference ?? []).filter((name) => name !== label).sort(),
    walSegmentBytes: lsn && archive.start !== null ? segmentBytesOf(lsn.start, archive.start) : undefined,
    hasBadPages: backup.error === true,
  };
}

/**
 * System identifiers have more digits than a number of JavaScript's holds; and what was decrypted with the wrong key is
 * quoted as it is.
 */
function parse(json: string): Info[] {
  try {
    // deno-lint-ignore no-control-regex -- they are what is replaced
    const plain = json.replaceAll(/[\0-\x1f]/g, " ").replaceAll(/"system-id":\s*(\d+)/g, '"system-id":"$1"');
    const found = JSON.parse(plain);
    if (Array.isArray(found) && found.every(({ name, status, db, backup }) => name && status && db && backup)) {
      return found;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw backupToolFailed.notUnderstood.error({ program: "pgbackrest", asked: "its backups" });
}
