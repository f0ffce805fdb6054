import { join } from "node:path";
import {
  giveSchemaPublic,
  makeSchemas,
  makesPublicSchema,
  notMadeBy,
  readArchiveSchemas,
} from "../postgres/archive_schemas.ts";
import { readCompressionMethod, requireReadableCompression } from "../postgres/compression.ts";
import { withSession } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { dumpWithoutDefinitions } from "../postgres/findings/dumps.ts";
import { type DumpEntry, listDump, type RestoreResult, runPgRestore } from "../postgres/pg_restore.ts";
import { sandboxTo } from "../postgres/reaching_sandbox.ts";
import { acquireWorkspace, type Job } from "../run/job.ts";
import type { Measure } from "../system/amount.ts";
import { extensionUnavailable } from "../targets/findings.ts";
import { lendFile } from "../targets/lend_file.ts";
import type { RestoreTarget } from "../targets/target.ts";

/** How a dump is restored. */
export interface RestoreDumpOptions {
  /** How many tables and indexes at a time. */
  jobs: number;
  ownersAndGrants?: boolean;
  /** How many rows and indexes it should bring. */
  expected?: { rows: number; indexes: number };
  measure?: Measure;
  /** Further options of pg_restore; they do not reach a plain SQL dump. */
  extra?: string[];
  /**
   * Ids of an archive's entries, in the order in which they are restored; those that are not among them are left out.
   * @default {all of them, unchanged}
   */
  entryIds?: number[];
}

/** Restores an archive of pg_dump, with the schemas that it needs and does not make. */
export async function restoreArchive(
  job: Job,
  given: string,
  { parameters, tools: found, keepOwners }: RestoreTarget,
  { jobs, ownersAndGrants, extra = [], entryIds }: RestoreDumpOptions,
): Promise<RestoreResult> {
  const sandbox = found.sandbox ?? await sandboxTo(parameters, found, job.signal);
  const tools = { ...found, sandbox };
  await requireReadableCompression(tools, await readCompressionMethod(given));
  const path = await lendFile(job, given, sandbox);
  const owners = await keepOwners?.(path) ?? false;
  const run = { tools, owners, signal: job.signal };
  const entries = await listDump(path, run);
  requireDefinitions(path, entries);
  await requireAvailable(parameters, entries);
  const schemas = await readArchiveSchemas(path);
  const isWanted = (entry: DumpEntry) => !makesPublicSchema(schemas, entry);
  const wanted = (entryIds ? inOrder(entries, entryIds) : entries).filter(isWanted);
  if (!entries.every(isWanted)) {
    await makeSchemas(parameters, ["public"]);
    const { publicOwner } = schemas;
    const isDefault = publicOwner === undefined || publicOwner === "pg_database_owner";
    if (ownersAndGrants && !isDefault) await giveSchemaPublic(parameters, publicOwner);
  }
  await makeSchemas(parameters, notMadeBy(schemas, schemas.ofExtensions));

  const restore = async (part: DumpEntry[], jobs: number) => {
    const all = entryIds === undefined && part.length === entries.length;
    const list = all ? undefined : await lendFile(job, await listFile(job, part), sandbox);
    return await runPgRestore(parameters, path, {
      ...run,
      ownersAndGrants,
      jobs,
      extra: ["--no-tablespaces", ...list === undefined ? [] : [`--use-list=${list}`], ...extra],
    });
  };
  const leftOut = notMadeBy(schemas, schemas.ofObjects);
  const inOneTransaction = extra.includes("--single-transaction");
  if (inOneTransaction || leftOut.length === 0 || !entries.some(isExtension)) {
    await makeSchemas(parameters, leftOut);
    return await restore(wanted, jobs);
  }
  // An extension may make a schema by itself, in which users then have tables.
  const isFirst = (entry: DumpEntry) => isExtension(entry) || entry.text.startsWith("SCHEMA - ");
  const first = await restore(wanted.filter(isFirst), 1);
  await makeSchemas(parameters, leftOut);
  const rest = await restore(wanted.filter((entry) => !isFirst(entry)), jobs);
  return { ...rest, status: first.status || rest.status, stderr: first.stderr + rest.stderr };
}

const isExtension = ({ text }: DumpEntry) => text.startsWith("EXTENSION - ");

function inOrder(entries: DumpEntry[], ids: number[]): DumpEntry[] {
  const byId = new Map(entries.map((entry) => [Number.parseInt(entry.line), entry]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

async function listFile(job: Job, entries: DumpEntry[]): Promise<string> {
  const workspace = await acquireWorkspace(job);
  const path = join(workspace.path, "entries");
  await Deno.writeTextFile(path, entries.map(({ line }) => `${line}\n`).join(""), { mode: 0o600, createNew: true });
  return path;
}

/** Rows alone, or indexes alone, have nothing that they could be restored into. */
function requireDefinitions(path: string, entries: DumpEntry[]): void {
  const has = (kinds: RegExp) => entries.some(({ text }) => kinds.test(text));
  const bringsRows = has(/^TABLE DATA /) && !has(/^(FOREIGN )?TABLE (?!DATA |ATTACH )/) && !has(/^EXTENSION /);
  const bringsIndexes = has(/^(CONSTRAINT|INDEX|FK CONSTRAINT|TRIGGER) /) && !has(/^(TABLE|MATERIALIZED VIEW) /);
  if (!bringsRows && !bringsIndexes) return;
  const what = bringsRows ? "rows (pg_dump --data-only)" : "indexes and constraints (pg_dump --section=post-data)";
  throw dumpWithoutDefinitions.error({ path, what });
}

/**
 * Makes sure that the server has every extension that a dump needs: without one, pg_restore fails at whatever uses it.
 *
 * @throws {OperatorError} `EXTENSION_UNAVAILABLE`, naming all of them.
 */
async function requireAvailable(parameters: ConnectionParameters, entries: DumpEntry[]): Promise<void> {
  const needed = entries.flatMap(({ text }) => /^EXTENSION - (.*) $/.exec(`${text.trimEnd()} `)?.[1] ?? []);
  if (needed.length === 0) return;
  await withSession(parameters, {}, async (sql) => {
    const missing = await sql<{ name: string }[]>`
      SELECT name FROM json_array_elements_text(${JSON.stringify(needed)}::text::json) AS name
      WHERE name NOT IN (SELECT name FROM pg_available_extensions)`;
    if (missing.length === 0) return;
    const names = missing.map(({ name }) => name).join(", ");
    throw extensionUnavailable.error({ names });
  });
}
