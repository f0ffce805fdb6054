import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";

const fix =
  "Do not rely on this file of roles. Make a new backup, drill it, and compare pg_dumpall --globals-only by hand.";

export const roleMissing = defineFindings({
  code: "ROLE_MISSING",
  means: "fail",
  situations: {
    restored: {
      says: ({ role, file }: { role: string; file: string }) => ({
        message: `The role ${role} existed at the backup, but ${file} does not create it.`,
        fix,
        object: role,
      }),
      examples: [{ role: "app", file: "shop-20260102T030405Z.globals.sql" }],
    },
    /** On a server of somebody's, before anything is restored. */
    beforehand: {
      means: "unknown",
      says: ({ names }: { names: string }) => ({
        message: `The target server does not have roles that the backup's policies name: ${names}.`,
        fix: "Create them (NOLOGIN is enough), or leave out --into: in a throwaway cluster pgrehearse creates them.",
      }),
      examples: [{ names: "app, reports" }],
    },
    restoring: {
      means: "unknown",
      says: ({ names }: { names: string }) => ({
        message: `The target server has no role ${names}.`,
        fix:
          "Create it (NOLOGIN is enough) on a server named with --into. A drill with a manifest creates roles itself.",
        object: names,
      }),
      examples: [{ names: "app" }],
    },
    /** Before a restore to somebody's server, which was to have them all. */
    required: {
      means: "unknown",
      says: ({ roles, statements }: { roles: readonly string[]; statements: readonly string[] }) => ({
        message: `The server does not have roles that the backup needs: ${roles.join(", ")}. Nothing was restored.`,
        fix:
          "Create them with the statements in the detail, or restore with --roles create. A backup holds no passwords.",
        detail: statements.map((statement) => `${statement};`).join("\n"),
      }),
      examples: [{ roles: ["app"], statements: ['CREATE ROLE "app" WITH LOGIN INHERIT'] }],
    },
  },
});

export const roleExtra = defineFinding({
  code: "ROLE_EXTRA",
  means: "fail",
  says: ({ role, file }: { role: string; file: string }) => ({
    message: `${file} creates a role ${role}, which did not exist at the backup.`,
    fix,
    object: role,
  }),
  examples: [{ role: "intruder", file: "shop-20260102T030405Z.globals.sql" }],
});

export const roleDiffers = defineFinding({
  code: "ROLE_DIFFERS",
  means: "fail",
  says: ({ role, expected, actual }: { role: string; expected: Attributes; actual: Attributes }) => ({
    message: `The restored role ${role} differs in ${Object.keys(expected).join(", ")}.`,
    fix,
    object: role,
    expected,
    actual,
  }),
  examples: [{ role: "app", expected: { superuser: false }, actual: { superuser: true } }],
});

type Attributes = Record<string, unknown>;

interface MembershipFacts {
  member: string;
  role: string;
  expected?: Attributes;
  actual?: Attributes;
  /** Why it could not be made: another version of PostgreSQL refuses it. */
  refused?: string;
}

export const membershipDiffers = defineFinding({
  code: "MEMBERSHIP_DIFFERS",
  means: "fail",
  says: ({ member, role, expected, actual, refused }: MembershipFacts) => ({
    message: expected && actual
      ? `The membership of ${member} in ${role} differs in ${Object.keys(expected).join(", ")}.`
      : actual
      ? `The restored role ${member} is a member of ${role}; at the backup it was not.`
      : `The role ${member} was a member of ${role}; after the restore it is not${refused ? `: ${refused}` : ""}.`,
    fix: refused ? `Grant it by hand on a server of this version: GRANT ${role} TO ${member}.` : fix,
    object: `${role} to ${member}`,
    expected,
    actual,
    ...(refused !== undefined && { means: "warning" as const }),
  }),
  examples: [{ member: "app", role: "reports", expected: { admin: false }, actual: { admin: true } }],
});

export const settingDiffers = defineFinding({
  code: "SETTING_DIFFERS",
  means: "fail",
  says: ({ of, name, expected, actual }: { of: string; name: string; expected?: string; actual?: string }) => ({
    message: actual === undefined
      ? `${of} had ${name} set; after the restore it is not set.`
      : expected === undefined
      ? `${of} has ${name} set after the restore; at the backup it was not set.`
      : `${of} has a different value of ${name} after the restore.`,
    fix,
    object: `${of}: ${name}`,
    expected,
    actual,
  }),
  examples: [{ of: "The role app", name: "search_path", expected: "shop", actual: "public" }],
});

export const databaseDiffers = defineFinding({
  code: "DATABASE_DIFFERS",
  means: "fail",
  says: ({ database, expected, actual }: { database: string; expected: Attributes; actual: Attributes }) => ({
    message: `The restored database ${database} differs in ${Object.keys(expected).join(", ")}.`,
    fix: "Set them by hand after a restore, and make a new backup. pg_restore --create shows what the dump says.",
    object: database,
    expected,
    actual,
  }),
  examples: [{ database: "shop", expected: { connection_limit: 7 }, actual: { connection_limit: -1 } }],
});

export const tablespaceDiffers = defineFinding({
  code: "TABLESPACE_DIFFERS",
  means: "fail",
  says: ({ tablespace, file }: { tablespace: string; file: string }) => ({
    message: `The tablespace ${tablespace} existed at the backup, but ${file} does not create the same one.`,
    fix,
    object: tablespace,
  }),
  examples: [{ tablespace: "fast", file: "shop-20260102T030405Z.globals.sql" }],
});

export const parameterGrantDiffers = defineFinding({
  code: "PARAMETER_GRANT_DIFFERS",
  means: "fail",
  says: ({ parameter, expected, actual }: { parameter: string; expected: string[]; actual: string[] }) => ({
    message: `After the restore, different roles have the right to set ${parameter}.`,
    fix,
    object: parameter,
    expected,
    actual,
  }),
  examples: [{ parameter: "log_min_duration_statement", expected: ["app=s/postgres"], actual: [] }],
});

export const globalsUnexpected = defineFinding({
  code: "GLOBALS_UNEXPECTED",
  means: "fail",
  says: ({ file, line, statement }: { file: string; line: number; statement: string }) => ({
    message: `Line ${line} of ${file} does more than create roles: ${statement}.`,
    fix: "Do not run it. pg_dumpall does not write this. Find out who changed the backup, and make a new one.",
    object: file,
  }),
  examples: [{ file: "shop-20260102T030405Z.globals.sql", line: 12, statement: "DROP DATABASE shop" }],
});

export const settingsNotTried = defineNote({
  code: "SETTING_NOT_TRIED",
  says: ({ of, name, reason }: { of: string; name: string; reason: string }) => ({
    message: `${of} sets ${name}, but the drill's server refuses that: ${reason}.`,
    object: `${of}: ${name}`,
  }),
  examples: [{ of: "The role app", name: "lc_messages", reason: 'invalid value for parameter "lc_messages": "de_DE"' }],
});

export const globalsNotProven = defineNote({
  code: "GLOBALS_NOT_PROVEN",
  says: ({ reason }: { reason: string }) => ({
    message: `This drill does not cover roles and settings of the cluster: ${reason}.`,
  }),
  examples: [{ reason: "the backup holds no file of them" }],
});
