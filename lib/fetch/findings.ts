import { defineFinding, defineFindings, defineNote } from "../system/define_finding.ts";

const backup = "shop-20260102T030405Z";

export const signatureWrong = defineFinding({
  code: "SIGNATURE_WRONG",
  means: "fail",
  says: ({ backup }: { backup: string }) => ({
    message: `The manifest of ${backup} was changed after it was signed.`,
    fix: "Do not restore it. Find out who can write to the store. A copy elsewhere may be intact.",
  }),
  examples: [{ backup }],
});

export const signatureNotTrusted = defineFinding({
  code: "SIGNATURE_NOT_TRUSTED",
  means: "unknown",
  says: ({ backup }: { backup: string }) => ({
    message: `${backup} is not signed with a trusted key.`,
    fix: "If your key signed it, give the public key with --trusted-key. Otherwise do not restore it.",
  }),
  examples: [{ backup }],
});

export const signatureMissing = defineFinding({
  code: "SIGNATURE_MISSING",
  means: "unknown",
  says: ({ backup, hasManifest }: { backup: string; hasManifest: boolean }) => ({
    message: `${backup} ${
      hasManifest ? "is not signed" : "has no manifest, so it has no signature"
    }, and only what a trusted key signed is restored.`,
    fix: "Use a backup that was made with --signing-key. To restore this one anyway, give no trusted key.",
  }),
  examples: [{ backup, hasManifest: true }],
});

export const databaseByTarget = defineNote({
  code: "DATABASE_BY_TARGET",
  says: ({ store, databases, chosen }: { store: string; databases: readonly string[]; chosen: string }) => ({
    message: `${store} holds backups of ${databases.join(", ")}. By the target's name, ${chosen} was chosen.`,
  }),
  examples: [{ store: "/backups", databases: ["accounts", "shop"], chosen: "shop" }],
});

export const severalServers = defineFindings({
  code: "SEVERAL_SERVERS",
  means: "unknown",
  situations: {
    ofDatabase: {
      says: ({ store, database, servers }: {
        store: string;
        database: string;
        /** System identifiers, and when the newest backup of each was taken. */
        servers: readonly { id: string; newest: string }[];
      }) => ({
        message: `${store} holds backups of databases called ${database} from several servers: ${
          servers.map(({ id, newest }) => `${id} (newest of ${newest})`).join(", ")
        }.`,
        fix: "Choose one with --system-identifier, or give each server its own store.",
      }),
      examples: [{
        store: "/backups",
        database: "shop",
        servers: [
          { id: "7341189204478120011", newest: "2026-01-02T03:04:05.000Z" },
          { id: "7290001847733910442", newest: "2025-12-30T03:04:05.000Z" },
        ],
      }],
    },
    whole: {
      says: ({ store }: { store: string }) => ({
        message: `${store} holds backups of several servers.`,
        fix: "Choose one with --system-identifier, or give each server its own store.",
      }),
      examples: [{ store: "/backups" }],
    },
  },
});

export const severalDatabases = defineFinding({
  code: "SEVERAL_DATABASES",
  means: "unknown",
  says: (
    { store, databases, target }: { store: string; databases: readonly string[]; target: string | undefined },
  ) => ({
    message: `${store} holds backups of several databases${target === undefined ? "" : `, and none of ${target}`}: ${
      databases.join(", ")
    }.`,
    fix: "Choose one with --database.",
  }),
  examples: [{ store: "/backups", databases: ["accounts", "shop"], target: undefined }],
});

export const identityMissing = defineFinding({
  code: "IDENTITY_MISSING",
  means: "unknown",
  says: ({ backup }: { backup: string }) => ({
    message: `${backup} is encrypted.`,
    fix: "Give the file with the identity: --identity FILE.",
  }),
  examples: [{ backup }],
});

/** Whose backup it is, as the head of a dump says. */
interface Header {
  database: string;
  created_at: string;
}
const describe = ({ database, created_at }: Header) => `of ${database}, begun at ${created_at}`;

export const manifestMismatch = defineFinding({
  code: "MANIFEST_MISMATCH",
  means: "fail",
  says: ({ path, expected, actual }: { path: string; expected: Header; actual: Header }) => ({
    message: `${path} is the dump of another backup: it is ${describe(actual)}; the manifest is ${describe(expected)}.`,
    fix: "Put the dump and manifest of the same backup together. Their names begin with the same words.",
    object: path,
    expected,
    actual,
  }),
  examples: [{
    path: `/backups/${backup}.dump`,
    expected: { database: "shop", created_at: "2026-01-02 03:04:05" },
    actual: { database: "accounts", created_at: "2026-01-02 03:04:09" },
  }],
});

export const noBackup = defineFindings({
  code: "NO_BACKUP",
  means: "fail",
  situations: {
    /** Of a store that is watched. */
    watched: {
      says: ({ store, database }: { store: string; database: string | undefined }) => ({
        message: `There is no finished backup ${database === undefined ? "" : `of ${database} `}in ${store}.`,
        fix: "Make one with pgrehearse backup, and find out why the last run did not finish.",
        object: database,
      }),
      examples: [{ store: "s3://shop-backups", database: "shop" }],
    },
    /** Of those that were asked for. */
    chosen: {
      means: "unknown",
      says: ({ store, what, hasOthers }: { store: string; what: string; hasOthers: boolean }) => ({
        message: `There is no ${what} in ${store}.`,
        fix: hasOthers
          ? "List the backups with pgrehearse list, and name one of them, or give another time."
          : "Make one with pgrehearse backup --to, or name the store that holds your backups.",
      }),
      examples: [{ store: "s3://shop-backups", what: "backup of shop before 2026-01-01 00:00 UTC", hasOthers: true }],
    },
  },
});

export const noServerSet = defineFinding({
  code: "NO_SERVER_SET",
  means: "unknown",
  says: ({ where }: { where: string }) => ({
    message: `There is no finished backup of a whole server in ${where}.`,
    fix: "Make one with pgrehearse backup --all-databases, or name one database with --database.",
  }),
  examples: [{ where: "/var/backups/pg" }],
});

export const rowSecurityEnabled = defineFinding({
  code: "ROW_SECURITY_ENABLED",
  means: "warning",
  says: () => ({
    message: "This backup was made with --enable-row-security. Rows that its role may not see are NOT in it.",
    fix: "To back up all rows, use a superuser or a role with BYPASSRLS.",
  }),
});
