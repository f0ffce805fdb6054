import type { S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";

/** What an answer may take before it is given up. */
export interface AnswerBounds {
  /** From the request to the answer's head, of a request that only reads. */
  headMs: number;
  /** The same of one that changes something; what its body takes to send comes on top. */
  changeMs: number;
  /** From there to the end, of every answer but an object's bytes; what came takes a slow line's time on top. */
  bodyMs: number;
  /** The same, in bytes: a listing of 1,000 keys of the longest kind has about 5 MB. */
  bodyBytes: number;
}

const defaultBounds: AnswerBounds = {
  headMs: 25_000,
  changeMs: 60_000,
  bodyMs: 25_000,
  bodyBytes: 32 * 1024 * 1024,
};

/** The slowest line that is waited for. */
const slowestBytesPerMs = 16;

/** How often a request may go without an answer; other failures pass sooner, and are tried more often. */
const mostSilences = 2;

/**
 * Bounds what a server can make us take in. A silent one is noticed anyway; this is for those that go on for ever, or send
 * a byte every now and then.
 */
export function boundAnswers(client: S3Client, bounds: AnswerBounds = defaultBounds): void {
  client.middlewareStack.add(
    (next, { commandName }) => {
      let silences = 0; // of all attempts at this request
      const late = (message: string) =>
        named(++silences < mostSilences ? "TimeoutError" : noAnswer, silences > 1 ? `${message}, twice` : message);
      return async (args) => {
        const { headers, method } = args.request as { headers: Record<string, string>; method: string };
        const sentMs = Number(headers["content-length"] ?? 0) / slowestBytesPerMs;
        const headMs = method === "GET" || method === "HEAD" ? bounds.headMs : bounds.changeMs;
        const result = await within(next(args), headMs + sentMs, late);
        const response = result.response as { statusCode: number; body?: unknown };
        const isObject = commandName === "GetObjectCommand" && response.statusCode < 300;
        if (!isObject && response.body instanceof Readable) {
          response.body = Readable.from(bounded(response.body, bounds, late));
        }
        return result;
      };
    },
    { step: "deserialize", priority: "low", name: "boundAnswers" },
  );
}

type Late = (message: string) => Error;

async function within<T>(answer: Promise<T>, ms: number, late: Late): Promise<T> {
  const tooLong = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLong.reject(late(`no answer within ${Math.round(ms / 1000)} s`)), ms);
  answer.catch(() => {}); // what it says after it was given up
  try {
    return await Promise.race([answer, tooLong.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function* bounded(
  body: Readable,
  { bodyMs, bodyBytes }: AnswerBounds,
  late: Late,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const start = performance.now();
  const giveUpIfSlow = () => {
    const elapsedMs = performance.now() - start;
    const leftMs = bodyMs + bytes / slowestBytesPerMs - elapsedMs;
    if (leftMs > 0) timer = setTimeout(giveUpIfSlow, leftMs);
    else body.destroy(late(`the answer had not ended after ${Math.round(elapsedMs / 1000)} s`));
  };
  let timer = setTimeout(giveUpIfSlow, bodyMs);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > bodyBytes) throw named("AnswerTooLarge", `the answer has more than ${bodyBytes} bytes`);
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}

/** What a request's failure is called that went without an answer too often: nothing is gained by asking again. */
export const noAnswer = "NoAnswer";

/** The SDK tries again after what is called a TimeoutError. */
function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
