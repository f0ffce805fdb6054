import { S3Client } from "@aws-sdk/client-s3";
import { registerSecret } from "../../system/redact.ts";
import { badStoreAddress } from "../findings/stores.ts";
import type { StoreOptions } from "../store.ts";
import { credentialsMissing, regionMissing } from "./findings.ts";
import { boundAnswers } from "./s3_bounds.ts";
import { toOperatorError } from "./s3_error.ts";

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
  /**
   * Sends one request; what goes wrong becomes an error for operators. The SDK tries again what may pass.
   *
   * @param operation As the API calls it; names the permission in a refusal.
   */
  send<Output>(
    operation: string,
    request: (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<Output>,
    what?: { key?: string; signal?: AbortSignal },
  ): Promise<Output>;
}

/** How often a request is sent at most, with growing pauses between: about a quarter of a minute in all. */
export const maxAttempts = 7;

/** How long a connection may stay silent. */
const silenceMs = 60_000;

/**
 * Credentials come from the SDK's own chain: environment, shared files, web identity, instance metadata.
 *
 * @throws {OperatorError} `BAD_STORE_ADDRESS`, `REGION_MISSING`, `CREDENTIALS_MISSING`.
 */
export async function openBucket(address: string, options: StoreOptions, signal: AbortSignal): Promise<Bucket> {
  const { name, prefix } = parseS3Address(address);
  const { endpoint } = options;
  const client = new S3Client({
    region: options.region || Deno.env.get("AWS_REGION") || Deno.env.get("AWS_DEFAULT_REGION") || undefined,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    maxAttempts,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: silenceMs },
    // Checksums are SHA-256 and ours: the server compares them, and we ask them back.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Deno's node:http never sees the server's "100 Continue".
    expectContinueHeader: false,
    logger: { debug() {}, info() {}, warn() {}, error() {} }, // stderr is ours
  });
  boundAnswers(client);
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
  return {
    client,
    name,
    prefix,
    region,
    options,
    signal,
    async send(operation, request, { key, signal: ownSignal = signal } = {}) {
      ownSignal.throwIfAborted();
      try {
        return await request(client, { abortSignal: ownSignal });
      } catch (error) {
        ownSignal.throwIfAborted();
        await learnSecrets().catch(() => {}); // they may have been renewed since
        throw toOperatorError(error, { bucket: name, region, endpoint, key, operation });
      }
    },
  };
}

function parseS3Address(address: string): { name: string; prefix: string } {
  const [, name, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:\/(.*))?$/i.exec(address) ?? [];
  if (name === undefined || /[?#]|\/\//.test(path)) {
    throw badStoreAddress.bucket.error({ address });
  }
  const prefix = path.replace(/\/$/, "");
  return { name, prefix: prefix === "" ? "" : `${prefix}/` };
}
