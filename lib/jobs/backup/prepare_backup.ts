import { createHash } from "node:crypto";
import { signFile } from "../../evidence/signature.ts";
import { readSigningKey } from "../../evidence/signing_key.ts";
import { summarizeBackup, warningsOf } from "../../fetch/backup_summary.ts";
import { makeManifest } from "../../manifest/make_manifest.ts";
import type { BackupSet, Manifest, RecordedCheck } from "../../manifest/manifest.ts";
import { chooseCompression, readCompressionMethod } from "../../postgres/compression.ts";
import { withSession } from "../../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { type DumpSelection, resolveSelection } from "../../postgres/dump_selection.ts";
import { requireDamageShown } from "../../postgres/hidden_damage.ts";
import { requireReadable } from "../../postgres/readability.ts";
import type { SharedSnapshot } from "../../postgres/shared_snapshot.ts";
import { speakingEnglish } from "../../postgres/speak_english.ts";
import { findClientTools, olderClient } from "../../postgres/tools.ts";
import type { Job } from "../../run/job.ts";
import { backupName, manifestSuffix } from "../../storage/backup_name.ts";
import { isS3Address, requireStoreAddress } from "../../storage/open_store.ts";
import { manifestText } from "../../storage/write_backup.ts";
import { connectToServer, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { ConfiguredOptions } from "../configured.ts";
import { writeGlobals } from "./capture_globals.ts";
import { type CaptureOptions, dumpAndCapture } from "./dump_and_capture.ts";
import { passwordsNotEncrypted } from "./findings/cluster.ts";
import { dumpIncomplete } from "./findings/dumps.ts";
import { openLocalSink, requireRoomForDump } from "./local_sink.ts";
import { openStoredSink } from "./stored_sink.ts";

/** What to back up, and where to. */
export interface BackupOptions extends NamedDatabaseOptions, ConfiguredOptions, CaptureOptions {
  /** What backups are called; as their database, unless it says otherwise. */
  name?: string;
  /** What it is for, unless it is an ordinary backup: one of what a restore is about to replace. */
  purpose?: "safety";
  /** What the database is called meanwhile; the backup is of `from`. */
  renamed?: { from: string; to: string };
  /** The file with the private key that signs the manifest. */
  signingKey?: string;
  /** What is said of each of the configuration's databases. */
  ofDatabases?: Record<
    string,
    Pick<BackupOptions, "dbUrl" | "selection" | "distribution" | "enableRowSecurity">
  >;
  /** Every database of the server. */
  allDatabases?: boolean;
  /** Patterns of databases that are left out of all. */
  excludeDatabases?: string[];
  /** In pg_dump's syntax. @default {the best that pg_dump can write} */
  compress?: string;
  pgBin?: string;
}

/** A backup that lacks nothing but its manifest in the store. */
export interface PreparedBackup {
  name: string;
  parameters: ConnectionParameters;
  /** What the dump was taken at; open until the job ends. */
  snapshot: SharedSnapshot;
  /** Writes the manifest: only now is it a backup. When this fails, also as the run is interrupted, it is none. */
  publish(additions?: Pick<Manifest, "set" | "recorded">): Promise<void>;
  /** Takes back what was published. */
  withdraw(): Promise<void>;
}

/**
 * Finds whatever can be known to be in the way of a backup, and makes none.
 *
 * @throws {OperatorError} What {@linkcode prepareBackup} throws before it writes.
 */
export async function foreseeBackup(job: Job, options: BackupOptions): Promise<void> {
  requireStoreAddress(options.to);
  if (options.signingKey !== undefined) await readSigningKey(options.signingKey);
  const { sizeBytes = 0, compression } = await job.phase("preflight", () => preflight(job, options));
  if (!isS3Address(options.to)) await requireRoomForDump(options.to, sizeBytes, compression.method);
}

/**
 * Dumps a database and captures its manifest, both of the same instant.
 *
 * @param at When the backup is made, for its name.
 */
export async function prepareBackup(job: Job, options: BackupOptions, at: Date): Promise<PreparedBackup> {
  requireStoreAddress(options.to);
  if (options.withPasswordHashes && !options.recipients?.length) throw passwordsNotEncrypted.error();
  const key = options.signingKey === undefined ? undefined : await readSigningKey(options.signingKey);
  const isLocal = !isS3Address(options.to) && !options.recipients?.length;
  const { tools, parameters, sizeBytes, selected, compression } = await job.phase(
    "preflight",
    () => preflight(job, options),
  );
  const name = backupName(options.name ?? options.renamed?.from ?? parameters.database, at);
  const sink = isLocal ? await openLocalSink(job, name, options) : await openStoredSink(job, name, options);
  if (isLocal && sizeBytes !== undefined) await requireRoomForDump(options.to, sizeBytes, compression.method);
  const source = { parameters, tools, sink, selected, compression };
  const { snapshot, captured, tablesRead, entries, warnings, globals } = await dumpAndCapture(job, source, options);

  // A dump that lacks a table's data is not finished, whatever pg_dump's status says.
  const withData = entries.filter(({ text }) => text.startsWith("TABLE DATA ")).length;
  job.expect("tables_with_data_in_dump", { expected: tablesRead, actual: withData });
  if (withData !== tablesRead) throw dumpIncomplete.error({ expected: tablesRead, actual: withData });

  if (options.renamed) captured.database.name = options.renamed.from;
  const { files, header } = await job.phase("checksum", (measure) => sink.finish(measure));
  const method = await readCompressionMethod(sink.listable);
  const manifest = makeManifest(captured, snapshot, {
    globals: await job.phase("parts", () => writeGlobals(sink, globals)),
    dump: {
      format: options.format,
      path: `${sink.stored.name}.dump`,
      files,
      ...(header && { header }),
      ...(method && { compression: { method, ...(compression.method === method && { level: compression.level }) } }),
      selection: options.selection,
      ...(options.recipients?.length && { encryption: { scheme: "age", recipients: options.recipients } }),
    },
    pgDump: tools.version,
    enableRowSecurity: options.enableRowSecurity,
    purpose: options.purpose,
    configuredAs: options.name,
    warnings,
  });
  return {
    name: sink.stored.name,
    parameters,
    snapshot,
    async publish(additions = {}) {
      const text = manifestText({ ...manifest, ...additions });
      const manifest_sha256 = createHash("sha256").update(text).digest("hex");
      const signature = key && signFile(`${sink.stored.name}${manifestSuffix}`, manifest_sha256, key);
      let writing: Promise<void> | undefined;
      await job.phase("write", () => writing = sink.publish(text, signature))
        .catch(async (error) => {
          // An interrupted phase ends at once, and what it has under way goes on.
          await writing?.then(() => sink.withdraw(), () => {});
          throw error;
        });
      job.record({ backup: { ...summarizeBackup(sink.stored, manifest, key?.verificationKey.id), manifest_sha256 } });
      job.find(...warningsOf(manifest));
    },
    withdraw: () => sink.withdraw(),
  };
}

async function preflight(job: Job, options: BackupOptions) {
  const reached = await connectToServer(job, { ...options, database: options.renamed?.to ?? options.database });
  const { sql, server } = reached;
  const parameters = await speakingEnglish(sql, reached.parameters);
  const tools = await findClientTools(server.major, options.pgBin);
  const compression = await chooseCompression(tools, options.compress);
  job.record({ postgres: { server: server.version, pg_dump: tools.version, target: "named" } });
  job.find(...olderClient(tools.version, server));
  await requireDamageShown(sql);
  const selected = await resolve(parameters, options.selection);
  await requireReadable(sql, options.enableRowSecurity ?? false, selected);
  const size = () => sql<{ bytes: string }[]>`SELECT pg_database_size(current_database()) AS bytes`;
  // The size of a part is unknown beforehand. And no size of a table: asking waits where it is locked.
  const sizeBytes = options.selection.length > 0 ? undefined : Number((await size())[0].bytes);
  await sql.end({ timeout: 0 });
  return { tools, parameters, selected, sizeBytes, compression };
}

/** By pg_dump's rules, in a session that finds names as pg_dump does. */
async function resolve(parameters: ConnectionParameters, selection: string[]): Promise<DumpSelection | undefined> {
  if (selection.length === 0) return undefined;
  return await withSession(parameters, { settings: { search_path: null } }, async (sql) => {
    return await resolveSelection(sql, selection);
  });
}

/**
 * Writes the manifests of backups that were made together, the lead's last. What fails on the way takes back the others.
 *
 * @param prepared By their databases, the lead first.
 * @param more What the lead records besides, and what all of them say of the set.
 */
export async function publishAll(
  prepared: ReadonlyMap<string, PreparedBackup>,
  { recorded = [], set: more }: { recorded?: RecordedCheck[]; set?: Pick<BackupSet, "scope" | "left_out"> } = {},
): Promise<void> {
  const [lead, ...others] = prepared.values();
  const members = Object.fromEntries([...prepared].map(([name, backup]) => [name, backup.name]));
  const set = others.length > 0 || more ? { set: { lead: lead.name, members, ...more } } : {};
  const published: PreparedBackup[] = [];
  try {
    for (const backup of others) {
      await backup.publish(set);
      published.push(backup);
    }
    await lead.publish({ ...set, ...(recorded.length > 0 && { recorded }) });
  } catch (error) {
    for (const backup of published) await backup.withdraw();
    throw error;
  }
}
