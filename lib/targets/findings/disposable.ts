import { defineFinding, defineNote } from "../../system/define_finding.ts";

export const privilegesLeftOut = defineNote({
  code: "PRIVILEGES_LEFT_OUT",
  says: ({ role, missing }: { role: string; missing: string[] }) => ({
    message: "Owners and grants were neither restored nor compared: " +
      (missing.length > 0
        ? `the server that --into names has no ${missing.length === 1 ? "role" : "roles"} ` +
          missing.slice(0, 10).join(", ") + (missing.length > 10 ? ` and ${missing.length - 10} more` : "")
        : `${role} is not a superuser of the server that --into names`) +
      ". A throwaway cluster, without --into, has them.",
  }),
  examples: [{ role: "drill", missing: [] }, { role: "postgres", missing: ["seller", "reader"] }],
});

export const preloadLeftOut = defineNote({
  code: "PRELOAD_LEFT_OUT",
  says: ({ libraries }: { libraries: readonly string[] }) => ({
    message: `The source's server preloads ${libraries.join(", ")}, which this host lacks or cannot start with.`,
  }),
  examples: [{ libraries: ["pg_stat_statements", "timescaledb"] }],
});

export const keptRunning = defineNote({
  code: "KEPT_RUNNING",
  says: ({ reach, removal }: {
    /** The command that reaches it. */
    reach: string;
    /** The command that removes it. */
    removal: string;
  }) => ({ message: `To reach the restored database: ${reach}\nTo remove it: ${removal}` }),
  examples: [{
    reach: "psql -h /tmp/pgrehearse-0c5f24d1/socket -d restored",
    removal: "psql -h db1 -d postgres -c 'DROP DATABASE kept_0c5f24d1'.",
  }],
});

export const intoSuperuser = defineFinding({
  code: "INTO_SUPERUSER",
  means: "unknown",
  says: ({ role }: { role: string }) => ({
    message:
      `${role} is a superuser of the server that --into names, and code in the backup would run with its rights.`,
    fix:
      "Name a role that has CREATEDB and is no superuser, or leave out --into: a throwaway cluster is isolated. If you " +
      "trust everybody who could put code into this database, say --trust-dump.",
  }),
  examples: [{ role: "drill_admin" }],
});
