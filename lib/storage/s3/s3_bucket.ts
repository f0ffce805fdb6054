import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { registerSecret } from "../../system/redact.ts";
import { badStoreAddress, objectMissing } from "../findings/stores.ts";
import type { StoreOptions } from "../store.ts";
import { caBundleUnreadable, cannotBeAsked, credentialsMissing, regionMissing } from "./findings.ts";
import { pause } from "../../system/timer.ts";
import { boundAnswers, isRefusalOfChecksums, isTransient, leaveOutChecksums, toOperatorError } from "./s3_answers.ts";
import { is } from "../../system/define_finding.ts";
import { OperatorError, reasonOf } from "../../system/operator_error.ts";

/** A bucket, a prefix in it, and how to talk to the server. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
  /** Empty, or with a `/` at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly options: StoreOptions;
  /** Aborted when the job is, and when the store is closed. */
  readonly signal: AbortSignal;
  /** Whether the server refused checksums with what it stores: they are no longer sent, and what was written is read back. */
  refusesChecksums(): boolean;
  /**
   * Sends one request; what goes wrong becomes an error for operators. What may pass is tried again, as long as the options
   * say. A server that has not answered once in this run is given up sooner: its name is probably wrong.
   *
   * @param operation As the API calls it; names the permission in a refusal.
   */
  send<Output>(
    operation: string,
    request: (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<Output>,
    what?: { key?: string; signal?: AbortSignal },
  ): Promise<Output>;
}

/** How often the SDK sends a request at most, with growing pauses between: about a quarter of a minute in all. */
export const maxAttempts = 7;

/** How long to wait before the SDK tries again; twice as long each time, up to the second. */
const [shortestPauseMs, longestPauseMs] = [500, 15_000];

/** How long a connection may stay silent. */
const silenceMs = 60_000;

/**
 * Credentials come from the SDK's own chain: environment, shared files, web identity, instance metadata.
 *
 * @throws {OperatorError} `BAD_STORE_ADDRESS`, `CA_BUNDLE_UNREADABLE`, `REGION_MISSING`, `CREDENTIALS_MISSING`.
 */
export async function openBucket(address: string, options: StoreOptions, signal: AbortSignal): Promise<Bucket> {
  const { name, prefix } = parseS3Address(address);
  const endpoint = options.endpoint ?? endpointOfEnvironment();
  const { addressing = "auto", retryForMs = 0 } = options;
  const ca = await authoritiesOfEnvironment();
  const client = new S3Client({
    region: options.region || Deno.env.get("AWS_REGION") || Deno.env.get("AWS_DEFAULT_REGION") || undefined,
    ...(endpoint && { endpoint }),
    forcePathStyle: addressing === "auto" ? endpoint !== undefined : addressing === "path",
    maxAttempts,
    requestHandler: {
      connectionTimeout: 10_000,
      socketTimeout: silenceMs,
      ...(ca !== undefined && { httpsAgent: { ca } }),
    },
    // Checksums are SHA-256 and ours: the server compares them, and we ask them back.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Deno's node:http never sees the server's "100 Continue".
    expectContinueHeader: false,
    logger: { debug() {}, info() {}, warn() {}, error() {} }, // stderr is ours
  });
  boundAnswers(client);
  const checksums = leaveOutChecksums(client);
  const region = await client.config.region().catch((error: Error) => {
    throw regionMissing.error({ bucket: name }, { cause: error });
  });
  const learnSecrets = async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    for (const secret of [accessKeyId, secretAccessKey, sessionToken]) registerSecret(secret);
  };
  await learnSecrets().catch((error: Error) => {
    throw credentialsMissing.error({ bucket: name, reason: error.message.replace(/\.$/, "") }, { cause: error });
  });
  let hasAnswered = false;
  return {
    client,
    name,
    prefix,
    region,
    options,
    signal,
    refusesChecksums: () => checksums.areLeftOut,
    async send(operation, request, { key, signal: ownSignal = signal } = {}) {
      let deadline: number | undefined;
      let isWithout = false;
      let earlier = 0;
      for (let pauseMs = shortestPauseMs;; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
        ownSignal.throwIfAborted();
        try {
          const answer = await request(client, { abortSignal: ownSignal });
          hasAnswered = true;
          return answer;
        } catch (error) {
          ownSignal.throwIfAborted();
          await learnSecrets().catch(() => {}); // they may have been renewed since
          const { $metadata } = error as { $metadata?: { httpStatusCode?: number; attempts?: number } };
          if ($metadata?.httpStatusCode !== undefined) hasAnswered = true;
          if (!checksums.areLeftOut && isRefusalOfChecksums(error, operation)) {
            checksums.areLeftOut = isWithout = true;
            continue;
          }
          earlier += $metadata?.attempts ?? 1;
          const problem = toOperatorError(error, { bucket: name, region, endpoint, key, operation, attempts: earlier });
          if (isWithout && !isTransient(problem)) checksums.areLeftOut = false; // they were not the reason
          deadline ??= performance.now() + retryForMs;
          if (!hasAnswered || !isTransient(problem) || performance.now() + pauseMs > deadline) throw problem;
          await pause(pauseMs, ownSignal);
        }
      }
    },
  };
}

