import { durationText } from "../../system/quantities.ts";
import { defineFinding, defineFindings } from "../../system/define_finding.ts";

const again = "then run it again. This says nothing about the backup";

/** What the server said when it refused a query. */
interface Refused {
  said: string;
  sqlstate: string;
  /** Detail, hint and context, as psql says them. */
  more?: string;
}

function refused({ said, sqlstate, more }: Refused, fix: string) {
  return { message: `The server refused: ${said} (SQLSTATE ${sqlstate}).`, fix, detail: more };
}

export const lockTimeout = defineFindings({
  code: "LOCK_TIMEOUT",
  means: "unknown",
  situations: {
    tables: {
      says: ({ tables, waitedMs }: {
        /** Those that are known to be locked, each with the numbers of its processes. */
        tables: readonly { name: string; processes: string }[];
        waitedMs?: number;
      }) => ({
        message: `Another session has locked ${
          tables.map(({ name, processes }) => `${name} (by process ${processes})`).join(", ") || "a table"
        } for ${waitedMs === undefined ? "too long" : `more than ${durationText(waitedMs)}`}.`,
        fix: "Wait until that process ends its transaction (pg_stat_activity shows it), or raise --lock-timeout.",
      }),
      examples: [{ tables: [{ name: "public.orders", processes: "4711" }], waitedMs: 60_000 }],
    },
    pgDump: {
      says: ({ said }: { said?: string }) => ({
        message: "pg_dump waited too long for a table that another session has locked.",
        fix:
          "Some session keeps changing tables (pg_stat_activity shows it). Back up when it has ended, or with --format " +
          "custom or --jobs 1, which take each lock only once. A longer --lock-timeout does not help.",
        detail: said,
      }),
      examples: [{}],
    },
    /** Where it is not known which one. */
    somewhere: {
      says: ({ said, more }: { said: string; more?: string }) => ({
        message: `Another session has held a lock for too long: ${said}.`,
        fix: "Find that session with pg_locks and pg_stat_activity. Run it again when its transaction has ended.",
        detail: more,
      }),
      examples: [{ said: "canceling statement due to lock timeout" }],
    },
  },
});

export const serverOutOfLocks = defineFinding({
  code: "SERVER_OUT_OF_LOCKS",
  means: "unknown",
  says: ({ said }: { said?: string }) => ({
    message: "The server's lock table has no room for a lock on every table.",
    fix: "Raise max_locks_per_transaction on the server (ALTER SYSTEM, then restart it): " +
      "times max_connections it must exceed the number of tables, indexes and sequences.",
    detail: said,
  }),
  examples: [{}],
});

export const connectionLost = defineFindings({
  code: "CONNECTION_LOST",
  means: "unknown",
  situations: {
    here: {
      says: ({ said }: { said: string }) => ({
        message: `The connection to the server was lost: ${said}.`,
        fix: "Look at the server's log, then run it again.",
      }),
      examples: [{ said: "write CONNECTION_CLOSED db1:5432" }],
    },
    inDump: {
      says: ({ file, line, said }: { file: string; line: number; said: string }) => ({
        message: `The server ended the session at line ${line} of ${file}: ${said}.`,
        fix: "Look at the server's log, then run it again.",
      }),
      examples: [{
        file: "shop.sql",
        line: 4711,
        said: "terminating connection due to administrator command",
      }],
    },
    restoring: {
      says: ({ said }: { said: string }) => ({
        message: `The target server stopped, or ended a session: ${said}.`,
        fix: `Look at its log, ${again}.`,
      }),
      examples: [{ said: "terminating connection due to administrator command" }],
    },
  },
});

export const textNotUtf8 = defineFinding({
  code: "TEXT_NOT_UTF8",
  means: "unknown",
  says: (facts: Refused) =>
    refused(
      facts,
      "The manifest is UTF-8, but a name, comment or default in this SQL_ASCII database is not. Rename it, or convert " +
        "the database to an encoding that defines its characters.",
    ),
  examples: [{ said: 'invalid byte sequence for encoding "UTF8": 0xe4', sqlstate: "22021" }],
});

