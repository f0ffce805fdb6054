import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
} from "@aws-sdk/client-s3";
import { is } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { objectMissing } from "../findings/stores.ts";
import type { StoreOptions } from "../store.ts";
import { cannotBeAsked } from "./findings.ts";
import { type Bucket, openBucket } from "./s3_client.ts";

/**
 * What a bucket's owner has set. Each is a question of its own, as a role may be allowed some and not others.
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
