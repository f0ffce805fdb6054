import { crashSignal, type ServerError } from "../../postgres/server_errors.ts";
import { connectionLost, queryCanceled, serverOutOfResources } from "../../postgres/findings/servers.ts";
import { diskFull } from "../../system/findings.ts";
import type { OperatorError } from "../../system/operator_error.ts";
import { serverCrashed, serverReadOnly, serverStorageBroken, toolKilled } from "../findings.ts";
import { hostOutOfResources } from "../../run/findings.ts";

/** What a restore ran into. */
export interface RestoreTrouble {
  /** 0 is success; 128 + n after signal n. */
  status: number;
  stderr: string;
  errors: ServerError[];
  /** Of a throwaway cluster's server, since the restore began. */
  log?: string;
}

/** What a server may run into. */
interface ServerTrouble {
  /** Or its class; PostgreSQL documentation, appendix A. The first that fits counts. */
  sqlstate: RegExp;
  trouble: { error(facts: { said: string }): OperatorError };
}

const serverTroubles: ServerTrouble[] = [
  { sqlstate: /^53100/, trouble: diskFull.onServer },
  { sqlstate: /^53/, trouble: serverOutOfResources.restoring },
  { sqlstate: /^(57P0|08|25P0[34])/, trouble: connectionLost.restoring },
  { sqlstate: /^57014/, trouble: queryCanceled.restoring },
  { sqlstate: /^25006/, trouble: serverReadOnly },
  { sqlstate: /^(58030|58P02|XX00[12])/, trouble: serverStorageBroken },
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
export function findHostTroubles({ status, stderr, errors, log = "" }: RestoreTrouble): OperatorError[] {
  // What pg_restore itself says, and not the server.
  const own = [...stderr.matchAll(/^pg_restore: error: (?!.*(?:ERROR|FATAL|PANIC): {2})(.*)/gm)].map(([, said]) =>
    said
  );
  const raised = [
    ...errors.map(({ sqlstate, message }) => ({ sqlstate: sqlstate ?? sqlstateOf(message), message })),
    ...own.filter((said) => lostWay.test(said)).map((message) => ({ sqlstate: "08006", message })),
  ];
  const troubles: OperatorError[] = [];
  const signal = crashSignal(log);
  if (signal !== undefined) troubles.push(serverCrashed.error({ signal }));
  const kindOf = (state?: string) => serverTroubles.find(({ sqlstate }) => state !== undefined && sqlstate.test(state));
  troubles.push(...serverTroubles.flatMap((kind) => {
    const first = raised.find(({ sqlstate }) => kindOf(sqlstate) === kind);
    return first ? [kind.trouble.error({ said: first.message })] : [];
  }));
  const lacking = own.find((said) => sqlstateOf(said)?.startsWith("53"));
  if (lacking !== undefined && troubles.length === 0) {
    troubles.push(hostOutOfResources.restoring.error({ said: lacking }));
  }
  if ([1, 9, 15].includes(status - 128)) troubles.push(toolKilled.error({ signal: status - 128 }));
  return troubles;
}

function sqlstateOf(words: string): string | undefined {
  return byWords.find(([pattern]) => pattern.test(words))?.[1];
}
