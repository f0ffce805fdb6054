import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";

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

/** The error that says why not tells it best. */
export const drillNotRecorded = defineFinding({
  code: "DRILL_NOT_RECORDED",
  means: "warning",
  says: ({ message, fix }: { message: string; fix: string }) => ({ message, fix }),
  examples: [{
    message: "Cannot write /backups/shop-20260102T030405Z.drill-20260102T050000Z.json: permission denied.",
    fix: "Let this host write there, or say --no-record.",
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

export const emptyDatabase = defineFindings({
  code: "EMPTY_DATABASE",
  means: "fail",
  situations: {
    backedUp: { says: () => ({ message: "The backup is of an empty database.", fix: emptyFix }) },
    allOfServer: { says: () => ({ message: "Every database of the backup is empty.", fix: emptyFix }) },
    restored: { says: () => ({ message: "What was restored is an empty database.", fix: emptyFix }) },
  },
});
const emptyFix = "Check that the right database was dumped; if it is meant to be empty, say --allow-empty.";

export const rowsFewerThanCopied = defineFinding({
  code: "ROWS_FEWER_THAN_COPIED",
  means: "warning",
  says: ({ table, copied, rows }: { table: string; copied: number; rows: number }) => ({
    message: `The dump brought ${copied} rows to ${table}, and it holds ${rows}.`,
    fix: "Find out whether a trigger, a rule or a later statement of the dump removes rows.",
    object: table,
    expected: copied,
    actual: rows,
  }),
  examples: [{ table: "shop.orders", copied: 1204, rows: 1203 }],
});

export const notValidated = defineFinding({
  code: "NOT_VALIDATED",
  means: "warning",
  says: ({ object }: { object: string }) => ({
    message: `Not validated, or not valid: ${object}. Rows may break it.`,
    fix: "See whether it is so at the source as well, and VALIDATE or REINDEX it there.",
    object,
  }),
  examples: [{ object: "orders_customer_fkey of shop.orders" }],
});
