import type { Declaration } from "./declaration.ts";

// Credentials are never among them: the SDK finds them where aws finds them.

/** How to reach and use a store; all of it is for S3. */
export const storeOptions = {
  region: {
    flag: "--region <name>",
    type: "text",
    help: "the bucket's region; else AWS_REGION, AWS_DEFAULT_REGION or the profile's",
  },
  endpoint: {
    flag: "--endpoint <url>",
    type: "http_url",
    help: "another S3 server than Amazon's, addressed by path",
  },
  sse: {
    flag: "--sse <how>",
    type: "choice",
    choices: ["AES256", "aws:kms", "aws:kms:dsse"],
    help: "how the bucket's server encrypts",
  },
  sse_kms_key_id: { flag: "--sse-kms-key-id <key>", type: "text", help: "the key of aws:kms" },
  storage_class: {
    flag: "--storage-class <class>",
    type: "text",
    help: "S3's storage class, such as STANDARD_IA",
  },
  tag: {
    flag: "--tag <name=value>",
    type: "tags",
    help: "tag every object; may be repeated",
    keyHelp: "Tags of every object.",
  },
} as const satisfies Record<string, Declaration>;
