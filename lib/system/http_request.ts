import { durationText } from "./quantities.ts";
import { redact } from "./redact.ts";
import { timerMs } from "./timer.ts";

/** One HTTP request. */
interface HttpRequest {
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

/** The server did not answer, or not to the end; the message is a sentence's end, without the URL and without secrets. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** Whether there was no more time to wait. */
  readonly isTimeout: boolean;
  constructor(message: string, { isTimeout = false } = {}) {
    super(message);
    this.isTimeout = isTimeout;
  }
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
  using client = isLoopback(url)
    ? makeDirectClient(request.caCerts)
    : Deno.createHttpClient({ caCerts: request.caCerts });
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
    if (timeout.aborted) throw new NoAnswerError(`no answer within ${durationText(timeoutMs)}`, { isTimeout: true });
    throw new NoAnswerError(sentence(error as Error));
  }
}

const proxyVariables = ["all_proxy", "http_proxy", "https_proxy"].flatMap((name) => [name, name.toUpperCase()]);

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\])$/.test(hostname);
}

/**
 * A client that no proxy serves: Deno's would go through HTTP_PROXY to this machine's own ports too, unless NO_PROXY
 * names them, and one with an option `proxy` asks in absolute form, which many servers do not understand. A client reads
 * the variables when it is made; nothing else runs meanwhile.
 */
function makeDirectClient(caCerts: string[] | undefined): Deno.HttpClient {
  const values = proxyVariables.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const name of proxyVariables) Deno.env.delete(name);
    return Deno.createHttpClient({ caCerts });
  } finally {
    for (const [name, value] of values) if (value !== undefined) Deno.env.set(name, value);
  }
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
