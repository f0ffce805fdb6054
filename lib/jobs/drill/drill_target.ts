import { type Sql } from "../../postgres/connection/connect.ts";
import { connect } from "../../postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { type DatabaseLocale, makeDatabaseLike, makeNeutralDatabase } from "../../postgres/like_database.ts";
import { localesToMake } from "../../postgres/host_locales.ts";
import { makePreloadedCluster, type Preload } from "../../postgres/preload.ts";
import { makeMemberships, makeRoles, type RoleRights, settleRoles } from "../../postgres/make_roles.ts";
import { makeReader } from "../../postgres/reader.ts";
import { makeOwners } from "../../postgres/make_owners.ts";
import { dropDatabase, makeScratchDatabase } from "../../postgres/scratch_database.ts";
import { speakingEnglish } from "../../postgres/speak_english.ts";
import type { ThrowawayCluster } from "../../postgres/throwaway_cluster.ts";
import { type ClientTools, findClientTools, findServerTools, type ServerTools } from "../../postgres/tools.ts";
import { sizeText } from "../../values/quantities.ts";
import { freeSpaceBytes } from "../../system/free_space.ts";
import { sandboxTo } from "../../postgres/reaching_sandbox.ts";
import { makeSandbox } from "../../system/isolation/make_sandbox.ts";
import type { Sandbox } from "../../system/isolation/sandbox.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { temporaryDirectory } from "../../system/workspace.ts";
import type { DrillOptions } from "./drill_options.ts";
import { privilegesLeftOut } from "./findings.ts";
import { connectToServer } from "../named_database.ts";
import type { RestoreTarget } from "../restore_dump.ts";
import type { Job } from "../job.ts";
import { requireIsolation, type Trust } from "../require_isolation.ts";
import { diskFull } from "../../system/findings.ts";
import { serverTooOld } from "../../postgres/findings/tools.ts";

/** What the restored database should be like; all that a manifest says of it. */
export interface Wanted extends Trust {
  /** Major version of the source's server. */
  serverMajor?: number;
  /** Major version of the pg_dump that made the dump. */
  dumpMajor?: number;
  locale?: DatabaseLocale;
  /** Names of the C library's locales that it, its collations and columns need. */
  locales?: Iterable<string>;
  /** What the source's server loads when it starts. */
  preload?: Preload;
  /** What the database was called. */
  name?: string;
  /** What the database took at the source. */
  sizeBytes?: number;
  /** Roles that definitions name. */
  roles: string[];
  /** Who owns what and was granted what; absent where owners and grants are left out. */
  privileges?: {
    /** Roles that are named there. */
    roles: string[];
    rights: RoleRights[];
    databaseOwner: string;
  };
}

const restoredName = "restored";

/** Makes an empty database: in a throwaway cluster, or as a scratch database of the server named with `into`. */
export function openDrillTarget(job: Job, options: DrillOptions, wanted: Wanted): Promise<RestoreTarget> {
  return options.into === undefined ? makeInCluster(job, options, wanted) : makeOnServer(job, options, wanted);
}

async function makeInCluster(job: Job, { pgBin, keepRunning }: DrillOptions, wanted: Wanted): Promise<RestoreTarget> {
  const { serverTools, sandbox, tools } = await job.phase("preflight", async () => {
    const sandbox = await makeSandbox();
    requireIsolation(job, sandbox.isolation, wanted);
    const serverTools = await findServerTools(pgBin, wanted.serverMajor);
    await requireRoom(wanted);
    const tools = await findRestoreTools(serverTools.major, wanted, pgBin);
    return { serverTools, sandbox, tools: { ...tools, sandbox } };
  });
  job.record({ postgres: { server: serverTools.version, pg_restore: tools.version, target: "throwaway" } });
  const cluster = await job.phase(
    "cluster",
    () =>
      job.acquire(
        "the throwaway cluster",
        () => makeWantedCluster(job, serverTools, wanted, sandbox),
        async (cluster) => {
          if (!keepRunning || job.signal.aborted) return await cluster.close();
          sayKept(job, withDatabase(cluster.parameters, restoredName), await cluster.keep());
        },
      ),
  );
  const { privileges } = wanted;
  const makeNamedRoles = (roles: string[]) => withSession(cluster.parameters, (sql) => makeRoles(sql, roles));
  const make = (sql: Sql) =>
    wanted.locale ? makeWanted(sql, restoredName, wanted.locale) : makeNeutralDatabase(sql, restoredName);
  const renew = () =>
    withSession(cluster.parameters, async (sql) => {
      await dropDatabase(sql, restoredName);
      await make(sql);
    });
  await job.phase("database", async () => {
    await makeNamedRoles([...wanted.roles, ...privileges?.roles ?? []]);
    if (privileges) await withSession(cluster.parameters, (sql) => makeMemberships(sql, privileges.rights));
    await withSession(cluster.parameters, make);
  });
  const parameters = withDatabase(cluster.parameters, restoredName);
  const asReader = () => withSession(parameters, (sql) => makeReader(sql, parameters));
  const keepOwners = (archive: string) => withSession(parameters, (sql) => makeOwners(sql, archive));
  const settleGrants = privileges &&
    (() => withSession(parameters, (sql) => settleRoles(sql, privileges.rights, privileges.databaseOwner)));
  return {
    parameters,
    tools,
    makeRoles: makeNamedRoles,
    keepOwners,
    asReader,
    cluster,
    renew,
    keepsGrants: privileges !== undefined,
    settleGrants,
  };
}

