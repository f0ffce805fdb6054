import { dirname, join } from "node:path";
import { roleMissing } from "../../manifest/globals/findings.ts";
import { providerOfRole } from "../../manifest/globals/provider_roles.ts";
import { readGlobals } from "../../manifest/globals/read_globals.ts";
import {
  alterRoleStatement,
  commentStatement,
  isOfServer,
  makeRoleStatement,
  membershipStatement,
  type MissingRole,
  withGroups,
} from "../../manifest/globals/role_statements.ts";
import type { Globals, Manifest } from "../../manifest/manifest.ts";
import { rolesThatCount } from "../../manifest/roles.ts";
import { mapsRoles } from "../../options/role_mapping.ts";
import { readRoleSettings } from "../../postgres/plain/role_settings.ts";
import type { Job } from "../../run/job.ts";
import { globalsSuffix } from "../../storage/backup_name.ts";
import type { StoredBackup } from "../../storage/stored_backup.ts";
import { isFile } from "../../system/files.ts";
import { reasonOf } from "../../system/operator_error.ts";
import { roleOfProvider, rolesLeftAsTheyAre, rolesMade, roleStatementFailed, rolesToMake } from "./findings/roles.ts";
import type { RestoreOptions, TargetServer } from "./restore_target.ts";

/** What roles come from. */
interface RolesOfBackup {
  /** Mapped, if its roles are called otherwise there. */
  manifest: Manifest;
  stored: StoredBackup;
  /** Whether all roles of the backup are wanted, and not those alone that the database names. */
  all?: boolean;
}

/**
 * Looks which roles of a backup a server lacks, before anything is restored, and makes them if that was asked. What is there
 * stays as it is, but for `alterRoles`; no role gets a password.
 *
 * @throws {OperatorError} `ROLE_MISSING`
 */
export async function provideRoles(
  job: Job,
  { admin, server }: Pick<TargetServer, "admin" | "server">,
  { manifest, stored, all = false }: RolesOfBackup,
  { roles: asked, alterRoles = false, mapping }: Pick<RestoreOptions, "roles" | "alterRoles" | "mapping">,
): Promise<void> {
  // Who says what roles become wants them to be there.
  const mode = asked ?? (mapping && mapsRoles(mapping) ? "require" : undefined);
  if (mode === "skip") return;
  const { globals } = manifest;
  const known = new Map(globals?.roles.map((role) => [role.name, role]));
  // Who is but a member of them is compared, too.
  const named = rolesThatCount(manifest);
  const needed = all && globals ? globals.roles.map(({ name }) => name) : globals ? withGroups(named, globals) : named;
  const found = await admin<{ name: string }[]>`SELECT rolname AS name FROM pg_catalog.pg_roles`;
  const there = new Set(found.map(({ name }) => name));
  const missing = needed.filter((name) => !there.has(name));
  for (const role of missing) {
    const provider = providerOfRole(role);
    if (provider) job.note(roleOfProvider({ role, provider }));
  }
  const toMake = missing.filter((name) => !isOfServer(name)).sort()
    .map((name): MissingRole => ({ name, role: known.get(name) }));
  const made = new Set(toMake.map(({ name }) => name));
  const statements = [
    ...toMake.map(makeRoleStatement),
    ...membershipsOf(globals, made, new Set([...there, ...made]), server.major),
    ...toMake.flatMap(({ role }) => (role && commentStatement(role)) ?? []),
  ];
  if (mode === "require" && toMake.length > 0) throw roleMissing.required.error({ roles: [...made], statements });
  if (mode !== "create") {
    if (statements.length > 0) job.note(rolesToMake({ statements }));
    return;
  }
  const path = join(dirname(stored.dumpPath), stored.name + globalsSuffix);
  if (globals?.file && await isFile(path)) statements.push(...await readRoleSettings(path, made, mapping));
  for (const statement of statements) {
    job.signal.throwIfAborted();
    // Without a role nothing goes on; a missing setting or membership is for a person to look at.
    if (statement.startsWith("CREATE ROLE")) await admin.unsafe(statement);
    else await tryStatement(job, admin, statement);
  }
  if (toMake.length > 0) {
    const withoutPassword = toMake.flatMap(({ name, role }) => role?.login ? [name] : []);
    job.note(rolesMade({ roles: [...made], withoutPassword }));
  }
  if (globals) await alterOrTell(job, admin, globals, needed.filter((name) => there.has(name)), { alterRoles });
}

function membershipsOf(
  globals: Globals | undefined,
  made: ReadonlySet<string>,
  there: ReadonlySet<string>,
  major: number,
): string[] {
  return (globals?.memberships ?? [])
    .filter(({ role, member }) => (made.has(member) || made.has(role)) && there.has(role) && there.has(member))
    .filter(({ member }) => made.has(member)) // who is there gets nothing that it has not
    .map((one) => membershipStatement(one, major));
}

async function alterOrTell(
  job: Job,
  admin: TargetServer["admin"],
  { roles, salt }: Globals,
  names: readonly string[],
  { alterRoles }: { alterRoles: boolean },
): Promise<void> {
  const now = new Map((await readGlobals(admin, salt)).roles.map((role) => [role.name, role]));
  const [{ self }] = await admin<{ self: string }[]>`SELECT session_user AS self`;
  const differing = roles.filter((role) => {
    const other = now.get(role.name);
    return names.includes(role.name) && role.name !== self && !isOfServer(role.name) && other &&
      alterRoleStatement(role) !== alterRoleStatement(other);
  });
  if (differing.length === 0) return;
  if (!alterRoles) return job.find(rolesLeftAsTheyAre({ roles: differing.map(({ name }) => name) }));
  for (const role of differing) await tryStatement(job, admin, alterRoleStatement(role));
}

async function tryStatement(job: Job, admin: TargetServer["admin"], statement: string): Promise<void> {
  await admin.unsafe(statement).catch((error) => {
    job.find(roleStatementFailed({ statement, reason: reasonOf(error) }));
  });
}
