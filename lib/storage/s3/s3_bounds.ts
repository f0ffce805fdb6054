import type { S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";

/** What an answer may take before it is given up. */
export interface AnswerBounds {
  /** From the request to the answer's head; what the request's body takes to send comes on top. */
  headMs: number;
  /** From there to the end, of every answer but an object's bytes. */
  bodyMs: number;
  /** The same, in bytes: a listing of 1,000 keys of the longest kind has about 5 MB. */
  bodyBytes: number;
}

const defaultBounds: AnswerBounds = { headMs: 120_000, bodyMs: 120_000, bodyBytes: 32 * 1024 * 1024 };

/** The slowest line that is waited for while a request's body is sent. */
const slowestBytesPerMs = 16;

/**
 * Bounds what a server can make us take in. A silent one is noticed anyway; this is for those that go on for ever, or send
 * a byte every now and then.
 */
export function boundAnswers(client: S3Client, bounds: AnswerBounds = defaultBounds): void {
  client.middlewareStack.add(
    (next, { commandName }) => async (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      const sentMs = Number(headers["content-length"] ?? 0) / slowestBytesPerMs;
      const result = await within(next(args), bounds.headMs + sentMs);
      const response = result.response as { statusCode: number; body?: unknown };
      const isObject = commandName === "GetObjectCommand" && response.statusCode < 300;
      if (!isObject && response.body instanceof Readable) response.body = Readable.from(bounded(response.body, bounds));
      return result;
    },
    { step: "deserialize", priority: "low", name: "boundAnswers" },
  );
}

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(named("TimeoutError", `no answer within ${Math.round(ms / 1000)} s`)), ms);
  answer.catch(() => {}); // what it says after it was given up
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function* bounded(body: Readable, { bodyMs, bodyBytes }: AnswerBounds): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const timer = setTimeout(
    () => body.destroy(named("TimeoutError", `the answer had not ended after ${Math.round(bodyMs / 1000)} s`)),
    bodyMs,
  );
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

/** The SDK tries again after what is called a TimeoutError. */
function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
