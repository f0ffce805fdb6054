import type { DumpFile } from "../../manifest/manifest.ts";
import type { ArchiveHeader } from "../../postgres/archive_header.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import type { DumpOptions } from "../../postgres/pg_dump.ts";
import type { StoreOptions } from "../../storage/store.ts";
import type { StoredBackup } from "../../storage/stored_backup.ts";
import type { Measure } from "../../system/amount.ts";

/** How a dump is written, and where to. */
export interface SinkOptions {
  /** The directory, or `s3://bucket/prefix`, that the backup is written to. */
  to: string;
  /** How to reach and use the bucket. */
  store?: Omit<StoreOptions, "signal">;
  /** Encrypt for these, `age1…`. */
  recipients?: string[];
  format: "custom" | "directory";
  /** How many sessions read at the same time, and pg_dump's jobs in directory format. */
  jobs: number;
}

/** Where a dump goes, and how it becomes part of a backup. What is not published is gone when the job ends. */
export interface DumpSink {
  /** Where the backup will lie. */
  readonly stored: Required<StoredBackup>;
  /** What pg_restore can list: the dump, or as much of its beginning as holds its table of contents. */
  readonly listable: string;
  /** Makes the dump and returns what pg_dump said. */
  dump(parameters: ConnectionParameters, options: Omit<DumpOptions, "format">): Promise<string>;
  /** Takes back what a failed attempt left, so that `dump` can be called again. */
  discard(): Promise<void>;
  /** Describes the finished dump, every file of it in its place. */
  finish(measure?: Measure): Promise<{ files: DumpFile[]; header?: ArchiveHeader }>;
  /**
   * Writes a part of the backup that is a file beside the dump.
   *
   * @param suffix What its name ends in: `.globals.sql`.
   */
  addPart(suffix: string, content: Uint8Array<ArrayBuffer>): Promise<DumpFile>;
  /**
   * Writes the manifest, after its signature if it has one: only now is it a backup.
   *
   * @param manifest As text.
   */
  publish(manifest: string, signature?: string): Promise<void>;
  /** Takes back what was published: no backup is left. */
  withdraw(): Promise<void>;
}