/** As aws takes it: the service's own before the one for all. */
function endpointOfEnvironment(): string | undefined {
  if (Deno.env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") === "true") return undefined;
  return Deno.env.get("AWS_ENDPOINT_URL_S3") || Deno.env.get("AWS_ENDPOINT_URL") || undefined;
}

/** Which certificate authorities count, and no others: as aws takes it. */
async function authoritiesOfEnvironment(): Promise<string | undefined> {
  const path = Deno.env.get("AWS_CA_BUNDLE");
  if (!path) return undefined;
  return await Deno.readTextFile(path).catch((error) => {
    throw caBundleUnreadable.error({ path, reason: reasonOf(error) }, { cause: error });
  });
}

/** S3 takes any prefix. `.` and `..` are resolved on the way to the server, and a `/` at an end does not show in paths. */
function parseS3Address(address: string): { name: string; prefix: string } {
  const [, name, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:\/(.*))?$/i.exec(address) ?? [];
  if (name === undefined || /(^|\/)\.\.?(\/|$)|^\/|\/\/$/.test(path)) {
    throw badStoreAddress.bucket.error({ address });
  }
  const prefix = path.replace(/\/$/, "");
  return { name, prefix: prefix === "" ? "" : `${prefix}/` };
}

/**
 * What a bucket's owner has set. Each is a separate question, as a role may be allowed some and not others.
 *
 * @throws {OperatorError} Each: `STORE_FORBIDDEN`, naming the permission; `CANNOT_BE_ASKED` where the server does not
 *   know the question; and whatever a store throws.
 */
export interface BucketSettings {
  /** As this program was told; the bucket's own may differ. */
  readonly region: string;
  /** The region that the server says the bucket is in. */
  actualRegion(): Promise<string>;
  isPublicAccessBlocked(): Promise<boolean>;
  isVersioned(): Promise<boolean>;
  /** How objects are encrypted for which nothing is said, and with which key; undefined where they are not. */
  encryption(): Promise<{ algorithm: string; key?: string } | undefined>;
  isObjectLocked(): Promise<boolean>;
  /** How many rules of its lifecycle are in force. */
  lifecycleRules(): Promise<number>;
  close(): void;
}

/** Opens a bucket's settings. Nothing is asked yet. */
export async function openBucketSettings(address: string, options: StoreOptions): Promise<BucketSettings> {
  const bucket = await openBucket(address, options, options.signal ?? new AbortController().signal);
  const { client } = bucket;
  const Bucket = bucket.name;
  return {
    region: bucket.region,
    async actualRegion() {
      const head = await ask(bucket, "HeadBucket", (how) => client.send(new HeadBucketCommand({ Bucket }), how));
      if (head?.BucketRegion === undefined) throw cannotBeAsked.error({ operation: "HeadBucket" });
      return head.BucketRegion;
    },
    async isPublicAccessBlocked() {
      const request = (how: HowToSend) => client.send(new GetPublicAccessBlockCommand({ Bucket }), how);
      const answer = await ask(bucket, "GetPublicAccessBlock", request, "NoSuchPublicAccessBlockConfiguration");
      const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } =
        answer?.PublicAccessBlockConfiguration ?? {};
      return [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets].every(Boolean);
    },
    async isVersioned() {
      const request = (how: HowToSend) => client.send(new GetBucketVersioningCommand({ Bucket }), how);
      return (await ask(bucket, "GetBucketVersioning", request))?.Status === "Enabled";
    },
    async encryption() {
      const request = (how: HowToSend) => client.send(new GetBucketEncryptionCommand({ Bucket }), how);
      const notSet = "ServerSideEncryptionConfigurationNotFoundError";
      const answer = await ask(bucket, "GetBucketEncryption", request, notSet);
      const rule = answer?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
      return rule?.SSEAlgorithm && { algorithm: rule.SSEAlgorithm, key: rule.KMSMasterKeyID };
    },
    async isObjectLocked() {
      const request = (how: HowToSend) => client.send(new GetObjectLockConfigurationCommand({ Bucket }), how);
      const notSet = "ObjectLockConfigurationNotFoundError";
      const answer = await ask(bucket, "GetObjectLockConfiguration", request, notSet);
      return answer?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
    },
    async lifecycleRules() {
      const request = (how: HowToSend) => client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), how);
      const answer = await ask(bucket, "GetBucketLifecycleConfiguration", request, "NoSuchLifecycleConfiguration");
      return (answer?.Rules ?? []).filter(({ Status }) => Status === "Enabled").length;
    },
    close: () => client.destroy(),
  };
}

interface HowToSend {
  abortSignal: AbortSignal;
}

/** @param notSet What the server calls it that nothing is set. */
async function ask<Output>(
  bucket: Bucket,
  operation: string,
  request: (how: HowToSend) => Promise<Output>,
  notSet?: string,
): Promise<Output | undefined> {
  try {
    return await bucket.send(operation, (_, how) => request(how));
  } catch (error) {
    if (!(error instanceof OperatorError) || !(error.cause instanceof Error)) throw error;
    const { name, $metadata } = error.cause as Error & { $metadata?: { httpStatusCode?: number } };
    if (notSet !== undefined && name === notSet) return undefined;
    const status = $metadata?.httpStatusCode;
    const isUnknown = /^(NotImplemented|MethodNotAllowed|UnsupportedOperation)$/.test(name) || status === 501 ||
      status === 405 || is(error, objectMissing);
    throw isUnknown ? cannotBeAsked.error({ operation }, { cause: error }) : error;
  }
}
