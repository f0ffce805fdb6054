import { restoreDump } from "../../dumps/restore_dump.ts";
import { captureDefinitions, type Definition } from "../../manifest/definitions/definitions.ts";
import { grantExtra } from "../../manifest/privileges/findings.ts";
import { restorableOf } from "../../manifest/restorable.ts";
import { withSession } from "../../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { isOneOf } from "../../system/define_finding.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { proveRestored } from "../compare/compare_database.ts";
import { askForName } from "./ask_for_name.ts";
import { liveObjectLost, newerWasKept } from "./findings/outcome.ts";
import { inPlaceBlocked } from "./findings/replacing.ts";
import { keepOthersOut } from "./keep_others_out.ts";
import { droppableOrder, rehearseDrops } from "./rehearse_drops.ts";
import { canKeepGrants } from "./restore_guard.ts";
import { findToolsFor, type Restore } from "./restore_under_way.ts";
import { makeSafetyBackup } from "./safety_backup.ts";

/** Into the database itself, in one transaction: whole or not at all. No other session is in it from the safety backup on. */
export async function restoreInPlace(restore: Restore, replacesSomething: boolean): Promise<void> {
  const { job, options, stored, manifest, archive, part, target, record } = restore;
  const expected = restore.expected!;
  if (!archive) throw inPlaceBlocked.noContents.error();
  const tools = await findToolsFor(restore);
  const ownersAndGrants = await canKeepGrants(job, target, expected, options);
  const entries = droppableOrder(part?.entries ?? archive);
  const rehearse = (parameters: ConnectionParameters) =>
    job.phase(
      "rehearse",
      () => withSession(parameters, {}, (sql) => rehearseDrops(sql, entries, manifest!.definitions)),
    );
  if (replacesSomething) {
    if (!options.terminateConnections) await rehearse(target.parameters);
    await askForName(restore);
  }
  const hidden = replacesSomething ? await keepOthersOut(restore, "_in_place_") : undefined;
  const parameters = withDatabase(target.parameters, hidden?.name ?? target.name);
  const { before, kept } = await rehearse(parameters);
  if (hidden) await makeSafetyBackup(restore, hidden.name);
  await job.phase("restore", (measure) =>
    restoreDump(job, stored.dumpPath, { parameters, tools }, {
      jobs: 1,
      measure,
      expected: restorableOf(expected),
      ownersAndGrants,
      entryIds: entries.filter((entry) => !kept.has(entry)).map(({ id }) => id),
      extra: ["--clean", "--if-exists", "--single-transaction"],
    }));
  if (job.isGood()) {
    record.restored_database = target.name;
    const { findings } = await proveRestored(job, expected, parameters, { jobs: options.jobs, ownersAndGrants });
    const grants = findings.filter((finding) => isOneOf(finding, grantExtra));
    const areGranted = grants.length > 0 && await withSession(parameters, {}, hasDefaultPrivileges);
    for (const found of findings) {
      if (isOneOf(found, newerWasKept)) Object.assign(found, newerWasKept({ found }));
      if (areGranted && isOneOf(found, grantExtra)) {
        Object.assign(found, grantExtra.ofDefaultPrivileges(found));
      }
    }
    const after = await withSession(parameters, {}, readDefinitions);
    job.find(...findLost(before, after, { isPart: part !== undefined }));
  } else {
    job.say(`${target.name} was not changed: the restore was rolled back; --swap needs nothing to be dropped first`);
  }
  await hidden?.giveBack();
}

/** Of the role that restores, in this database: whatever it makes there gets them. */
async function hasDefaultPrivileges(sql: Parameters<typeof captureDefinitions>[0]): Promise<boolean> {
  const [{ has }] = await sql<{ has: boolean }[]>`
    SELECT EXISTS (SELECT FROM pg_default_acl WHERE defaclrole = current_user::regrole) AS has`;
  return has;
}

async function readDefinitions(sql: Parameters<typeof captureDefinitions>[0]): Promise<Definition[]> {
  await sql.unsafe("BEGIN");
  const definitions = await captureDefinitions(sql);
  await sql.unsafe("ROLLBACK");
  return definitions;
}

/**
 * What a database had before it was overwritten, and does not have any more: indexes, columns and the like that are newer
 * than the backup went with their tables.
 */
function findLost(
  before: readonly Definition[],
  after: readonly Definition[],
  { isPart }: {
    /** Whether a part of a backup was restored: of all of it, being as it was is what was asked for. */
    isPart: boolean;
  },
): Finding[] {
  const lost = (what: string, object: string, definition: string) =>
    liveObjectLost({ what, object, definition, isAsked: !isPart });
  const now = new Map(after.map((definition) => [keyOf(definition), definition]));
  return before.flatMap((had): Finding[] => {
    const has = now.get(keyOf(had));
    if (!has) return [lost(`${had.kind.replaceAll("_", " ")} ${had.identity}`, had.identity, had.definition)];
    const columns = columnsOf(had).filter(([name]) => !columnsOf(has).some(([other]) => other === name));
    const kept = grantsOf(has);
    const grants = grantsOf(had).filter((grant) => !kept.includes(grant));
    return [
      ...columns.map(([name, line]) => lost(`column ${name} of ${had.identity}`, had.identity, line)),
      ...(grants.length > 0 ? [lost(`grants on ${had.identity}`, had.identity, grants.join("\n"))] : []),
    ];
  });
}

function grantsOf({ acl = [], column_acl = [] }: Definition): string[] {
  return [...acl, ...column_acl];
}

function keyOf({ kind, identity }: Definition): string {
  return `${kind}\0${identity}`;
}

function columnsOf({ kind, definition }: Definition): [name: string, line: string][] {
  if (kind !== "table") return [];
  return [...definition.matchAll(/^column ("(?:[^"]|"")*"|\S+) .*$/gm)].map(([line, name]) => [name, line]);
}
