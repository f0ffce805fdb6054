import { defineFinding, defineFindings } from "../../../system/define_finding.ts";

// Where a database is to be brought back, and what is there.

const untouched = "Nothing was touched.";

export const sameTarget = defineFindings({
  code: "SAME_TARGET",
  means: "unknown",
  situations: {
    oneForAll: {
      says: ({ path, databases }: { path: string; databases: number }) => ({
        message: `--target-url names one database, and ${path} ${databases}.`,
        fix: 'Say where each is to be brought back with its "target_url", and leave out --target-url.',
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc", databases: 3 }],
    },
    twice: {
      says: ({ one, other }: { one: string; other: string }) => ({
        message: `The databases ${one} and ${other} would be brought back as the same database.`,
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
    message: `The configuration does not say where ${database} is to be brought back.`,
    fix: `Say it with "target_url" of the database ${database}${isOnly ? ", or with --target-url" : ""}.`,
  }),
  examples: [{ database: "shop", isOnly: true }],
});

export const connectionsNotAllowed = defineFinding({
  code: "CONNECTIONS_NOT_ALLOWED",
  means: "unknown",
  says: ({ database }: { database: string }) => ({
    message: `The database ${database} takes no connections (ALLOW_CONNECTIONS is false).`,
    fix: `If a restore was killed while it renamed it, allow them again: ALTER DATABASE "${
      database.replaceAll('"', '""')
    }" ALLOW_CONNECTIONS true. ${untouched}`,
  }),
  examples: [{ database: "shop" }],
});

export const databaseHidden = defineFinding({
  code: "DATABASE_HIDDEN",
  means: "warning",
  says: ({ database, hidden }: { database: string; hidden: string }) => ({
    message: `There is no ${database}, and there is ${hidden}. Probably a restore was killed on its way.`,
    fix: "If so, give it its name back with restore --undo --from STORE, before anything else.",
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
    fix: "Say what you mean: --swap puts the restored one in its place and keeps it, --in-place overwrites it; or " +
      `name another database. ${untouched}`,
  }),
  examples: [{ database: "shop", server: "db1:5432" }],
});

export const targetIsTemplate = defineFinding({
  code: "TARGET_IS_TEMPLATE",
  means: "unknown",
  says: ({ database, server }: There) => ({
    message: `The database ${database} at ${server} is a template: new databases are copies of it.`,
    fix: "Name the database that is to be brought back; or restore beside, without --swap and --in-place. " + untouched,
  }),
  examples: [{ database: "template1", server: "db1:5432" }],
});

export const manifestMissing = defineFindings({
  code: "MANIFEST_MISSING",
  means: "unknown",
  situations: {
    ofDump: {
      says: () => ({
        message: "This dump has no manifest, so nothing can prove what it brings back.",
        fix: "Restore it beside what is there (without --swap and --in-place), look at it, and rename it by hand.",
      }),
    },
    inStore: {
      says: ({ backup, store }: { backup: string; store: string }) => ({
        message: `The manifest of ${backup} is not in ${store}.`,
        fix: `Bring it back: without it nothing can prove what is about to be put in place. ${untouched}`,
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
        message: `Owners and grants are not restored: the server lacks the roles ${roles.join(", ")}.`,
        fix: "Create these roles and restore again; or grant by hand before anybody uses the database.",
      }),
      examples: [{ roles: ["seller", "reader"] }],
    },
    noSuperuser: {
      says: () => ({
        message: "Owners and grants are not restored: that takes a superuser.",
        fix: "Connect as a superuser and restore again; or grant by hand before anybody uses the database.",
      }),
    },
  },
});
