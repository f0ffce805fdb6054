import { durationText } from "./quantities.ts";
import { afterGrace, pause } from "./timer.ts";
import { redact } from "./redact.ts";

/** How long to try. */
export interface SendOptions {
  /** Of one attempt. @default {10_000} */
  timeoutMs?: number;
  /** How long to wait before each further attempt; there are as many as delays. @default {[1_000, 4_000]} */
  retryDelaysMs?: readonly number[];
  /** Aborted when the run is to stop. @default {never} */
  signal?: AbortSignal;
  /** How long to go on trying after that. @default {2_000} */
  graceMs?: number;
}

/**
 * Sends an HTTP request whose answer matters only as far as its status, again where that may help: when the server was
 * not reached, was too slow or busy, or failed itself (408, 429, 5xx).
 *
 * Redirects are not followed: whoever answers would decide where else this host sends requests.
 *
 * @throws {Error} With a sentence about the last attempt, redacted. It does not name the URL, which may hold a secret.
 */
export async function sendRequest(
  url: string,
  init: { method: "GET" | "POST"; headers?: Record<string, string>; body?: string },
  { timeoutMs = 10_000, retryDelaysMs = [1_000, 4_000], signal, graceMs = 2_000 }: SendOptions = {},
): Promise<void> {
  using stopping = afterGrace(signal ?? new AbortController().signal, graceMs);
  for (let attempt = 0;; attempt++) {
    const { problem, mayPass } = await trySending(url, init, timeoutMs, stopping.signal);
    if (problem === undefined) return;
    if (stopping.signal.aborted) throw new Error(stopped);
    if (!mayPass || attempt >= retryDelaysMs.length) {
      throw new Error(redact(attempt === 0 ? problem : `${problem}, ${attempt + 1} times`));
    }
    await pause(retryDelaysMs[attempt], stopping.signal);
    if (stopping.signal.aborted) throw new Error(redact(problem));
  }
}

const stopped = "it had not answered when the run was stopped";

async function trySending(
  url: string,
  init: { method: "GET" | "POST"; headers?: Record<string, string>; body?: string },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ problem?: string; mayPass?: boolean }> {
  if (!URL.canParse(url)) return { problem: "its address is no URL" };
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return {};
    return {
      problem: status >= 300 && status < 400
        ? `it redirects elsewhere (HTTP ${status}): name the final address`
        : `it answered HTTP ${status}`,
      mayPass: status === 408 || status === 429 || status >= 500,
    };
  } catch (error) {
    if ((error as Error).name === "TimeoutError") {
      return { problem: `no answer within ${durationText(timeoutMs)}`, mayPass: true };
    }
    const { message } = ((error as Error).cause ?? error) as Error;
    return {
      problem: message.replace(/^error sending request for url \(\S*\): (client error \(Connect\): )?/, ""),
      mayPass: true,
    };
  }
}
