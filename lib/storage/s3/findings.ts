import { defineFinding, defineFindings } from "../../system/define_finding.ts";

/** An S3 object or bucket, and what the server said. */
interface Refused {
  /** `s3://bucket/key`. */
  where: string;
  said: string;
}
const where = "s3://shop-backups/shop-20260102T030405Z.dump";

export const regionMissing = defineFinding({
  code: "REGION_MISSING",
  means: "unknown",
  says: ({ bucket }: { bucket: string }) => ({
    message: `Nothing says in which region the bucket ${bucket} is.`,
    fix: "Say it with --region or AWS_REGION. Servers other than Amazon's mostly take us-east-1.",
  }),
  examples: [{ bucket: "shop-backups" }],
});

export const wrongRegion = defineFinding({
  code: "WRONG_REGION",
  means: "unknown",
  says: ({ bucket, actual, asked, said }: { bucket: string; actual: string; asked: string; said: string }) => ({
    message: `The bucket ${bucket} is in ${actual}, not in ${asked}.`,
    fix: `Say --region ${actual}.`,
    detail: said,
  }),
  examples: [{
    bucket: "shop-backups",
    actual: "eu-central-1",
    asked: "us-east-1",
    said: "PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint.",
  }],
});

export const credentialsMissing = defineFinding({
  code: "CREDENTIALS_MISSING",
  means: "unknown",
  says: ({ bucket, reason }: { bucket: string; reason: string }) => ({
    message: `Found no credentials for the bucket ${bucket}: ${reason}.`,
    fix: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run with a role that has them.",
  }),
  examples: [{ bucket: "shop-backups", reason: "Could not load credentials from any providers" }],
});

export const credentialsRejected = defineFinding({
  code: "CREDENTIALS_REJECTED",
  means: "unknown",
  says: ({ where, said, name }: Refused & { name: string }) => ({
    message: `The server of ${where} does not accept these credentials: ${name}.`,
    fix: "Renew them, and check which profile or role this host uses.",
    detail: said,
  }),
  examples: [{ where, name: "ExpiredToken", said: "ExpiredToken: The provided token has expired." }],
});

export const clockSkew = defineFinding({
  code: "CLOCK_SKEW",
  means: "unknown",
  says: ({ where, said }: Refused) => ({
    message: `This host's clock is too far from the server's of ${where}.`,
    fix: "Set the clock (NTP).",
    detail: said,
  }),
  examples: [{ where, said: "RequestTimeTooSkewed: The difference between the request time and ours is too large." }],
});

export const bucketMissing = defineFinding({
  code: "BUCKET_MISSING",
  means: "unknown",
  says: ({ bucket, said }: { bucket: string; said: string }) => ({
    message: `There is no bucket ${bucket}.`,
    fix: "Check its name and the account; pgrehearse does not make buckets.",
    detail: said,
  }),
  examples: [{ bucket: "shop-backups", said: "NoSuchBucket: The specified bucket does not exist." }],
});

export const storeUnreachable = defineFinding({
  code: "STORE_UNREACHABLE",
  means: "unknown",
  says: ({ where, server, reason, attempts, proxy, said }: Refused & {
    server: string;
    reason: string;
    attempts: number | undefined;
    /** The variable that names one. */
    proxy?: string;
  }) => ({
    message: `Cannot reach ${where} at ${server}: ${reason}${attempts ? ` (${attempts} attempts)` : ""}.`,
    fix: "Check the network, --endpoint, and the server's own state; then again." +
      (proxy === undefined ? "" : ` ${proxy} is set, but buckets are reached without a proxy.`),
    detail: said,
  }),
  examples: [{
    where,
    server: "S3 in eu-central-1",
    reason: "connect ECONNREFUSED",
    attempts: 7,
    said: "Error: connect ECONNREFUSED",
    proxy: "https_proxy",
  }],
});

