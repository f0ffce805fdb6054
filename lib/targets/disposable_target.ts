import { roleMissing } from "../manifest/globals/findings.ts";
import { type Sql, withSession } from "../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../postgres/connection/connection_parameters.ts";
import { serverTooOld } from "../postgres/findings/tools.ts";
import { type DatabaseLocale, makeDatabaseLike, makeNeutralDatabase } from "../postgres/like_database.ts";
import { makeMemberships, makeOwners, makeReader, makeRoles, settleRoles } from "../postgres/make_roles.ts";
import { sandboxTo } from "../postgres/reaching_sandbox.ts";
import { dropDatabase } from "../postgres/scratch_database.ts";
import { speakingEnglish } from "../postgres/speak_english.ts";
import { acquireScratch, type Job } from "../run/job.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import type { OperatorError } from "../system/operator_error.ts";
import { collationUnavailable, intoSuperuser, privilegesLeftOut } from "./findings.ts";
import { connectToServer } from "./named_server.ts";
import { proveGlobals, proveProperties, sayIfOfOtherRoles } from "./prove_globals.ts";
import type { DisposableOptions, RestoreTarget, SharedCluster } from "./target.ts";
import {
  acquireCluster,
  findRestoreTools,
  nameInCluster,
  psqlCommand,
  restoredName,
  sayKept,
} from "./throwaway_cluster.ts";
import type { Wanted } from "./wanted.ts";

/** Makes an empty database: in a throwaway cluster, or as a scratch database of the server named with `into`. */
export async function makeDisposableTarget(
  job: Job,
  options: DisposableOptions,
  wanted: Wanted,
): Promise<RestoreTarget> {
  if (options.into !== undefined) return await makeOnServer(job, options, wanted);
  const shared = options.cluster;
  return await makeInCluster(job, shared ?? await acquireCluster(job, options, wanted), wanted, shared !== undefined);
}

/** @param isShared Whether other databases are in it: then each has its own name, and the server's log is nobody's. */
async function makeInCluster(
  job: Job,
  target: SharedCluster,
  wanted: Wanted,
  isShared: boolean,
): Promise<RestoreTarget> {
  const { cluster, tools, inTurn } = target;
  const name = isShared ? nameInCluster(wanted.name!) : restoredName;
  const { privileges } = wanted;
  const inCluster = <T>(work: (sql: Sql) => Promise<T>) => inTurn(() => withSession(cluster.parameters, {}, work));
  const makeNamedRoles = (roles: string[]) => inCluster((sql) => makeRoles(sql, roles));
  const quoted = name.replaceAll('"', '""');
  const make = (sql: Sql) => wanted.locale ? makeWanted(sql, quoted, wanted.locale) : makeNeutralDatabase(sql, quoted);
  const renew = () =>
    withSession(cluster.parameters, {}, async (sql) => {
      await dropDatabase(sql, name);
      await make(sql);
    });
  const { backup } = wanted;
  let [coversGlobals, coversProperties] = [false, false];
  if (backup) {
    await job.phase("globals", async () => {
      target.roles ??= { of: backup.manifest, compared: proveGlobals(job, backup, cluster.parameters) };
      coversGlobals = await target.roles.compared;
      sayIfOfOtherRoles(job, backup.manifest, target.roles.of);
    });
  }
  await job.phase("database", async () => {
    await makeNamedRoles([...wanted.roles, ...privileges?.roles ?? []]);
    if (privileges) await inCluster((sql) => makeMemberships(sql, privileges.rights));
    await withSession(cluster.parameters, {}, make);
    const source = backup?.manifest.database.name;
    if (backup && source === nameInCluster(source!)) {
      coversProperties = await proveProperties(job, backup, cluster.parameters, name);
    }
  });
  const parameters = withDatabase(cluster.parameters, name);
  const inDatabase = <T>(work: (sql: Sql) => Promise<T>) => inTurn(() => withSession(parameters, {}, work));
  return {
    parameters,
    tools,
    makeRoles: makeNamedRoles,
    keepOwners: (archive) => inDatabase((sql) => makeOwners(sql, archive)),
    asReader: () => inDatabase((sql) => makeReader(sql, parameters)),
    renew,
    covers: [...coversGlobals ? ["globals"] : [], ...coversProperties ? ["database_properties"] : []],
    keepsGrants: privileges !== undefined,
    // What others still need for their restore is theirs until all are done.
    ...(!isShared && {
      cluster,
      settleGrants: privileges &&
        (() => inDatabase((sql) => settleRoles(sql, privileges.rights, privileges.databaseOwner))),
    }),
  };
}

