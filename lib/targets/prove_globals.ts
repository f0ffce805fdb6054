import { basename, dirname, join } from "node:path";
import {
  compareDatabaseProperties,
  compareGlobals,
  hasSameRoles,
  readAclItem,
} from "../manifest/globals/compare_globals.ts";
import { globalsNotProven, globalsUnexpected, tablespaceDiffers } from "../manifest/globals/findings.ts";
import { readGlobals } from "../manifest/globals/read_globals.ts";
import type { Globals, Manifest } from "../manifest/manifest.ts";
import type { ArchiveContents, ArchiveEntry } from "../postgres/archive_contents.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { makeRoles } from "../postgres/make_roles.ts";
import { databasePropertiesIn } from "../postgres/plain/database_properties_in_archive.ts";
import { runGlobals } from "../postgres/plain/run_globals.ts";
import { serverVersion } from "../postgres/server_version.ts";
import { inTransactionRolledBack } from "../postgres/transactions.ts";
import type { Job } from "../run/job.ts";
import { globalsSuffix } from "../storage/backup_name.ts";
import type { StoredBackup } from "../storage/stored_backup.ts";
import { isFile } from "../system/files.ts";
import type { Finding, Note } from "../verdict/verdict.ts";

/**
 * Runs a backup's file of roles unchanged in a throwaway cluster, compares what it brought with the manifest, and takes
 * all of it back: roles that log in, or are superusers, exist only within one transaction, which no other session sees.
 *
 * @param parameters The cluster's database `postgres`, before any role was made.
 * @returns Whether roles were compared.
 */
export async function proveGlobals(
  job: Job,
  { manifest, stored }: { manifest: Manifest; stored: StoredBackup },
  parameters: ConnectionParameters,
): Promise<boolean> {
  const { globals } = manifest;
  if (!globals) return false; // of an earlier build
  if (!globals.file || globals.is_unsettled) {
    job.note(globalsNotProven({ reason: globals.file ? "they changed during the backup" : "it has no file of them" }));
    return false;
  }
  const path = join(dirname(stored.dumpPath), stored.name + globalsSuffix);
  const file = basename(path);
  if (!await isFile(path)) {
    job.note(globalsNotProven({ reason: "the file of them is missing" }));
    return false;
  }
  await inTransactionRolledBack(parameters, job.signal, async (sql) => {
    const { unexpected, refused, tablespaces } = await runGlobals(sql, path, parameters.user);
    if (unexpected) return job.find(globalsUnexpected({ file, line: unexpected.line, statement: unexpected.text }));
    const versions = {
      expected: Math.floor(manifest.postgres.server_version_num / 10_000),
      found: (await serverVersion(sql)).major,
    };
    const found = await readGlobals(sql, globals.salt);
    const { findings, notes } = compareGlobals({ expected: globals, found, versions, file, refused });
    findings.push(
      ...missingTablespaces(globals, tablespaces).map((tablespace) => tablespaceDiffers({ tablespace, file })),
    );
    conclude(job, "globals_differing", findings, notes);
  });
  return true;
}

/** A role may be changed while a server's databases are backed up one after the other. */
export function sayIfOfOtherRoles(job: Job, { globals: own }: Manifest, { globals: proven }: Manifest): void {
  if (own && proven && !hasSameRoles(own, proven)) {
    job.note(globalsNotProven({ reason: "roles were changed between this backup and another one of its set" }));
  }
}

/**
 * Gives an empty database what the dump says of the backed-up one (owner, grants, settings, limit, comment), compares it
 * with the manifest, and takes it back.
 *
 * @param archive The dump.
 * @param parameters The cluster's database `postgres`, whose server has the roles of the dump.
 * @param database The empty one; it has the name of the backed-up one meanwhile.
 * @returns Whether they were compared.
 */
export async function proveProperties(
  job: Job,
  { manifest, archive }: { manifest: Manifest; archive: ArchiveContents | undefined },
  parameters: ConnectionParameters,
  database: string,
): Promise<boolean> {
  const { globals, database: { name } } = manifest;
  if (!globals || !archive?.entries.some(({ kind }) => kind === "DATABASE")) return false;
  await inTransactionRolledBack(parameters, job.signal, async (sql) => {
    await makeRoles(sql, rolesOfDatabase(globals, name));
    const refused = await giveProperties(sql, archive.entries, name, database);
    const found = await readGlobals(sql, globals.salt);
    const { findings, notes } = compareDatabaseProperties({ expected: globals, found, refused }, name);
    conclude(job, "database_properties_differing", findings, notes);
  });
  return true;
}

function conclude(job: Job, assertion: string, findings: Finding[], notes: Note[]): void {
  const actual = findings.filter(({ severity }) => severity !== "warning").length;
  job.expect(assertion, { expected: 0, actual }, ...findings);
  job.note(...notes);
}

/** They are not made: only what the file says of them is looked at. */
function missingTablespaces(
  { tablespaces }: Globals,
  made: readonly { name: string; owner: string; location: string }[],
): string[] {
  return tablespaces.filter(({ name, owner, location }) =>
    !made.some((one) => one.name === name && one.owner === owner && one.location === location)
  ).map(({ name }) => name);
}

/** As pg_restore --create gives them; the database itself, its encoding and locale are made by us. */
async function giveProperties(
  sql: Sql,
  entries: readonly ArchiveEntry[],
  name: string,
  database: string,
): Promise<{ text: string; reason: string }[]> {
  const refused: { text: string; reason: string }[] = [];
  const run = async (statement: string) => {
    await sql.unsafe("SAVEPOINT property");
    try {
      await sql.unsafe(statement);
    } catch (error) {
      await sql.unsafe("ROLLBACK TO SAVEPOINT property");
      refused.push({ text: statement, reason: (error as Error).message });
    }
  };
  const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;
  if (database !== name) await run(`ALTER DATABASE ${quoted(database)} RENAME TO ${quoted(name)}`);
  for (const statement of databasePropertiesIn(entries, name)) await run(statement);
  return refused;
}

/** Whom its properties name; not all of them own something in it, or were granted it. */
function rolesOfDatabase({ databases, settings }: Globals, name: string): string[] {
  const own = databases.find((database) => database.name === name);
  const granted = own?.acl.flatMap((item) => {
    const { grantee, grantor } = readAclItem(item);
    return [grantee, grantor];
  });
  const set = settings.flatMap(({ role, database }) => database === name && role !== null ? [role] : []);
  return [...new Set([...own ? [own.owner] : [], ...granted ?? [], ...set])].filter(Boolean);
}
