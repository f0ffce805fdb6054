import type { Declarations } from "./declaration.ts";

// Credentials are never among them: the SDK finds them where aws finds them.

/** How to reach a bucket; every command that looks into a store has them. */
export const reachOptions = {
  region: {
    flag: "--region <name>",
    key: "store.region",
    type: "text",
    help: "the bucket's region",
    usual: "AWS_REGION, AWS_DEFAULT_REGION, or the profile's",
    example: "eu-central-1",
  },
  endpoint: {
    flag: "--endpoint <url>",
    key: "store.endpoint",
    type: "http_url",
    help: "URL of an S3-compatible server",
    usual: "AWS_ENDPOINT_URL_S3, or AWS_ENDPOINT_URL",
    example: "https://s3.example.com",
  },
  retryForMs: {
    flag: "--retry-for <duration>",
    key: "store.retry_for",
    type: "duration",
    default: "15m",
    help: "how long to retry when the bucket's server is unreachable or overloaded, once it has answered",
  },
  addressing: {
    flag: "--addressing <how>",
    key: "store.addressing",
    type: "choice",
    choices: ["auto", "path", "virtual"],
    default: "auto",
    help: "whether the bucket is in the path or in the server's name; auto: in the path if there is an endpoint",
  },
} as const satisfies Declarations;

/** How to reach and use a store; all of it is for S3. */
export const storeOptions = {
  ...reachOptions,
  sse: {
    flag: "--sse <how>",
    key: "store.sse",
    type: "choice",
    choices: ["AES256", "aws:kms", "aws:kms:dsse"],
    help: "how the bucket's server encrypts objects",
  },
  sseKmsKeyId: {
    flag: "--sse-kms-key-id <key>",
    key: "store.sse_kms_key_id",
    type: "text",
    help: "the KMS key, for aws:kms",
  },
  storageClass: {
    flag: "--storage-class <class>",
    key: "store.storage_class",
    type: "text",
    help: "S3 storage class, such as STANDARD_IA",
  },
  tags: {
    flag: "--tag <name=value>",
    key: "store.tag",
    type: "tags",
    help: "a tag for every object; repeatable",
    keyHelp: "Tags for every object.",
    example: "team=storage",
  },
} as const satisfies Declarations;

/** Which store a command looks into: the one that is named, else the configuration's. */
export const fromOptions = {
  from: {
    flag: "--from <store>",
    key: "store.address",
    type: "text",
    help: "the directory or s3://bucket/prefix with the backups",
    usual: "the configuration's",
  },
} as const satisfies Declarations;

/** Where a command writes backups. */
export const toOptions = {
  to: {
    flag: "--to <store>",
    key: "store.address",
    type: "text",
    help: "the directory or s3://bucket/prefix for the backup",
  },
} as const satisfies Declarations;

/** Whose backups in the store are meant, and whose signatures count. */
export const ofDatabaseOptions = {
  database: {
    flag: "--database <name>",
    type: "text",
    help: "only backups of this database (its name, or its name in the configuration)",
  },
  systemIdentifier: {
    flag: "--system-identifier <id>",
    type: "text",
    help: "only backups of this cluster, if several have a database of that name",
  },
  trustedKeys: {
    flag: "--trusted-key <file>",
    key: "trusted_keys",
    type: "texts",
    help: "trust only what this public key signed; repeatable",
    keyHelp: "Files with public keys. Only manifests and drills' records that one of them signed are trusted.",
  },
} as const satisfies Declarations;

/** The database whose runs are looked back at. */
export const databaseOptions = { database: ofDatabaseOptions.database } as const satisfies Declarations;

// Which of them is meant is a question that each run answers: no variable does.

/** Which backup in the store is meant. */
export const whichOptions = {
  latest: { flag: "--latest", type: "switch", env: false, help: "use the newest backup in --from" },
  from: { ...fromOptions.from, help: "the directory or s3://bucket/prefix with the backups" },
  before: {
    flag: "--before <time>",
    type: "moment",
    env: false,
    help: "use the newest backup whose snapshot was taken before this time",
    example: "2026-01-02T03:04:05Z",
  },
  drilled: { flag: "--drilled", type: "switch", env: false, help: "use the newest backup that passed a drill" },
  ...ofDatabaseOptions,
  incidentAt: {
    flag: "--incident-at <time>",
    type: "moment",
    env: false,
    help: "time of the incident; newer backups are used only if you name them",
    usual: "now",
    example: "2026-01-02T03:04:05Z",
  },
} as const satisfies Declarations;
