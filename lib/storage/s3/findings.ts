import { defineFinding, defineFindings } from "../../system/define_finding.ts";
import { sizeText } from "../../system/quantities.ts";

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
    message: `The region of the bucket ${bucket} is unknown.`,
    fix: "Set --region or AWS_REGION. Servers other than Amazon's mostly accept us-east-1.",
  }),
  examples: [{ bucket: "shop-backups" }],
});

export const wrongRegion = defineFinding({
  code: "WRONG_REGION",
  means: "unknown",
  says: ({ bucket, actual, asked, said }: { bucket: string; actual: string; asked: string; said: string }) => ({
    message: `The bucket ${bucket} is in ${actual}, not in ${asked}.`,
    fix: `Use --region ${actual}.`,
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
    message: `This host's clock differs too much from the clock of the server of ${where}.`,
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
    fix: "Check its name and the account. pgrehearse does not create buckets.",
    detail: said,
  }),
  examples: [{ bucket: "shop-backups", said: "NoSuchBucket: The specified bucket does not exist." }],
});

export const caBundleUnreadable = defineFinding({
  code: "CA_BUNDLE_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read ${path}, which AWS_CA_BUNDLE names: ${reason}.`,
    fix: "Name a file with the certificates of the authorities in PEM, or unset AWS_CA_BUNDLE.",
  }),
  examples: [{ path: "/etc/ssl/s3-ca.pem", reason: "no such file" }],
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
    fix: "Check the network, --endpoint and the server, then try again." +
      (proxy === undefined ? "" : ` ${proxy} is set, but pgrehearse reaches buckets without a proxy.`),
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
        fix: "Read the server's message.",
        detail: said,
      }),
      examples: [{ where, operation: "PutObject", reason: "Quota exceeded", said: "XMinioAdminBucketQuotaExceeded" }],
    },
    endlessAnswer: {
      says: ({ where, operation, reason, said }: Refused & { operation: string; reason: string }) => ({
        message: `The server of ${where} does not stop answering ${operation}: ${reason}.`,
        fix: "Check --endpoint, and proxies on the way. An S3 server does not answer like this.",
        detail: said,
      }),
      examples: [{ where, operation: "ListObjectsV2", reason: "more than 16 MiB", said: "AnswerTooLarge: 16 MiB" }],
    },
    endlessListing: {
      says: ({ bucket, how }: { bucket: string; how: string }) => ({
        message: `The server does not stop listing s3://${bucket}: ${how}.`,
        fix:
          "Check --endpoint, and proxies on the way. If the bucket really has this many objects, give the backups their own " +
          "prefix.",
      }),
      examples: [{ bucket: "shop-backups/shop/", how: "its pages lead back to others" }],
    },
    noParts: {
      says: ({ key }: { key: string }) => ({
        message: `The server of ${key} cannot send a part of an object.`,
        fix: "Use a server that honours Range, as S3 does.",
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
  },
});

const wrongBytes = "Do not trust this server, or the proxies on the way, until you know the reason.";

export const checksumMismatch = defineFindings({
  code: "CHECKSUM_MISMATCH",
  means: "fail",
  situations: {
    onTheWay: {
      means: "unknown",
      says: ({ where, said }: Refused) => ({
        message: `What arrived at ${where} differs from what was sent.`,
        fix: "Something on the way changes bytes. Check proxies and the network.",
        detail: said,
      }),
      examples: [{ where, said: "BadDigest: The Content-MD5 you specified did not match what we received." }],
    },
    missing: {
      says: ({ key }: { key: string }) => ({
        message: `The server did not store ${key}: there is no such object.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
    size: {
      says: ({ key, held, sent }: { key: string; held: number | undefined; sent: number }) => ({
        message: `The server's copy of ${key} differs from what was sent: ${sizeDifference(held, sent)}.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump", held: 52_428_800, sent: 84_102_311 }],
    },
    checksum: {
      says: ({ key }: { key: string }) => ({
        message: `The server's copy of ${key} differs from what was sent: its checksum differs.`,
        fix: wrongBytes,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump" }],
    },
    readBack: {
      says: ({ key }: { key: string }) => ({
        message: `The server's copy of ${key} differs from what was sent: when read back, its hash differs.`,
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
    fix: "Use a server that encrypts in this way, or leave out --sse and use --encrypt.",
  }),
  examples: [{ key: "shop-20260102T030405Z.dump", asked: "aws:kms", applied: "AES256" }],
});

export const objectTooLarge = defineFinding({
  code: "OBJECT_TOO_LARGE",
  means: "unknown",
  says: () => ({
    message: "The dump is too large for one S3 object: the limit is 312 GiB.",
    fix: "Use --format directory: then every table becomes a separate object.",
  }),
});

export const cannotBeAsked = defineFinding({
  code: "CANNOT_BE_ASKED",
  means: "unknown",
  says: ({ operation }: { operation: string }) => ({
    message: `The server does not support ${operation}.`,
    fix: "Look it up in the server's own settings.",
  }),
  examples: [{ operation: "GetBucketEncryption" }],
});

function sizeDifference(held: number | undefined, sent: number): string {
  if (held === undefined) return "its size is unknown";
  return held < sent
    ? `${sizeText(sent - held)} of ${sizeText(sent)} are missing`
    : `it has ${sizeText(held - sent)} more than the ${sizeText(sent)} that were sent`;
}