export const dataCorrupted = defineFinding({
  code: "DATA_CORRUPTED",
  means: "unknown",
  says: (facts: Refused) =>
    refused(
      facts,
      "The database's files are damaged, so a backup would not be whole. First copy the data directory. Then check the " +
        "disk, and restore the newest backup that passed a drill.",
    ),
  examples: [{ said: "invalid page in block 7 of relation base/16384/16402", sqlstate: "XX001" }],
});

export const permissionDenied = defineFindings({
  code: "PERMISSION_DENIED",
  means: "unknown",
  situations: {
    refused: {
      says: (facts: Refused) => refused(facts, "Use a role that may do this, or grant it."),
      examples: [{ said: "permission denied for table orders", sqlstate: "42501" }],
    },
    relations: {
      says: ({ names }: { names: readonly string[] }) => ({
        message: `This role may not read ${names.join(", ")}.`,
        fix: "Grant it pg_read_all_data, or SELECT on these and USAGE on their schemas.",
      }),
      examples: [{ names: ["public.orders", "billing.invoices"] }],
    },
    largeObjects: {
      says: ({ count, first }: { count: number; first: string }) => ({
        message: `This role may not read ${
          count === 1 ? `the large object ${first}` : `${count} large objects, such as ${first}`
        }.`,
        fix:
          "Run GRANT SELECT ON LARGE OBJECT … TO it (pg_read_all_data does not cover them), or grant it the role that " +
          "owns them.",
      }),
      examples: [{ count: 12, first: "16433" }],
    },
    reading: {
      says: ({ said }: { said: string }) => ({
        message: `This role may not read everything: ${said}.`,
        fix: "Grant SELECT on it (pg_read_all_data covers tables and sequences), or connect as its owner.",
      }),
      examples: [{ said: "permission denied for table orders" }],
    },
  },
});

export const rowsHidden = defineFindings({
  code: "ROWS_HIDDEN",
  means: "unknown",
  situations: {
    relations: {
      says: ({ names }: { names: readonly string[] }) => ({
        message: `Row security would hide rows of ${names.join(", ")} from this role.`,
        fix: "Use a superuser or a role with BYPASSRLS; or accept a partial backup with --enable-row-security.",
      }),
      examples: [{ names: ["public.orders"] }],
    },
    reading: {
      says: ({ said }: { said: string }) => ({
        message: `Row security would hide rows from this role: ${said}.`,
        fix: "Connect as the tables' owner, a superuser, or a role with BYPASSRLS.",
      }),
      examples: [{ said: 'query would be affected by row-level security policy for table "orders"' }],
    },
    values: {
      says: ({ column, values }: { column: string; values: readonly string[] }) => ({
        message: `This role sees no rows of ${column} with ${values.join(", ")}.`,
        fix: "Row security may hide them: check the role's policies, and the settings they look at (PGOPTIONS). " +
          "If these rows were removed on purpose, do not require them.",
      }),
      examples: [{ column: "orders.tenant", values: ["acme"] }],
    },
  },
});

export const serverDiskFull = defineFindings({
  code: "SERVER_DISK_FULL",
  means: "unknown",
  situations: {
    refused: {
      says: (facts: Refused) => refused(facts, "Free some space on the server's disk."),
      examples: [{ said: 'could not extend file "base/16384/16402": No space left on device', sqlstate: "53100" }],
    },
    before: {
      says: ({ free, needed }: { free: string; needed: string }) => ({
        message: `The server's disk has ${free} free; the database needs about ${needed}.`,
        fix: "Free some space there, or restore on another server. Nothing was touched.",
      }),
      examples: [{ free: "4.2 MB", needed: "81 MB" }],
    },
  },
});

