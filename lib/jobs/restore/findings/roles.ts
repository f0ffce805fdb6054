import { defineFinding, defineFindings, defineNote } from "../../../system/define_finding.ts";

export const rolesToMake = defineNote({
  code: "ROLES_TO_MAKE",
  says: ({ statements }: { statements: readonly string[] }) => ({
    message: `The server does not have roles that the backup names. --roles create creates them, or run: ${
      statements.join("; ")
    }.`,
  }),
  examples: [{ statements: ['CREATE ROLE "app" WITH LOGIN INHERIT'] }],
});

export const rolesMade = defineNote({
  code: "ROLES_MADE",
  says: ({ roles, withoutPassword }: { roles: readonly string[]; withoutPassword: readonly string[] }) => ({
    message: `Created on the server: ${roles.join(", ")}.${
      withoutPassword.length > 0 ? ` These need a password before they can log in: ${withoutPassword.join(", ")}.` : ""
    }`,
  }),
  examples: [{ roles: ["app", "reports"], withoutPassword: ["app"] }],
});

export const rolesLeftAsTheyAre = defineFinding({
  code: "ROLES_DIFFER",
  means: "warning",
  says: ({ roles }: { roles: readonly string[] }) => ({
    message: `Roles on the server differ from the backup and were not changed: ${roles.join(", ")}.`,
    fix: "Look at them with \\du, or restore with --alter-roles to give them the attributes of the backup.",
  }),
  examples: [{ roles: ["app"] }],
});

export const roleOfProvider = defineNote({
  code: "ROLE_OF_PROVIDER",
  says: ({ role, provider }: { role: string; provider: string }) => ({
    message: `Only ${provider} can create the role ${role}. The server does not have it, so nothing is granted to it.`,
    object: role,
  }),
  examples: [{ role: "rds_superuser", provider: "Amazon RDS" }],
});

export const roleStatementFailed = defineFinding({
  code: "ROLE_STATEMENT_FAILED",
  means: "warning",
  says: ({ statement, reason }: { statement: string; reason: string }) => ({
    message: `The server refused a statement about roles: ${reason}.`,
    fix: "If you need it, run it by hand as a role that may.",
    detail: statement,
  }),
  examples: [{ statement: 'GRANT "pg_monitor" TO "app"', reason: "permission denied to grant role" }],
});

export const databasePropertiesGiven = defineNote({
  code: "DATABASE_PROPERTIES_GIVEN",
  says: ({ database }: { database: string }) => ({
    message: `Database ${database}: its owner, grants, settings, connection limit and comment were restored too.`,
    object: database,
  }),
  examples: [{ database: "shop" }],
});

export const roleMapRefused = defineFindings({
  code: "ROLE_MAP_REFUSED",
  means: "unknown",
  situations: {
    unknown: {
      says: ({ roles }: { roles: readonly string[] }) => ({
        message: `--map-role names roles that the backup does not have: ${roles.join(", ")}. Nothing was restored.`,
        fix: "Write each name as \\du shows it, capitals too. The manifest lists the backup's roles.",
        object: roles.join(", "),
      }),
      examples: [{ roles: ["ap"] }],
    },
    noManifest: {
      says: (_: Record<never, never>) => ({
        message: "This dump has no manifest, so nothing can prove that its roles are mapped.",
        fix: "Restore it without --map-role and --owner, and grant by hand. Nothing was restored.",
      }),
      examples: [{}],
    },
    unreadable: {
      says: ({ dump }: { dump: string }) => ({
        message: `Cannot read the table of contents of ${dump}, so its roles cannot be mapped.`,
        fix: "Restore it without --map-role and --owner, and grant by hand. Nothing was restored.",
      }),
      examples: [{ dump: "shop-20260102T030405Z.dump" }],
    },
  },
});

export const rolesMapped = defineNote({
  code: "ROLES_MAPPED",
  says: ({ owner, roles }: { owner?: string; roles: readonly (readonly [string, string])[] }) => ({
    message: [
      ...roles.length > 0 ? [`Roles were mapped: ${roles.map(([old, now]) => `${old} to ${now}`).join(", ")}.`] : [],
      ...owner === undefined ? [] : [`Everything belongs to ${owner}.`],
    ].join(" "),
  }),
  examples: [{ owner: "app_staging", roles: [["app", "app_staging"]] }, { roles: [["reports", "readers"]] }],
});
