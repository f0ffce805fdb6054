import { defineFinding, defineFindings, defineNote } from "../../../system/define_finding.ts";

// What a backup says of the cluster around its database.

export const globalsNotRecorded = defineFinding({
  code: "GLOBALS_NOT_RECORDED",
  means: "warning",
  says: ({ reason, detail }: { reason: string; detail?: string }) => ({
    message: `Roles, memberships, settings and tablespaces are NOT in this backup: ${reason}.`,
    fix: "Let the backup role read pg_roles, pg_auth_members and pg_db_role_setting, then back up again.",
    detail,
  }),
  examples: [{ reason: "permission denied for table pg_db_role_setting" }],
});

export const globalsNotDumped = defineFinding({
  code: "GLOBALS_NOT_DUMPED",
  means: "warning",
  says: ({ reason, detail }: { reason: string; detail?: string }) => ({
    message: `The manifest names roles and settings, but there is no SQL file that makes them: ${reason}.`,
    fix: "Install pg_dumpall beside pg_dump, and let the backup role read the catalogs; then back up again.",
    detail,
  }),
  examples: [{ reason: "there is no /usr/lib/postgresql/15/bin/pg_dumpall" }],
});

export const globalsUnsettled = defineFinding({
  code: "GLOBALS_UNSETTLED",
  means: "warning",
  says: () => ({
    message: "Roles or their settings kept changing during the backup. The SQL file of them may be of another moment.",
    fix: "Back up again when nobody changes roles; a drill cannot prove the file of this backup.",
  }),
});

export const settingsOfAllLeftOut = defineFinding({
  code: "SETTINGS_OF_ALL_LEFT_OUT",
  means: "warning",
  says: ({ settings }: { settings: readonly string[] }) => ({
    message: `Settings for every role are NOT in the file of roles, as pg_dumpall leaves them out: ${
      settings.join(", ")
    }.`,
    fix: "Note them, and after a restore set them again: ALTER ROLE ALL SET … TO ….",
  }),
  examples: [{ settings: ["statement_timeout"] }],
});

export const passwordsNotEncrypted = defineFinding({
  code: "PASSWORDS_NOT_ENCRYPTED",
  means: "unknown",
  says: () => ({
    message: "Hashes of passwords go into an encrypted file only, and this backup is not encrypted.",
    fix: "Add --encrypt age1…, or leave out --with-password-hashes. Nothing was written.",
  }),
});

export const passwordsUnreadable = defineFinding({
  code: "PASSWORDS_UNREADABLE",
  means: "warning",
  says: ({ roles }: { roles: readonly string[] }) => ({
    message: `The backup role may not read passwords (pg_authid). After a restore these roles need new ones: ${
      roles.join(", ") || "none"
    }.`,
    fix: "Back up as a superuser, or with pg_read_all_data, to have the hashes. Managed servers show them to nobody.",
  }),
  examples: [{ roles: ["app", "reports"] }],
});

export const databaseLeftOut = defineFinding({
  code: "DATABASE_LEFT_OUT",
  means: "warning",
  says: ({ database, why }: { database: string; why: string }) => ({
    message: `The database ${database} is NOT in the backup: ${why}.`,
    fix: "If it matters, back it up by itself; else name it with --exclude-database.",
    object: database,
  }),
  examples: [{ database: "archive", why: "it takes no connections" }],
});

export const databaseRenamed = defineNote({
  code: "DATABASE_RENAMED",
  says: ({ from, to }: { from: string; to: string }) => ({
    message: `The database ${from} was renamed to ${to} meanwhile, and is backed up as that.`,
    object: to,
  }),
  examples: [{ from: "shop", to: "shop_old" }],
});

export const databasesAppeared = defineNote({
  code: "DATABASES_APPEARED",
  says: ({ databases }: { databases: readonly string[] }) => ({
    message: `Made while the others were backed up: ${databases.join(", ")}.`,
  }),
  examples: [{ databases: ["tenant_51"] }],
});

export const patternMatchesNothing = defineFindings({
  code: "PATTERN_MATCHES_NOTHING",
  means: "warning",
  situations: {
    database: {
      says: ({ pattern }: { pattern: string }) => ({
        message: `--exclude-database ${pattern} matches no database: nothing was left out by it.`,
        fix: patternFix,
        object: pattern,
      }),
      examples: [{ pattern: "scratch_*" }],
    },
    /** Within a database. */
    object: {
      says: ({ option }: { option: string }) => ({
        message: `${option} matches nothing: nothing was left out by it.`,
        fix: patternFix,
        object: option,
      }),
      examples: [{ option: "--exclude-table scratch_*" }],
    },
  },
});
const patternFix = "Correct the name, or leave the option out. Names in capitals need double quotes.";