export const storeRefused = defineFindings({
  code: "STORE_REFUSED",
  means: "unknown",
  situations: {
    operation: {
      says: ({ where, operation, reason, said }: Refused & { operation: string; reason: string }) => ({
        message: `The server refused ${operation} for ${where}: ${reason}.`,
        fix: "See what it said.",
        detail: said,
      }),
      examples: [{ where, operation: "PutObject", reason: "Quota exceeded", said: "XMinioAdminBucketQuotaExceeded" }],
    },
    endlessAnswer: {
      says: ({ where, operation, reason, said }: Refused & { operation: string; reason: string }) => ({
        message: `The server of ${where} answers ${operation} without end: ${reason}.`,
        fix: "Check --endpoint, and what lies between: an S3 server does not answer so.",
        detail: said,
      }),
      examples: [{ where, operation: "ListObjectsV2", reason: "more than 16 MiB", said: "AnswerTooLarge: 16 MiB" }],
    },
    endlessListing: {
      says: ({ bucket, how }: { bucket: string; how: string }) => ({
        message: `The server lists s3://${bucket} without end: ${how}.`,
        fix:
          "Check --endpoint, and what lies between. If there are as many objects, give the backups a prefix of their " +
          "own.",
      }),
      examples: [{ bucket: "shop-backups/shop/", how: "its pages lead back to others" }],
    },
    noParts: {
      says: ({ key }: { key: string }) => ({
        message: `The server of ${key} does not send parts of an object.`,
        fix: "Use a server that honours Range, as S3 does.",
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
  },
});

const wrongBytes = "Do not trust this server, or what lies between, before the reason is known.";

export const checksumMismatch = defineFindings({
  code: "CHECKSUM_MISMATCH",
  means: "fail",
  situations: {
    onTheWay: {
      means: "unknown",
      says: ({ where, said }: Refused) => ({
        message: `What arrived at ${where} is not what was sent.`,
        fix: "Something between alters bytes: check proxies and the network.",
        detail: said,
      }),
      examples: [{ where, said: "BadDigest: The Content-MD5 you specified did not match what we received." }],
    },
    missing: {
      says: ({ key }: { key: string }) => ({
        message: `What the server holds as ${key} is not what was sent: there is no such object.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
    size: {
      says: ({ key, held, sent }: { key: string; held: number | undefined; sent: number }) => ({
        message: `What the server holds as ${key} is not what was sent: ${
          held ?? "unknown"
        } bytes, and ${sent} were sent.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump", held: 52_428_800, sent: 84_102_311 }],
    },
    checksum: {
      says: ({ key }: { key: string }) => ({
        message: `What the server holds as ${key} is not what was sent: its checksum differs.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
    readBack: {
      says: ({ key }: { key: string }) => ({
        message: `What the server holds as ${key} is not what was sent: read back, its hash differs.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
  },
});

export const sseNotApplied = defineFinding({
  code: "SSE_NOT_APPLIED",
  means: "fail",
  says: ({ key, asked, applied }: { key: string; asked: string; applied: string | undefined }) => ({
    message:
      `The server stored ${key} ${applied === undefined ? "unencrypted" : `with ${applied}`}, although ${asked} ` +
      "was asked for.",
    fix: "Use a server that encrypts so, or leave --sse out and use --encrypt.",
  }),
  examples: [{ key: "shop-20260102T030405Z.dump", asked: "aws:kms", applied: "AES256" }],
});

export const objectTooLarge = defineFinding({
  code: "OBJECT_TOO_LARGE",
  means: "unknown",
  says: () => ({
    message: "The dump is larger than one S3 object can be made of parts: 312 GiB.",
    fix: "Use --format directory: every table is an object of its own.",
  }),
});

export const cannotBeAsked = defineFinding({
  code: "CANNOT_BE_ASKED",
  means: "unknown",
  says: ({ operation }: { operation: string }) => ({
    message: `The server does not know ${operation}.`,
    fix: "Look it up in the server's own settings.",
  }),
  examples: [{ operation: "GetBucketEncryption" }],
});
