import { crashSignal, type ServerError } from "../../postgres/server_errors.ts";
import type { Finding } from "../../verdict/verdict.ts";

/** What a restore ran into. */
export interface RestoreTrouble {
  /** 0 is success; 128 + n after signal n. */
  status: number;
  stderr: string;
  errors: ServerError[];
  /** Of a throwaway cluster's server, since the restore began. */
  log?: string;
}

const again = "then run it again: this says nothing about the backup";

/** What a server may run into. */
interface ServerTrouble {
  /** Or its class; PostgreSQL documentation, appendix A. The first that fits counts. */
  sqlstate: RegExp;
  code: string;
  what: string;
  fix: string;
}

const serverTroubles: ServerTrouble[] = [
  {
    sqlstate: /^53100/,
    code: "DISK_FULL",
    what: "The disk of the server that is restored into is full",
    fix: `Make room there, ${again}.`,
  },
  {
    sqlstate: /^53/,
    code: "SERVER_OUT_OF_RESOURCES",
    what: "The server that is restored into lacks memory, locks, connections or open files",
    fix: `Give it more of that (locks: max_locks_per_transaction), or restore with --jobs 1; ${again}.`,
  },
  {
    sqlstate: /^(57P0|08|25P0[34])/,
    code: "CONNECTION_LOST",
    what: "The server that is restored into stopped, or ended a session",
    fix: `See its log, ${again}.`,
  },
  {
    sqlstate: /^57014/,
    code: "QUERY_CANCELED",
    what: "Somebody cancelled the restore on its server",
    fix: `See that server's log, ${again}.`,
  },
  {
    sqlstate: /^25006/,
    code: "SERVER_READ_ONLY",
    what: "The server that is restored into takes no writes",
    fix: `Name the primary, ${again}.`,
  },
  {
    sqlstate: /^(58030|58P02|XX00[12])/,
    code: "SERVER_STORAGE_BROKEN",
    what: "The server that is restored into cannot read or write its own files",
    fix: `Look at that machine's disk and its log, ${again}.`,
  },
];

/** The same where a program passed on no more than words: the server's, in English, and the C library's. */
const byWords: [words: RegExp, sqlstate: string][] = [
  [/No space left on device|Disk quota exceeded/, "53100"],
  [/^out of (?:shared )?memory|Cannot allocate memory|^memory exhausted/, "53200"],
  [
    /Too many open files|too many connections|too many clients|connection slots are reserved|Resource temporarily unavailable/,
    "53000",
  ],
  [
    /terminating connection|the database system is (?:shutting down|starting up|in recovery mode)|crash of another server process/,
    "57P01",
  ],
  [/^canceling statement/, "57014"],
  [/^cannot execute .* in a read-only transaction/, "25006"],
  [/Input\/output error|Read-only file system|^invalid page in block/, "58030"],
];

const lostWay = /server closed the connection unexpectedly|no connection to the server|connection to server .* failed/;

/** Says why a restore could not be done on this host, or on its server: nothing that says anything of the backup. */
export function findHostTroubles({ status, stderr, errors, log = "" }: RestoreTrouble): Finding[] {
  // What pg_restore itself says, and not the server.
  const own = [...stderr.matchAll(/^pg_restore: error: (?!.*(?:ERROR|FATAL|PANIC): {2})(.*)/gm)].map(([, said]) =>
    said
  );
  const raised = [
    ...errors.map(({ sqlstate, message }) => ({ sqlstate: sqlstate ?? sqlstateOf(message), message })),
    ...own.filter((said) => lostWay.test(said)).map((message) => ({ sqlstate: "08006", message })),
  ];
  const findings: Finding[] = [];
  const signal = crashSignal(log);
  if (signal !== undefined) {
    const reason = signal === 9 ? ", as the kernel does when memory runs out" : "";
    findings.push({
      code: "SERVER_CRASHED",
      message: `A process of the throwaway cluster's server was ended by signal ${signal}${reason}.`,
      fix: `Give the machine more memory, or look for the crash in its logs, ${again}.`,
    });
  }
  const troubleOf = (state?: string) =>
    serverTroubles.find(({ sqlstate }) => state !== undefined && sqlstate.test(state));
  findings.push(...serverTroubles.flatMap((trouble) => {
    const { code, what, fix } = trouble;
    const first = raised.find(({ sqlstate }) => troubleOf(sqlstate) === trouble);
    return first ? [{ code, message: `${what}: ${first.message}.`, fix }] : [];
  }));
  const lacking = own.find((said) => sqlstateOf(said)?.startsWith("53"));
  if (lacking !== undefined && findings.length === 0) {
    findings.push({
      code: "HOST_OUT_OF_RESOURCES",
      message: `pg_restore ran out of what this machine has: ${lacking}.`,
      fix: `Free what it lacks, ${again}.`,
    });
  }
  if ([1, 9, 15].includes(status - 128)) {
    findings.push({
      code: "TOOL_KILLED",
      message: `The program that restores was ended by signal ${status - 128}.`,
      fix: `See who did it (the kernel does when memory runs out), ${again}.`,
    });
  }
  return findings;
}

function sqlstateOf(words: string): string | undefined {
  return byWords.find(([pattern]) => pattern.test(words))?.[1];
}
