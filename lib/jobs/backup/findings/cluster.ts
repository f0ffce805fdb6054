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
    message: `The manifest names roles and settings, but the backup has no SQL file that creates them: ${reason}.`,
    fix: "Install pg_dumpall beside pg_dump, and let the backup role read the catalogs. Then back up again.",
    detail,
  }),
  examples: [{ reason: "there is no /usr/lib/postgresql/15/bin/pg_dumpall" }],
});

export const globalsUnsettled = defineFinding({
  code: "GLOBALS_UNSETTLED",
  means: "warning",
  says: () => ({
    message: "Roles or their settings kept changing during the backup, so their SQL file may describe another moment.",
    fix: "Back up again while roles do not change. A drill cannot prove this backup's file.",
  }),
});

export const settingsOfAllLeftOut = defineFinding({
  code: "SETTINGS_OF_ALL_LEFT_OUT",
  means: "warning",
  says: ({ settings }: { settings: readonly string[] }) => ({
    message: `Settings for all roles are NOT in the file of roles, because pg_dumpall leaves them out: ${
      settings.join(", ")
    }.`,
    fix: "Write them down, and set them again after a restore: ALTER ROLE ALL SET … TO ….",
  }),
  examples: [{ settings: ["statement_timeout"] }],
});

export const passwordsNotEncrypted = defineFinding({
  code: "PASSWORDS_NOT_ENCRYPTED",
  means: "unknown",
  says: () => ({
    message: "Password hashes are written only to an encrypted file, and this backup is not encrypted.",
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
    fix:
      "To keep the hashes, back up as a superuser or with pg_read_all_data. Managed servers do not show them to any role.",
  }),
  examples: [{ roles: ["app", "reports"] }],
});

export const databaseLeftOut = defineFinding({
  code: "DATABASE_LEFT_OUT",
  means: "warning",
  says: ({ database, why }: { database: string; why: string }) => ({
    message: `The database ${database} is NOT in the backup: ${why}.`,
    fix: "If you need it, back it up separately; otherwise name it with --exclude-database.",
    object: database,
  }),
  examples: [{ database: "archive", why: "it does not accept connections" }],
});

export const databaseRenamed = defineNote({
  code: "DATABASE_RENAMED",
  says: ({ from, to }: { from: string; to: string }) => ({
    message: `The database ${from} was renamed to ${to} during the backup, and is backed up under that name.`,
    object: to,
  }),
  examples: [{ from: "shop", to: "shop_old" }],
});

export const databasesAppeared = defineNote({
  code: "DATABASES_APPEARED",
  says: ({ databases }: { databases: readonly string[] }) => ({
    message: `Created during the backup, and backed up too: ${databases.join(", ")}.`,
  }),
  examples: [{ databases: ["tenant_51"] }],
});

export const patternMatchesNothing = defineFindings({
  code: "PATTERN_MATCHES_NOTHING",
  means: "warning",
  situations: {
    database: {
      says: ({ pattern }: { pattern: string }) => ({
        message: `--exclude-database ${pattern} matches no database, so it left out nothing.`,
        fix: patternFix,
        object: pattern,
      }),
      examples: [{ pattern: "scratch_*" }],
    },
    /** Within a database. */
    object: {
      says: ({ option }: { option: string }) => ({
        message: `${option} matches nothing, so it left out nothing.`,
        fix: patternFix,
        object: option,
      }),
      examples: [{ option: "--exclude-table scratch_*" }],
    },
  },
});
const patternFix = "Correct the name, or leave out the option. Names with capital letters need double quotes.";
