import { is } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { redact } from "../../system/redact.ts";
import { objectArchived, objectChanged, objectLocked, objectMissing, storeForbidden } from "../findings/stores.ts";
import {
  bucketMissing,
  checksumMismatch,
  clockSkew,
  credentialsRejected,
  storeRefused,
  storeUnreachable,
  wrongRegion,
} from "./findings.ts";
import type { S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";

/** What a request was about. */
interface RequestContext {
  bucket: string;
  region: string;
  endpoint?: string;
  key?: string;
  /** As the API calls it: `PutObject`. */
  operation: string;
  /** How often it was sent. @default {as the SDK says} */
  attempts?: number;
}

/** What the SDK throws, as far as we look at it. */
interface S3Failure extends Error {
  code?: string;
  Region?: string;
  $metadata?: { httpStatusCode?: number; attempts?: number };
  $response?: { headers?: Record<string, string> };
}

/** The permission that an operation needs, where it is not called as the operation is. */
const permissions: Record<string, string> = {
  HeadObject: "s3:GetObject",
  ListObjectsV2: "s3:ListBucket",
  CreateMultipartUpload: "s3:PutObject",
  UploadPart: "s3:PutObject",
  CompleteMultipartUpload: "s3:PutObject",
  HeadBucket: "s3:ListBucket",
  GetPublicAccessBlock: "s3:GetBucketPublicAccessBlock",
  GetBucketEncryption: "s3:GetEncryptionConfiguration",
  GetObjectLockConfiguration: "s3:GetBucketObjectLockConfiguration",
  GetBucketLifecycleConfiguration: "s3:GetLifecycleConfiguration",
};

const rejectedCredentials =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|ExpiredTokenException|InvalidToken|TokenRefreshRequired|CredentialsProviderError)$/;

const mayPass =
  /^(SlowDown|InternalError|ServiceUnavailable|Throttling\w*|RequestTimeout|TimeoutError|RequestLimitExceeded|TooManyRequests\w*|NetworkingError)$/;

/** Too little room, and what the server does not have; some servers answer 403 or 507 then. */
const isFinal =
  /^(QuotaExceeded\w*|\w*QuotaExceeded(Exception)?|InsufficientCapacity|XMinioStorageFull|NotImplemented|EntityTooLarge)$/;

/** Says what a refusal or failure means, and what to do about it. */
export function toOperatorError(thrown: unknown, context: RequestContext): OperatorError {
  if (thrown instanceof OperatorError) return thrown;
  const error = thrown as S3Failure;
  const { bucket, region, key, operation } = context;
  const status = error.$metadata?.httpStatusCode;
  const where = key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;
  const told = redact(error.message ?? String(error));
  const refused = { where, said: `${error.name}: ${told}` };
  const because = { cause: thrown };

  const bucketRegion = error.$response?.headers?.["x-amz-bucket-region"] ?? error.Region;
  if (bucketRegion && bucketRegion !== region && status !== undefined && status >= 300 && status < 500) {
    return wrongRegion.error({ ...refused, bucket, actual: bucketRegion, asked: region }, because);
  }
  if (error.name === "AnswerTooLarge") {
    return storeRefused.endlessAnswer.error({ ...refused, operation, reason: told }, because);
  }
  if (error.name === "NoSuchBucket") return bucketMissing.error({ ...refused, bucket }, because);
  if (key !== undefined && /object.?lock|WORM|retention|legal hold/i.test(told) || error.name === "ObjectLocked") {
    return objectLocked.inBucket.error(refused, because);
  }
  if (/^RequestTimeTooSkewed$/.test(error.name)) return clockSkew.error(refused, because);
  if (rejectedCredentials.test(error.name)) return credentialsRejected.error({ ...refused, name: error.name }, because);
  if (error.name === "InvalidObjectState" && key !== undefined) {
    return objectArchived.error({ name: key, store: `s3://${bucket}` }, because);
  }
  // What no other right, network or second attempt would change, whatever its status.
  if (isFinal.test(error.name) || status === 501 || status === 412 && operation !== "GetObject") {
    return storeRefused.operation.error({ ...refused, operation, reason: told }, because);
  }
  if (status === 403 || error.name === "AccessDenied") {
    // A refusal by KMS comes as S3's own, and names its action.
    const permission = /perform:? ([a-z0-9-]+:\w+)/i.exec(told)?.[1] ?? permissions[operation] ?? `s3:${operation}`;
    const mayBeMissing = status === 403 && (operation === "HeadObject" || operation === "GetObject");
    return storeForbidden.permission.error({ ...refused, permission, mayBeMissing }, because);
  }
  if (status === 404) return objectMissing.inBucket.error(refused, because);
  if (status === 412) return objectChanged.reading.error(refused, because);
  if (/^(BadDigest|InvalidDigest|XAmzContentChecksumMismatch|XAmzContentSHA256Mismatch)$/.test(error.name)) {
    return checksumMismatch.onTheWay.error(refused, because);
  }
  if (status === undefined || status >= 500 || mayPass.test(error.name)) {
    const server = redact(context.endpoint ?? `S3 in ${region}`);
    const reason = told || error.code || error.name;
    const attempts = context.attempts ?? error.$metadata?.attempts;
    return storeUnreachable.error({ ...refused, server, reason, attempts, proxy: proxyVariable() }, because);
  }
  return storeRefused.operation.error({ ...refused, operation, reason: told }, because);
}

/** The SDK connects to the server itself, whatever the environment says, unlike what sends webhooks. */
function proxyVariable(): string | undefined {
  const env = Deno.env.toObject();
  return Object.keys(env).find((name) => /^(https?|all)_proxy$/i.test(name) && env[name] !== "");
}

/** Whether trying again may help: what is final has its own sentence. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof OperatorError)) return true;
  return is(error, storeUnreachable) && (error.cause as Error | undefined)?.name !== noAnswer;
}

/**
 * Whether a server seems to refuse an upload for the checksum that came with it: some know no such header. What is said
 * differs; if it was another header, the same request without the checksum is refused as well.
 */
export function isRefusalOfChecksums(thrown: unknown, operation: string): boolean {
  const { name, message, $metadata: { httpStatusCode: status } = {} } = thrown as S3Failure;
  return /^(PutObject|CreateMultipartUpload|UploadPart)$/.test(operation) && (status === 400 || status === 501) &&
    !/Digest|Mismatch/.test(name) && /checksum|header you provided/i.test(message);
}

/** Lets requests of a client go without checksums, from the moment on that `areLeftOut` is true. */
export function leaveOutChecksums(client: S3Client): { areLeftOut: boolean } {
  const state = { areLeftOut: false };
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      for (const name of Object.keys(headers)) {
        if (state.areLeftOut && /^x-amz-(sdk-)?checksum-(sha256|algorithm)$/i.test(name)) delete headers[name];
      }
      return next(args);
    },
    { step: "build", priority: "low", name: "leaveOutChecksums" },
  );
  return state;
}

/** What an answer may take before it is given up. */
interface AnswerBounds {
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
const noAnswer = "NoAnswer";

/** The SDK tries again after what is called a TimeoutError. */
function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
