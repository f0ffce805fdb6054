import type { FoundFinding } from "../system/define_finding.ts";
import type { Measure } from "../system/amount.ts";

/** What an operator says of a physical source besides its name. */
export interface SourceOptions {
  /** Directory of the WAL archive. */
  walArchive?: string;
  /** Instead of the source's own. */
  restoreCommand?: string;
  pgbackrestConfig?: string;
  barmanConfig?: string;
  /** Where PostgreSQL's programs are. */
  pgBin?: string;
  signal?: AbortSignal;
}

/** Where physical backups and their WAL come from. */
export interface PhysicalSource {
  /** As the operator wrote it, without secrets: `pgbackrest:main`, `/backups/base`. */
  readonly name: string;
  /** Its catalogue, oldest first. */
  list(signal?: AbortSignal): Promise<PhysicalBackup[]>;
  /**
   * Fills an empty 0700 directory with a backup, by the tool's own command. It leaves a `backup_label` there, and the links
   * in `pg_tblspc`, which lead below `tablespaceDirectory`.
   */
  restore(backup: PhysicalBackup, to: RestorePlace): Promise<void>;
  /**
   * What fetches one WAL file or history file, as `restore_command` has it: `%f` is its name, `%p` where it goes. Without
   * one a backup has only the WAL that lies in it. Read it after `restore`: some tools need to know where that was.
   */
  readonly restoreCommand?: string;
  /** The files of the WAL archive, in any order, where listing them is cheap. */
  listWal?(signal?: AbortSignal): AsyncIterable<ArchivedFile>;
  /**
   * Gives the text of a timeline's history file, `undefined` if there is none. A source without it has it fetched by its
   * `restoreCommand`, which some tools can run only once a backup is restored.
   */
  readHistory?(timeline: number, signal?: AbortSignal): Promise<string | undefined>;
  /** Has the tool look through all that it keeps. */
  verify?(signal?: AbortSignal): Promise<FoundFinding[]>;
}

/** Where a backup is restored to. */
export interface RestorePlace {
  /** The future data directory. */
  directory: string;
  tablespaceDirectory: string;
  signal?: AbortSignal;
  measure?: Measure;
}

/** A physical backup, as far as its tool knows it. */
export interface PhysicalBackup {
  /** What the tool calls it. */
  name: string;
  systemIdentifier?: string;
  /** Of the server. */
  majorVersion?: number;
  /** That it was begun on. */
  timeline?: number;
  /** Where its recovery begins: WAL is needed from here. */
  startLsn?: string;
  /** Where it is consistent: no earlier point can be recovered to. */
  stopLsn?: string;
  startedAt?: Date;
  stoppedAt?: Date;
  /** What it takes when it is restored. */
  sizeBytes?: number;
  /** What it is restored together with, by their names: the full backup first. */
  parents: string[];
  /** @default {16 MiB} */
  walSegmentBytes?: number;
  /** Whether the WAL that makes it consistent lies in it. */
  holdsWal?: boolean;
  /** What its tool calls it, where it did not come to its end: it cannot be restored. */
  unfinished?: string;
  /** Whether its tool found pages with a wrong checksum when it made it. */
  hasBadPages?: boolean;
}

/** A file in a WAL archive. */
export interface ArchivedFile {
  /** As it is called there, with what the tool appends: `0000000100000000000000A3.gz`. */
  name: string;
  sizeBytes?: number;
  modifiedAt?: Date;
}