async function makeWantedCluster(
  job: Job,
  tools: ServerTools,
  wanted: Wanted,
  sandbox: Sandbox,
): Promise<ThrowawayCluster> {
  const { name, preload = { libraries: [], settings: [] } } = wanted;
  const locales = await localesToMake(wanted.locales ?? []);
  const made = await makePreloadedCluster(tools, preload, { from: name, to: restoredName }, { locales, sandbox });
  if (locales.length > 0) job.say(`made for this run: ${locales.map(({ name }) => name).join(", ")}`);
  if (made.leftOut.length > 0) {
    job.note({
      code: "PRELOAD_LEFT_OUT",
      message: `The source's server preloads ${made.leftOut.join(", ")}, which this host lacks or cannot start with.`,
    });
  }
  return made.cluster;
}

async function requireRoom({ sizeBytes = 0 }: Wanted): Promise<void> {
  const directory = temporaryDirectory();
  const freeBytes = await freeSpaceBytes(directory).catch(() => undefined);
  if (freeBytes === undefined || freeBytes >= sizeBytes) return;
  throw diskFull.beforeCluster.error({ directory, free: sizeText(freeBytes), needed: sizeText(sizeBytes) });
}

async function makeOnServer(job: Job, options: DrillOptions, wanted: Wanted): Promise<RestoreTarget> {
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
    job.acquire(
      "the scratch database",
      () =>
        makeScratchDatabase(
          sql,
          (name) => job.say(`dropped ${name}, left behind by a run that died`),
          wanted.locale && ((name) => makeWanted(sql, name, wanted.locale!)),
        ),
      async (scratch) => {
        if (!keepRunning || job.signal.aborted) return await scratch.drop();
        const kept = await scratch.keep();
        sayKept(job, withDatabase(parameters, kept), `${psqlCommand(parameters)} -c 'DROP DATABASE ${kept}'`);
      },
    ));
  const keepOut = () => withSession(parameters, (sql) => keepEverybodyOut(sql, scratch.name));
  if (keepsGrants) await keepOut();
  const renew = async () => {
    await scratch.remake();
    if (keepsGrants) await keepOut();
  };
  return { parameters: withDatabase(parameters, scratch.name), tools, renew, keepsGrants };
}

/** In the verdict as well: without it nobody finds again what `--quiet` left. */
function sayKept(job: Job, parameters: ConnectionParameters, removal: string): void {
  const message = `To reach the restored database: ${psqlCommand(parameters)}\nTo remove it: ${removal}`;
  message.split("\n").forEach(job.say);
  job.note({ code: "KEPT_RUNNING", message });
}

/** The command that connects, without any password. */
function psqlCommand({ hosts: [host], ports: [port], user, database }: ConnectionParameters): string {
  const quote = (word: string) => /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return ["psql", "-h", host, "-p", String(port), "-U", user, "-d", database].map(quote).join(" ");
}

/** A pg_restore reads dumps of its own pg_dump and older ones. */
function findRestoreTools(serverMajor: number, { dumpMajor = 0 }: Wanted, pgBin?: string): Promise<ClientTools> {
  return findClientTools(Math.max(serverMajor, dumpMajor), pgBin).catch((error) => {
    // A pg_restore older than the throwaway's server will do, as long as it reads the dump.
    if (dumpMajor >= serverMajor || !(error instanceof OperatorError && error.code === "PG_DUMP_TOO_OLD")) throw error;
    return findClientTools(dumpMajor, pgBin);
  });
}

async function makeWanted(sql: Sql, name: string, locale: DatabaseLocale): Promise<void> {
  if (await makeDatabaseLike(sql, name, locale)) return;
  throw new OperatorError(
    "COLLATION_UNAVAILABLE",
    `This server lacks the collation ${
      locale.locale ?? locale.collation
    }, by which the database compares and sorts: nothing was restored.`,
    {
      fix:
        "Install the locale (Debian: the package locales, or locale-gen; ICU: a server built with it), or drill with " +
        "--into on a server that has it.",
    },
  );
}

async function withSession<T>(parameters: ConnectionParameters, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = await connect(parameters);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** What is restored runs with the rights of who restores it: a role's view, index or constraint as a superuser. */
async function requireNoSuperuser(sql: Sql): Promise<void> {
  const [{ role, isSuperuser }] = await sql<{ role: string; isSuperuser: boolean }[]>`
    SELECT rolname AS role, rolsuper AS "isSuperuser" FROM pg_catalog.pg_roles WHERE rolname = current_user`;
  if (!isSuperuser) return;
  throw new OperatorError(
    "INTO_SUPERUSER",
    `${role} is a superuser of the server that --into names, and code in the backup would run with its rights.`,
    {
      fix:
        "Name a role that has CREATEDB and is no superuser, or leave out --into: a throwaway cluster is isolated. If you " +
        "trust everybody who could put code into this database, say --trust-dump.",
    },
  );
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
  throw new OperatorError("ROLE_MISSING", `The server lacks roles that the backup's policies name: ${names}.`, {
    fix: "Create them (NOLOGIN will do), or leave out --into: a throwaway cluster gets them by itself.",
  });
}

/** Roles of somebody's server are what they are there, and none is made: what they lack is no fault of the backup. */
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

/** Nobody may look into the copy whom its grants let in: it is for this run alone. */
async function keepEverybodyOut(sql: Sql, database: string): Promise<void> {
  await sql`REVOKE ALL ON DATABASE ${sql(database)} FROM PUBLIC`;
}

function tooOld(version: string, { serverMajor }: Wanted): OperatorError {
  return serverTooOld.named.error({ major: serverMajor!, version });
}