export const serverOutOfResources = defineFindings({
  code: "SERVER_OUT_OF_RESOURCES",
  means: "unknown",
  situations: {
    refused: {
      says: (facts: Refused) => refused(facts, "Give the server more of that resource."),
      examples: [{ said: "out of memory", sqlstate: "53200" }],
    },
    restoring: {
      says: ({ said }: { said: string }) => ({
        message: `The target server has too little memory, or too few locks, connections or open files: ${said}.`,
        fix: `Give it more (for locks: max_locks_per_transaction), or restore with --jobs 1, ${again}.`,
      }),
      examples: [{ said: "out of shared memory" }],
    },
  },
});

export const queryCanceled = defineFindings({
  code: "QUERY_CANCELED",
  means: "unknown",
  situations: {
    refused: {
      says: (facts: Refused) => refused(facts, "The server's log says who cancelled it. Run it again."),
      examples: [{ said: "canceling statement due to user request", sqlstate: "57014" }],
    },
    restoring: {
      says: ({ said }: { said: string }) => ({
        message: `The restore was cancelled on its server: ${said}.`,
        fix: `Look at that server's log, ${again}.`,
      }),
      examples: [{ said: "canceling statement due to user request" }],
    },
  },
});

export const queryFailed = defineFindings({
  code: "QUERY_FAILED",
  means: "unknown",
  situations: {
    refused: {
      says: (facts: Refused) =>
        refused(facts, "The server's log may say more. If it is a query of pgrehearse, please report it."),
      examples: [{ said: "function shop.total(integer) does not exist", sqlstate: "42883" }],
    },
    /** Of an operator's own query: what the server says of it may hold a row's content. */
    hidden: {
      says: ({ sqlstate }: { sqlstate: string }) => ({
        message: `The server refused the query (SQLSTATE ${sqlstate}).`,
        fix:
          "Run the query with psql to see the server's message. It may hold a row's content, so pgrehearse does not show " +
          "it.",
      }),
      examples: [{ sqlstate: "42703" }],
    },
  },
});

export const transactionLeft = defineFinding({
  code: "TRANSACTION_LEFT",
  means: "unknown",
  says: () => ({
    message: "A query ended the read-only transaction that it ran in.",
    fix: "Write one query that only reads, without COMMIT, ROLLBACK or other transaction commands.",
  }),
});

export const damageHidden = defineFinding({
  code: "DAMAGE_HIDDEN",
  means: "unknown",
  says: ({ settings }: { settings: readonly string[] }) => ({
    message: `${settings.join(" and ")} ${settings.length === 1 ? "is" : "are"} on.`,
    fix: "A backup would pass without the rows of damaged pages. Reset it for the server, this database and this " +
      "role (ALTER SYSTEM, ALTER DATABASE and ALTER ROLE … RESET), then back up again.",
  }),
  examples: [{ settings: ["zero_damaged_pages"] }],
});

export const relationReplaced = defineFinding({
  code: "RELATION_REPLACED",
  means: "unknown",
  says: ({ names }: { names: readonly string[] }) => ({
    message: `${names.join(", ")} ${
      names.length === 1 ? "is" : "are"
    } not what was listed: it was dropped, renamed or replaced since. Nothing of it was read.`,
    fix: "Find out who changed it, then run it again.",
  }),
  examples: [{ names: ["public.orders"] }],
});

export const connectionsOpen = defineFinding({
  code: "CONNECTIONS_OPEN",
  means: "unknown",
  says: ({ database, sessions }: { database: string; sessions: readonly string[] }) => ({
    message: `${sessions.length} other session${sessions.length === 1 ? " is" : "s are"} connected to ${database}: ${
      sessions.slice(0, 5).join("; ")
    }${sessions.length > 5 ? "; …" : ""}.`,
    fix: "Stop what writes to it, or end these sessions with --terminate-connections.",
  }),
  examples: [{ database: "shop", sessions: ["shop web 10.0.0.7 (process 4711)"] }],
});

export const renameRefused = defineFinding({
  code: "RENAME_REFUSED",
  means: "unknown",
  says: ({ database }: { database: string }) => ({
    message: `This role may not rename ${database}. pgrehearse renames it to keep other sessions out.`,
    fix: "Connect as the database's owner with CREATEDB, or as a superuser. Nothing was touched.",
  }),
  examples: [{ database: "shop" }],
});
