import { z } from "zod";
import { configuredFileSchema } from "../checks/files/configured_file.ts";
import { type Check, checkKinds } from "../checks/kinds.ts";
import { notifySchema } from "../report/notify_schema.ts";
import { durationText, requiredValuesText } from "../values/fields.ts";
import { appSchema } from "./app_schema.ts";
import { policySchema } from "./policy_schema.ts";
import { stepSchema } from "./step_schema.ts";

// Everything that exists as an option of the command line has the same name here, with `_` for `-`.

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "a name is made of letters, digits, dots, dashes and _");
const texts = z.array(z.string().min(1));
const count = z.number().int().min(1);

/** How to reach and use a store; all but the address is for S3. */
const storeShape = {
  region: z.string().min(1).optional().describe("The bucket's region; else AWS_REGION and its like."),
  endpoint: z.url({ protocol: /^https?$/ }).optional().describe("Another S3 server than Amazon's, addressed by path."),
  sse: z.enum(["AES256", "aws:kms", "aws:kms:dsse"]).optional().describe("How the bucket's server encrypts."),
  sse_kms_key_id: z.string().min(1).optional().describe("The key of aws:kms."),
  storage_class: z.string().min(1).optional().describe("S3's storage class, such as STANDARD_IA."),
  tag: z.array(z.string().regex(/^[^=]+=/, "must be name=value")).optional().describe("Tags of every object."),
};

const address = z.string().min(1).describe("A directory, or s3://bucket/prefix.");

export const storeSchema = z.union([
  address,
  z.strictObject({ address, ...storeShape }),
]).transform((store) => typeof store === "string" ? { address: store } : store);

const databaseSchema = z.strictObject({
  url: z.string().min(1).optional().describe(
    "The database to back up, as a URL or libpq's keyword=value; else DATABASE_URL and libpq's variables.",
  ),
  target_url: z.string().min(1).optional().describe("Where restore brings it back."),
  schema: texts.optional().describe("Dump only schemas that match."),
  exclude_schema: texts.optional().describe("Leave out schemas that match."),
  table: texts.optional().describe("Dump only tables that match."),
  exclude_table: texts.optional().describe("Leave out tables that match."),
  exclude_table_data: texts.optional().describe("Leave out the rows of tables that match."),
  distribution: texts.optional().describe("Count rows for each value of these table:column."),
  hash_values: z.boolean().optional().describe("Keep hashes of the values that are counted, not the values."),
  require_values: z.array(requiredValuesText).optional().describe(
    "No backup unless the role sees rows with these: table:column=a,b.",
  ),
  enable_row_security: z.boolean().optional().describe("Accept that row security hides rows from this role."),
});

const bucketSchema = z.strictObject({
  address,
  ...storeShape,
  inventory: z.boolean().default(false).describe("Record at backup time what it holds, and compare at a drill."),
  copy_to: storeSchema.optional().describe("Copy what changed there, with each backup."),
});

const evidenceSchema = z.strictObject({
  to: storeSchema.describe("Where signed verdicts are kept, each with the hash of the one before."),
  signing_key: z.string().min(1).describe("The file with the private key, as keygen --signing wrote it."),
});

/** The configuration file. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("The JSON Schema of this file, for editors."),
  databases: z.record(name, databaseSchema).default({}).describe("By name. The first is the main one."),
  store: storeSchema.optional().describe("Where backups live."),
  buckets: z.record(name, bucketSchema).default({}).describe("Buckets that rows refer to, by name."),
  files: z.array(configuredFileSchema).default([]).describe("Files that operators manage: keys, trust anchors."),
  checks: z.array(z.discriminatedUnion("kind", checkKinds.map(({ schema }) => schema) as never)).default([]).describe(
    "What must hold in a restored system.",
  ) as unknown as z.ZodType<Check[]>,
  steps: z.array(stepSchema).min(1).optional().describe(
    "The order of a restore. Without it: databases, checks, applications, checks of them.",
  ),
  app: z.record(name, appSchema).default({}).describe("Applications that a drill starts, by name."),
  policy: policySchema.default({}).describe("Limits that a drill holds the backup and itself against."),
  evidence: evidenceSchema.optional().describe("Where verdicts are kept, signed."),
  signing_key: z.string().min(1).optional().describe(
    'The file with the private key that signs manifests and drills\' records; else that of "evidence".',
  ),
  trusted_keys: texts.optional().describe(
    "Files with public keys. A drill's record counts, and a manifest counts as signed, if one of them signed it.",
  ),
  notify: notifySchema.optional().describe("Who is told how a run went."),
  controls: z.record(z.string().min(1), z.array(z.string().min(1)).min(1)).default({}).describe(
    "Compliance controls, and the commands whose verdicts are evidence for them.",
  ),
  backup: z.strictObject({
    format: z.enum(["custom", "directory"]).optional().describe("Of the dump."),
    encrypt: texts.optional().describe("Encrypt for these age1… recipients."),
    lock_timeout: durationText.optional().describe("How long to wait for a locked table."),
  }).default({}).describe("Options of backup."),
  drill: z.strictObject({
    into: z.string().min(1).optional().describe("Restore into scratch databases of this server."),
    allow_empty: z.boolean().optional().describe("Let a backup of an empty database pass."),
    trust_dump: z.boolean().optional().describe(
      "Restore also without isolation, and as a superuser of the server: you trust all who can write the dump.",
    ),
    checksum: z.boolean().optional().describe("Compare size and hash of the dump first."),
    privileges: z.boolean().optional().describe("Restore and compare owners and grants as well."),
    record: z.boolean().optional().describe("Keep the verdict beside the backup."),
  }).default({}).describe("Options of drill."),
  prune: z.strictObject({
    keep_last: count.optional().describe("So many of the newest."),
    keep_daily: count.optional().describe("The newest of each of so many days."),
    keep_weekly: count.optional().describe("The newest of each of so many weeks."),
    keep_monthly: count.optional().describe("The newest of each of so many months."),
    keep_safety: durationText.optional().describe(
      "How long backups are kept that restore made of what it replaced; for ever, otherwise.",
    ),
  }).default({}).describe("What prune keeps."),
  status: z.strictObject({
    max_age: durationText.optional().describe("How old the newest backup may be."),
    max_drill_age: durationText.optional().describe("How long ago the last drill may be."),
  }).default({}).describe("Options of status."),
  identity: z.string().min(1).optional().describe("The file with the identity that decrypts."),
  jobs: z.number().int().min(1).max(64).optional().describe("How much is read, restored and compared at a time."),
  wait: durationText.optional().describe("How long to wait for a server to accept connections."),
  timeout: durationText.optional().describe("Give up when all of it takes longer."),
  pg_bin: z.string().min(1).optional().describe("Where the PostgreSQL programs are."),
});

export type ConfigDocument = z.infer<typeof configSchema>;
export type StoreConfig = z.infer<typeof storeSchema>;
export type BucketConfig = z.infer<typeof bucketSchema>;
export type DatabaseConfig = z.infer<typeof databaseSchema>;
