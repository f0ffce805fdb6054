import { OperatorError } from "../../system/operator_error.ts";
import { redact } from "../../system/redact.ts";

/** What a request was about. */
export interface RequestContext {
  bucket: string;
  region: string;
  endpoint?: string;
  key?: string;
  /** As the API calls it: `PutObject`. */
  operation: string;
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

/** Says what a refusal or failure means, and what to do about it. */
export function toOperatorError(thrown: unknown, context: RequestContext): OperatorError {
  if (thrown instanceof OperatorError) return thrown;
  const error = thrown as S3Failure;
  const { bucket, region, key, operation } = context;
  const status = error.$metadata?.httpStatusCode;
  const where = key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;
  const said = redact(error.message ?? String(error));
  const fail = (code: string, message: string, fix: string) =>
    new OperatorError(code, message, { fix, detail: `${error.name}: ${said}`, cause: thrown });

  const bucketRegion = error.$response?.headers?.["x-amz-bucket-region"] ?? error.Region;
  if (bucketRegion && bucketRegion !== region && status !== undefined && status >= 300 && status < 500) {
    const message = `The bucket ${bucket} is in ${bucketRegion}, not in ${region}.`;
    return fail("WRONG_REGION", message, `Say --region ${bucketRegion}.`);
  }
  if (error.name === "AnswerTooLarge") {
    const fix = "Check --endpoint, and what lies between: this is no S3 server's answer.";
    return fail("STORE_REFUSED", `The server of ${where} answers ${operation} without end: ${said}.`, fix);
  }
  if (error.name === "NoSuchBucket") {
    const fix = "Check its name and the account; pgrehearse does not make buckets.";
    return fail("BUCKET_MISSING", `There is no bucket ${bucket}.`, fix);
  }
  if (key !== undefined && /object.?lock|WORM|retention|legal hold/i.test(said) || error.name === "ObjectLocked") {
    return fail("OBJECT_LOCKED", `${where} is locked.`, "It can go once its retention has ended.");
  }
  if (/^RequestTimeTooSkewed$/.test(error.name)) {
    return fail("CLOCK_SKEW", `This host's clock is too far from the server's of ${where}.`, "Set the clock (NTP).");
  }
  if (rejectedCredentials.test(error.name)) {
    const message = `The server of ${where} does not accept these credentials: ${error.name}.`;
    return fail("CREDENTIALS_REJECTED", message, "Renew them, and check which profile or role this host uses.");
  }
  if (status === 403 || error.name === "AccessDenied") {
    // A refusal by KMS comes as S3's own, and names its action.
    const permission = /perform:? ([a-z0-9-]+:\w+)/i.exec(said)?.[1] ?? permissions[operation] ?? `s3:${operation}`;
    const orMissing = status === 403 && (operation === "HeadObject" || operation === "GetObject")
      ? " If it has it: without s3:ListBucket, what is missing looks forbidden."
      : "";
    const fix = `Grant ${permission} on it to this host's role or user.${orMissing}`;
    return fail("STORE_FORBIDDEN", `No permission ${permission} for ${where}.`, fix);
  }
  if (status === 404) {
    return fail("OBJECT_MISSING", `There is no ${where}.`, "List what is there with pgrehearse list.");
  }
  if (status === 412) {
    return fail("OBJECT_CHANGED", `${where} was replaced while it was being read.`, "Run it again.");
  }
  if (/^(BadDigest|InvalidDigest|XAmzContentChecksumMismatch|XAmzContentSHA256Mismatch)$/.test(error.name)) {
    const message = `What arrived at ${where} is not what was sent.`;
    return fail("CHECKSUM_MISMATCH", message, "Something between alters bytes: check proxies and the network.");
  }
  if (status === undefined || status >= 500 || mayPass.test(error.name)) {
    const server = context.endpoint ?? `S3 in ${region}`;
    const times = error.$metadata?.attempts ? ` (${error.$metadata.attempts} attempts)` : "";
    const message = `Cannot reach ${where} at ${redact(server)}: ${said || error.code || error.name}${times}.`;
    return fail("STORE_UNREACHABLE", message, "Check the network, --endpoint, and the server's own state; then again.");
  }
  return fail("STORE_REFUSED", `The server refused ${operation} for ${where}: ${said}.`, "See what it said.");
}

/** Whether trying again may help: what is final has a sentence of its own. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof OperatorError) || error.code === "STORE_UNREACHABLE";
}
