import { isTracing, traced } from "../../system/trace.ts";

/** Follows the statements of one client. */
export interface TracedStatements {
  /** A statement was given to the server; its parameters stay untold. */
  sent(statement: string): void;
  /** The server is ready for the next one. */
  answered(): void;
  /** The session is gone; what was under way with it too. */
  lost(): void;
}

/** Tells of a client's statements under `--debug`; the server answers them in the order in which they were sent. */
export function traceStatements(): TracedStatements | undefined {
  if (!isTracing()) return undefined;
  let underWay: ((outcome?: string) => void)[] = [];
  return {
    sent: (statement) => void underWay.push(traced("sql ", statement)),
    answered: () => underWay.shift()?.(),
    lost() {
      for (const end of underWay) end("session lost");
      underWay = [];
    },
  };
}