async function makeOnServer(job: Job, options: DisposableOptions, wanted: Wanted): Promise<RestoreTarget> {
  const { into, env, waitMs, pgBin, keepRunning } = options;
  const { sql, parameters, keepsGrants, tools } = await job.phase("preflight", async () => {
    const { sql, parameters: named, server } = await connectToServer(job, { dbUrl: into, env, waitMs });
    const parameters = await speakingEnglish(sql, named);
    if (wanted.serverMajor !== undefined && server.major < wanted.serverMajor) throw tooOld(server.version, wanted);
    const tools = await findRestoreTools(server.major, wanted, pgBin);
    job.record({ postgres: { server: server.version, pg_restore: tools.version, target: "scratch" } });
    await requireRoles(sql, wanted.roles);
    const keepsGrants = await canKeepGrants(job, sql, wanted);
    if (!options.trustDump) await requireNoSuperuser(sql);
    const sandbox = await sandboxTo(parameters, tools, job.signal);
    job.record({ isolation: { level: "server", lacks: [...lacksTo(parameters, sandbox), "server"] } });
    return { sql, parameters, keepsGrants, tools: { ...tools, sandbox } };
  });
  const scratch = await job.phase("database", () =>
    acquireScratch(job, sql, {
      make: wanted.locale && ((name) => makeWanted(sql, name, wanted.locale!)),
      release: async (scratch) => {
        if (!keepRunning || job.signal.aborted) return await scratch.drop();
        const kept = await scratch.keep();
        sayKept(job, withDatabase(parameters, kept), `${psqlCommand(parameters)} -c 'DROP DATABASE ${kept}'`);
      },
    }));
  const keepOut = () => withSession(parameters, {}, (sql) => keepEverybodyOut(sql, scratch.name));
  if (keepsGrants) await keepOut();
  const renew = async () => {
    await scratch.remake();
    if (keepsGrants) await keepOut();
  };
  return { parameters: withDatabase(parameters, scratch.name), tools, renew, keepsGrants };
}

async function makeWanted(sql: Sql, name: string, locale: DatabaseLocale): Promise<void> {
  if (await makeDatabaseLike(sql, name, locale)) return;
  throw collationUnavailable.ofManifest.error({ collation: locale.locale ?? locale.collation });
}

/** What is restored runs with the rights of who restores it: a role's view, index or constraint as a superuser. */
async function requireNoSuperuser(sql: Sql): Promise<void> {
  const [{ role, isSuperuser }] = await sql<{ role: string; isSuperuser: boolean }[]>`
    SELECT rolname AS role, rolsuper AS "isSuperuser" FROM pg_catalog.pg_roles WHERE rolname = current_user`;
  if (!isSuperuser) return;
  throw intoSuperuser.error({ role });
}

/** What pg_restore was not kept from, for a server that lies there. */
function lacksTo({ hosts }: ConnectionParameters, { isolation }: Sandbox): Sandbox["isolation"]["lacks"] {
  const isOverNetwork = hosts.some((host) => !host.startsWith("/"));
  return [...new Set([...isolation.lacks, ...isOverNetwork ? ["network" as const] : []])];
}

/** On somebody's server no role is made: it would stay. */
async function requireRoles(sql: Sql, roles: string[]): Promise<void> {
  const missing = await sql<{ role: string }[]>`
    SELECT role FROM json_array_elements_text(${JSON.stringify(roles)}::text::json) AS role
    WHERE role NOT IN (SELECT rolname FROM pg_roles)`;
  if (missing.length === 0) return;
  const names = missing.map(({ role }) => role).join(", ");
  throw roleMissing.beforehand.error({ names });
}

/** Roles of a named server stay as they are, and none is created: what they lack is not the backup's fault. */
async function canKeepGrants(job: Job, sql: Sql, { privileges }: Wanted): Promise<boolean> {
  if (!privileges) return false;
  const [{ role, isSuperuser, missing }] = await sql<{ role: string; isSuperuser: boolean; missing: string[] }[]>`
    SELECT
      current_user::text AS role,
      current_setting('is_superuser') = 'on' AS "isSuperuser",
      to_json(ARRAY(
        SELECT role FROM json_array_elements_text(${JSON.stringify(privileges.roles)}::text::json) AS role
        WHERE role NOT IN (SELECT rolname FROM pg_roles)
      )) AS missing`;
  if (isSuperuser && missing.length === 0) return true;
  job.note(privilegesLeftOut({ role, missing }));
  return false;
}

/** Roles that its grants let in may not look into the copy: it is for this run only. */
async function keepEverybodyOut(sql: Sql, database: string): Promise<void> {
  await sql`REVOKE ALL ON DATABASE ${sql(database)} FROM PUBLIC`;
}

function tooOld(version: string, { serverMajor }: Wanted): OperatorError {
  return serverTooOld.named.error({ major: serverMajor!, version });
}
