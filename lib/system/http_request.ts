import { redact } from "./redact.ts";
import { timerMs } from "./timer.ts";

/** One HTTP request. */
export interface HttpRequest {
  /** @default {"GET"} */
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** How long until its answer has been read, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Certificates to trust besides the usual ones, as PEM. */
  caCerts?: string[];
  /** How many bytes of the answer's body to read at most; without it none are. */
  bodyLimit?: number;
}

/** What a server answered, redirects included. */
export interface HttpAnswer {
  status: number;
  /** Absent where it is longer than `bodyLimit`. */
  body?: string;
  /** Until the body was read, or the headers where it was not wanted. */
  durationMs: number;
}

/** Nobody answered, or not to the end; the message is a sentence's end, without the URL and without secrets. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/**
 * Asks a URL once. Whatever status it answers with is an answer; redirects are not followed.
 *
 * @throws {NoAnswerError}
 */
export async function requestOnce(url: URL, request: HttpRequest): Promise<HttpAnswer> {
  const { method = "GET", body, timeoutMs, signal, bodyLimit } = request;
  const timeout = AbortSignal.timeout(timerMs(timeoutMs));
  const start = performance.now();
  using client = Deno.createHttpClient({ caCerts: request.caCerts, ...isPlainLoopback(url) && direct(url) });
  try {
    const response = await fetch(url, {
      method,
      body,
      headers: request.headers,
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
      client,
    });
    const text = bodyLimit === undefined ? undefined : await readBody(response, bodyLimit);
    if (bodyLimit === undefined) await response.body?.cancel();
    return { status: response.status, body: text, durationMs: Math.round(performance.now() - start) };
  } catch (error) {
    signal.throwIfAborted();
    throw new NoAnswerError(timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : sentence(error as Error));
  }
}

/** HTTP_PROXY counts for this machine's own ports too, unless NO_PROXY names them. */
function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && /^(localhost|127\.[0-9.]+|\[::1\])$/.test(hostname);
}

function direct({ hostname, port }: URL): Deno.CreateHttpClientOptions {
  return { proxy: { transport: "tcp", hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) } };
}

async function readBody(response: Response, limit: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const bytes of response.body ?? []) {
    size += bytes.length;
    if (size > limit) return undefined; // leaving the loop cancels the rest
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

function sentence({ message, cause }: Error): string {
  const reason = cause instanceof Error ? cause.message : message;
  return redact(reason.replace(/^error sending request( for url \(.*?\))?: (client error \(\w+\): )?/, ""));
}
