import type { ClusterRole, Globals, Membership } from "../manifest.ts";
import { providerOfRole } from "./provider_roles.ts";

/** A role that a server lacks, and how it comes to be. */
export interface MissingRole {
  name: string;
  /** Absent where no backup says what it was like. */
  role?: ClusterRole;
}

/** The roles that some roles are members of, at first hand or by others, with themselves. */
export function withGroups(roles: readonly string[], { memberships }: Pick<Globals, "memberships">): string[] {
  const all = new Set(roles);
  for (const member of all) {
    for (const one of memberships) if (one.member === member) all.add(one.role);
  }
  return [...all];
}

/** The statement that makes a role as it was, without its password. */
export function makeRoleStatement({ name, role }: MissingRole): string {
  return `CREATE ROLE ${quoted(name)} WITH ${role ? attributesOf(role) : "NOLOGIN"}`;
}

/** The statement that gives a role that is there its attributes. */
export function alterRoleStatement(role: ClusterRole): string {
  return `ALTER ROLE ${quoted(role.name)} WITH ${attributesOf(role)}`;
}

/** Only what is not the default: a role without superuser rights may not say `NOSUPERUSER` either. */
function attributesOf(role: ClusterRole): string {
  const words = [
    role.login ? "LOGIN" : "NOLOGIN",
    role.inherit ? "INHERIT" : "NOINHERIT",
    ...role.superuser ? ["SUPERUSER"] : [],
    ...role.createrole ? ["CREATEROLE"] : [],
    ...role.createdb ? ["CREATEDB"] : [],
    ...role.replication ? ["REPLICATION"] : [],
    ...role.bypassrls ? ["BYPASSRLS"] : [],
    ...role.connection_limit === -1 ? [] : [`CONNECTION LIMIT ${role.connection_limit}`],
    ...role.valid_until === null ? [] : [`VALID UNTIL ${literal(role.valid_until)}`],
  ];
  return words.join(" ");
}

/** @param major Of the server: memberships have their own options since PostgreSQL 16. */
export function membershipStatement({ role, member, admin, inherit, set }: Membership, major: number): string {
  const options = major >= 16
    ? [
      ...admin ? ["ADMIN TRUE"] : [],
      ...inherit === null ? [] : [`INHERIT ${inherit}`],
      ...set === null ? [] : [`SET ${set}`],
    ]
    : admin
    ? ["ADMIN OPTION"]
    : [];
  const how = options.length > 0 ? ` WITH ${options.join(", ")}` : "";
  return `GRANT ${quoted(role)} TO ${quoted(member)}${how}`;
}

export function commentStatement({ name, comment }: ClusterRole): string | undefined {
  return comment === null ? undefined : `COMMENT ON ROLE ${quoted(name)} IS ${literal(comment)}`;
}

/** Roles that the server itself brings, or its provider. */
export function isOfServer(role: string): boolean {
  return role.startsWith("pg_") || providerOfRole(role) !== undefined;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes("\\") ? ` E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
