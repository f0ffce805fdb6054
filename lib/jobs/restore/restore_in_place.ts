import { captureDefinitions, type Definition } from "../../manifest/definitions.ts";
import { restorableOf } from "../../manifest/restorable.ts";
import { withSession } from "../../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { findClientTools } from "../../postgres/tools.ts";
import { isOneOf } from "../../system/define_finding.ts";
import { restoreDump } from "../../dumps/restore_dump.ts";
import { droppableOrder } from "./archive_order.ts";
import { grantsOfDefaultPrivileges, newerWasKept } from "./findings/outcome.ts";
import { inPlaceBlocked } from "./findings/replacing.ts";
import { keepOthersOut } from "./keep_others_out.ts";
import { findLost } from "./find_lost.ts";
import { rehearseDrops } from "./rehearse_drops.ts";
import { askForName } from "./ask_for_name.ts";
import { canKeepGrants } from "./restore_guard.ts";
import { dumpMajor, prove, type Restore } from "./restore_under_way.ts";
import { makeSafetyBackup } from "./safety_backup.ts";

/** Into the database itself, in one transaction: whole or not at all. Nobody else is in it from the safety backup on. */
export async function restoreInPlace(restore: Restore, replacesSomething: boolean): Promise<void> {
  const { job, options, stored, manifest, archive, part, target, record } = restore;
  const expected = restore.expected!;
  if (!archive) throw inPlaceBlocked.noContents.error();
  const tools = await findClientTools(Math.max(target.server.major, dumpMajor(manifest)), options.pgBin);
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
    const { findings } = await prove(job, expected, parameters, options, ownersAndGrants);
    const grants = findings.filter((finding) => isOneOf(finding, grantsOfDefaultPrivileges));
    const areGranted = grants.length > 0 && await withSession(parameters, {}, hasDefaultPrivileges);
    for (const found of findings) {
      if (isOneOf(found, newerWasKept)) Object.assign(found, newerWasKept({ found }));
      if (areGranted && isOneOf(found, grantsOfDefaultPrivileges)) {
        Object.assign(found, grantsOfDefaultPrivileges({ found }));
      }
    }
    const after = await withSession(parameters, {}, readDefinitions);
    job.find(...findLost(before, after, { isPart: part !== undefined }));
  } else {
    job.say(`${target.name} is as it was: the restore was rolled back; --swap needs nothing to be dropped first`);
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
