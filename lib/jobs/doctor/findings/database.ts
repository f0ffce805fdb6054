import { defineFinding } from "../../../system/define_finding.ts";
import { durationText } from "../../../system/quantities.ts";
import { codeOf } from "./prerequisites.ts";

export const serverVersionTooOld = defineFinding({
  code: codeOf("server_version"),
  means: "fail",
  says: ({ version }: { version: string }) => ({
    message: `The server is PostgreSQL ${version}; pgrehearse needs 14 or newer.`,
    fix: "Upgrade the server.",
  }),
  examples: [{ version: "13.22" }],
});

export const roleIsSuperuser = defineFinding({
  code: codeOf("least_privilege"),
  means: "warning",
  says: () => ({
    message: "The role is a superuser, but a backup only needs to read.",
    fix:
      "Create a role for backups: CREATE ROLE backup LOGIN BYPASSRLS; GRANT pg_read_all_data TO backup. Only databases " +
      "with subscriptions, or with large objects of other roles, need more: see docs/backup.md.",
  }),
});

export const mayNotCreateDatabases = defineFinding({
  code: codeOf("makes_scratch_databases"),
  means: "warning",
  says: ({ role }: { role: string }) => ({
    message: `The role ${role} may not create databases.`,
    fix: `Only drill --into and smoke --db-url need this: ALTER ROLE "${
      role.replaceAll('"', '""')
    }" CREATEDB, or drill in a throwaway cluster.`,
  }),
  examples: [{ role: "backup" }],
});

export const clocksDiffer = defineFinding({
  code: codeOf("clock"),
  means: "warning",
  says: ({ skewMs }: {
    /** Negative where the server's is behind. */
    skewMs: number;
  }) => ({
    message: `${clockText(skewMs)}.`,
    fix: "Synchronise both with NTP. Until then the ages of backups and the recovery point are wrong.",
  }),
  examples: [{ skewMs: -61_000 }],
});

/** How far two clocks differ, in words; without a point. */
export function clockText(skewMs: number): string {
  return `The server's clock is ${durationText(Math.abs(skewMs))} ${skewMs < 0 ? "behind" : "ahead of"} this host's`;
}
