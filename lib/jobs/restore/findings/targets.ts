import { defineFinding, defineFindings } from "../../../system/define_finding.ts";

// Where a database is to be brought back, and what is there.

const untouched = "Nothing was touched.";

export const sameTarget = defineFindings({
  code: "SAME_TARGET",
  means: "unknown",
  situations: {
    oneForAll: {
      says: ({ path, databases }: { path: string; databases: number }) => ({
        message: `--target-url names one database, but ${path} names ${databases}.`,
        fix: 'Set "target_url" for each of them, and leave out --target-url.',
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc", databases: 3 }],
    },
    twice: {
      says: ({ one, other }: { one: string; other: string }) => ({
        message: `The databases ${one} and ${other} would be restored to the same database.`,
        fix: 'Give each of them its own "target_url".',
      }),
      examples: [{ one: "shop", other: "ledger" }],
    },
  },
});

export const noTarget = defineFinding({
  code: "NO_TARGET",
  means: "unknown",
  says: ({ database, isOnly }: {
    database: string;
    /** Of the configuration. */
    isOnly: boolean;
  }) => ({
    message: `The configuration does not say where to restore ${database}.`,
    fix: `Set "target_url" for the database ${database}${isOnly ? ", or give --target-url" : ""}.`,
  }),
  examples: [{ database: "shop", isOnly: true }],
});

export const connectionsNotAllowed = defineFinding({
  code: "CONNECTIONS_NOT_ALLOWED",
  means: "unknown",
  says: ({ database }: { database: string }) => ({
    message: `The database ${database} does not accept connections (ALLOW_CONNECTIONS is false).`,
    fix: `If a restore was killed while it renamed the database, allow them again: ALTER DATABASE "${
      database.replaceAll('"', '""')
    }" ALLOW_CONNECTIONS true. ${untouched}`,
  }),
  examples: [{ database: "shop" }],
});

export const databaseHidden = defineFinding({
  code: "DATABASE_HIDDEN",
  means: "warning",
  says: ({ database, hidden }: { database: string; hidden: string }) => ({
    message: `There is no database ${database}, but there is ${hidden}. Probably a restore was killed.`,
    fix: "If so, first give the database its name back with restore --undo --from STORE.",
    object: hidden,
  }),
  examples: [{ database: "shop", hidden: "shop_before_20260102T030405Z" }],
});

/** A database on a server. */
interface There {
  database: string;
  server: string;
}

export const targetIsSource = defineFinding({
  code: "TARGET_IS_SOURCE",
  means: "unknown",
  says: ({ database, server }: There) => ({
    message: `The database ${database} at ${server} is the one that was backed up.`,
    fix:
      "Choose what to do: --swap puts the restored copy in its place and keeps the old one, --in-place overwrites it. " +
      `Or name another database. ${untouched}`,
  }),
  examples: [{ database: "shop", server: "db1:5432" }],
});

export const targetIsTemplate = defineFinding({
  code: "TARGET_IS_TEMPLATE",
  means: "unknown",
  says: ({ database, server }: There) => ({
    message: `The database ${database} at ${server} is a template: new databases are copies of it.`,
    fix: "Name the database that you want to restore. Or restore into a new one, without --swap and --in-place. " +
      untouched,
  }),
  examples: [{ database: "template1", server: "db1:5432" }],
});

export const manifestMissing = defineFindings({
  code: "MANIFEST_MISSING",
  means: "unknown",
  situations: {
    ofDump: {
      says: () => ({
        message: "This dump has no manifest, so pgrehearse cannot prove that the restored copy is right.",
        fix: "Restore it into a new database (without --swap and --in-place), look at it, and rename it by hand.",
      }),
    },
    inStore: {
      says: ({ backup, store }: { backup: string; store: string }) => ({
        message: `The manifest of ${backup} is not in ${store}.`,
        fix: `Restore the manifest: without it pgrehearse cannot prove that the copy is right. ${untouched}`,
      }),
      examples: [{ backup: "shop-20260102T030405Z", store: "/backups" }],
    },
  },
});

export const grantsLeftOut = defineFindings({
  code: "GRANTS_LEFT_OUT",
  means: "warning",
  situations: {
    rolesMissing: {
      says: ({ roles }: { roles: readonly string[] }) => ({
        message: `Owners and grants are not restored: the server has no roles ${roles.join(", ")}.`,
        fix: "Create these roles and restore again. Or grant by hand before anyone uses the database.",
      }),
      examples: [{ roles: ["seller", "reader"] }],
    },
    noSuperuser: {
      says: () => ({
        message: "Owners and grants are not restored: this needs a superuser.",
        fix: "Connect as a superuser and restore again. Or grant by hand before anyone uses the database.",
      }),
    },
  },
});
