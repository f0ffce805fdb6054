import { is, retell } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { pause, timerMs } from "../../system/timer.ts";
import { connect, type ConnectOptions, type Sql } from "./connect.ts";
import { type ConnectionParameters, describeServer } from "./connection_parameters.ts";
import { afterWaiting, cannotConnect } from "./findings/reaching.ts";

/** How {@linkcode waitUntilReady} waits. */
interface ReadinessOptions extends ConnectOptions {
  /** How long to wait for the server; 0 tries once. */
  timeoutMs: number;
  /** Told that we wait, and then every ten seconds. */
  onWaiting?: (message: string) => void;
}

const ANNOUNCE_EVERY_MS = 10_000;

/** A server that is not there yet, or not yet ready: refused, no socket, reset, starting up, DNS not ready. */
const MAY_COME_UP = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "ECONNRESET",
  "EPIPE",
  "CONNECTION_CLOSED",
  "EAI_AGAIN",
  "57P03",
]);

/**
 * Connects to a server that may still be starting.
 *
 * Tries again while no server listens or the server says that it is starting up. Anything else (a wrong password, a host
 * name that does not exist, a missing database) fails at once: waiting does not mend it.
 *
 * @throws {OperatorError} As `connect`, after `timeoutMs` with how long it waited.
 * @throws The signal's reason when it is aborted; nothing stays open.
 */
export async function waitUntilReady(parameters: ConnectionParameters, options: ReadinessOptions): Promise<Sql> {
  const { timeoutMs, signal, onWaiting, ...connectOptions } = options;
  signal?.throwIfAborted();
  const started = performance.now();
  const waited = () => performance.now() - started;
  // A server that accepts connections and answers none must not outlast the time either.
  const deadline = new AbortController();
  const timer = timeoutMs > 0 ? setTimeout(() => deadline.abort(), timerMs(timeoutMs)) : undefined;
  const both = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;

  let announcedMs = -ANNOUNCE_EVERY_MS;
  let pauseMs = 250;
  let latest: OperatorError | undefined;
  try {
    while (true) {
      try {
        return await connect(parameters, { ...connectOptions, signal: both });
      } catch (error) {
        signal?.throwIfAborted();
        if (deadline.signal.aborted) throw notReady(parameters, timeoutMs, latest);
        if (timeoutMs <= 0 || !(error instanceof OperatorError && mayComeUp(error))) throw error;
        latest = error;
      }
      if (waited() - announcedMs >= ANNOUNCE_EVERY_MS) {
        announcedMs = waited();
        onWaiting?.(`${latest.message} Waiting for it to come up.`);
      }
      await pause(pauseMs, both);
      pauseMs = Math.min(pauseMs * 1.5, 1000);
    }
  } finally {
    clearTimeout(timer);
  }
}

function notReady(
  parameters: ConnectionParameters,
  waitedMs: number,
  latest: OperatorError | undefined,
): OperatorError {
  if (!latest) return cannotConnect.notReady.error({ server: describeServer(parameters), waitedMs });
  return retell(latest, { message: `${afterWaiting(waitedMs)} ${latest.message}`, cause: latest });
}

/** Looks at what is underneath; with several servers, one of them coming up is enough. */
function mayComeUp(error: unknown): boolean {
  if (error instanceof OperatorError) return is(error, cannotConnect) && mayComeUp(error.cause);
  if (error instanceof AggregateError) return error.errors.some(mayComeUp);
  return MAY_COME_UP.has((error as { code?: string } | undefined)?.code ?? "");
}
