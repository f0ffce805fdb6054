import { markdownText } from "../../report/printable.ts";
import type { Sql } from "../../postgres/connection/connect.ts";
import type { Renaming } from "../../postgres/rename_databases.ts";
import { counted, durationText, sizeText } from "../../system/quantities.ts";
import { addressIn, momentName } from "../../storage/backup_name.ts";
import { openStore } from "../../storage/open_store.ts";
import { bodyOf, type Store, type StoreOptions } from "../../storage/store.ts";
import type { Backup, Finding, Phase, Verdict } from "../../verdict/verdict.ts";
import type { RestoreOptions } from "./restore_target.ts";

/** `pgrehearse.restore/v1`: what was done to a database in an incident, and on whose word. */
export interface IncidentRecord {
  schema: "pgrehearse.restore/v1";
  /** `started` until the end is known; it stays so if the run was killed. */
  state: "started" | "finished";
  verdict?: Verdict["verdict"];
  mode: RestoreOptions["mode"];
  /** Whether only a part of the backup was restored. */
  is_part?: true;
  /** What roles of the backup are called there, and who owns everything. */
  mapped_roles?: { owner?: string; roles: Record<string, string> };
  operator?: string;
  approved_by?: string;
  reason?: string;
  started_at: string;
  finished_at?: string;
  backup: Backup;
  target: { server: string; database: string; system_identifier: string };
  /** The database that was restored into, by its present name. */
  restored_database?: string;
  /** What was there before, and where its safety backup lies. */
  before?: { tables: number; size_bytes: number; kept_as?: string; safety_backup?: string; no_safety_backup?: string };
  /** From the backup's snapshot to the last write known, else to the start. */
  data_loss_window: { from: string; to: string; seconds: number; known_by: "last_commit" | "start_of_restore" };
  /** The OID of that database, by which it is known again. */
  restored_oid?: number;
  /** What `restore --undo` undoes, in reverse, and which databases they were. */
  renamed: (Renaming & { oid: number })[];
  undone_at?: string;
  undone_by?: { operator?: string; approved_by?: string; reason?: string };
  phases: Phase[];
  compared?: Verdict["compared"];
  findings: Finding[];
}

/** @param name A database that exists. */
export async function oidOf(admin: Sql, name: string): Promise<number> {
  const [{ oid }] = await admin<
    { oid: number }[]
  >`SELECT oid::int8::int4 AS oid FROM pg_database WHERE datname = ${name}`;
  return oid;
}

/** Where a record is kept, as JSON and as Markdown. */
export interface RecordKeeper {
  /** The JSON file beside the backup. */
  readonly path: string;
  write(record: IncidentRecord): Promise<void>;
}

/**
 * Begins to keep a record in every one of the directories and buckets, under a name that no other record has: of two
 * restores of one backup in one second, the later one's gets `-2`.
 */
export async function keepRecord(
  places: string[],
  record: IncidentRecord,
  options?: Omit<StoreOptions, "signal">,
): Promise<RecordKeeper> {
  const kept: { place: string; name: string }[] = [];
  for (const place of places) {
    await using store = await opened(place, options);
    const name = await claimRecordName(store, record);
    kept.push({ place, name });
    await store.write(`${name}.md`, bodyOf(describe(record)));
  }
  return {
    path: addressIn(kept[0].place, `${kept[0].name}.json`),
    async write(record) {
      for (const { place, name } of kept) {
        await using store = await opened(place, options);
        await store.write(`${name}.json`, bodyOf(documentOf(record)));
        await store.write(`${name}.md`, bodyOf(describe(record)));
      }
    },
  };
}

async function claimRecordName(store: Store, record: IncidentRecord): Promise<string> {
  const wanted = `${record.backup.name}.restore-${momentName(new Date(record.started_at))}`;
  for (let place = 1;; place++) {
    const name = place === 1 ? wanted : `${wanted}-${place}`;
    if (await store.claim(`${name}.json`, new TextEncoder().encode(documentOf(record))) !== "taken") return name;
  }
}

/** Whether a file's name is that of a record, in JSON. */
export function isRecordName(name: string): boolean {
  return /\.restore-\d{8}T\d{6}Z(-\d+)?\.json$/.test(name);
}

async function opened(place: string, options?: Omit<StoreOptions, "signal">): Promise<Store & AsyncDisposable> {
  const store = await openStore(place, options);
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}

function documentOf(record: IncidentRecord): string {
  return JSON.stringify(record, null, 2) + "\n";
}

/** What the end of the lost writes is known by. */
const endOf = { last_commit: "the last commit", start_of_restore: "the start of the restore" };

function describe(record: IncidentRecord): string {
  const { backup, before, data_loss_window: loss, compared } = record;
  const facts: [string, string | undefined][] = [
    ["Verdict", record.verdict ?? "unknown: the restore has not ended"],
    ["Operator", record.operator],
    ["Approved by", record.approved_by],
    ["Reason", record.reason],
    ["Started", record.started_at],
    ["Finished", record.finished_at],
    ["Backup", `${backup.name}${backup.sha256 ? `, sha256 ${backup.sha256}` : ""}`],
    ["Snapshot of the backup", backup.snapshot_at],
    ["Target", `${record.target.database} at ${record.target.server} (${record.mode.replace("_", " ")})`],
    ["Restored into", record.restored_database],
    ["Replaced", before && `${counted(before.tables, "table")}, ${sizeText(before.size_bytes)}`],
    ["Kept as", before?.kept_as],
    ["Safety backup", before?.safety_backup ?? before?.no_safety_backup],
    [
      "Writes lost",
      `from ${loss.from} to ${loss.to}: ${durationText(loss.seconds * 1_000)} (measured to ${endOf[loss.known_by]})`,
    ],
    ["Compared", compared && `${compared.tables} tables, ${compared.rows} rows, ${compared.definitions} definitions`],
  ];
  const lines = [
    `# Restore of ${markdownText(record.target.database)}`,
    "",
    "| | |",
    "| --- | --- |",
    ...facts.filter(([, value]) => value !== undefined).map(([name, value]) => `| ${name} | ${markdownText(value!)} |`),
    "",
    "## Phases",
    "",
    "| phase | ms |",
    "| --- | ---: |",
    ...record.phases.map(({ name, duration_ms }) => `| ${markdownText(name)} | ${duration_ms} |`),
    "",
    "## Findings",
    "",
    ...(record.findings.length === 0
      ? ["None."]
      : record.findings.map(({ code, message, fix }) => `- **${code}** ${markdownText(message)} ${markdownText(fix)}`)),
  ];
  return lines.join("\n") + "\n";
}
