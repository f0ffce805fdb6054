import { z } from "zod";
import { configuredFileSchema } from "../checks/files/configured_file.ts";
import { type Check, checkKinds } from "../checks/kinds.ts";
import { backupOptions, sourceOptions } from "../options/backup_options.ts";
import { connectionOptions, targetOptions } from "../options/connection_options.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { drillOptions } from "../options/restore_options.ts";
import { pruneOptions, statusOptions } from "../options/retention_options.ts";
import { runOptions } from "../options/run_options.ts";
import { ofDatabaseOptions, storeOptions } from "../options/store_options.ts";
import { notifySchema } from "../report/notify_schema.ts";
import { appSchema } from "./app_schema.ts";
import { keysOf } from "./declared_keys.ts";
import { policySchema } from "./policy_schema.ts";
import { stepSchema } from "./step_schema.ts";

// What exists as an option of the command line is declared in lib/options/, for both.

const name = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  "a name can have only letters, digits, dots, dashes and _",
);

/** How to reach and use a store; all but the address is for S3. */
const storeShape = keysOf("store.", storeOptions);

const address = z.string().min(1).describe("A directory, or s3://bucket/prefix.");

export const storeSchema = z.union([
  address,
  z.strictObject({ address, ...storeShape }),
]).transform((store) => typeof store === "string" ? { address: store } : store);

const databaseSchema = z.strictObject(
  keysOf("databases.*.", { ...connectionOptions, ...targetOptions, ...sourceOptions }),
);

const bucketSchema = z.strictObject({
  address,
  ...storeShape,
  inventory: z.boolean().default(false).describe("Record its objects at backup time, and compare at a drill."),
  copy_to: storeSchema.optional().describe("Copy changed objects to this store with each backup."),
});

const evidenceSchema = z.strictObject({
  to: storeSchema.describe("Where to keep signed verdicts, each with the hash of the one before."),
  signing_key: z.string().min(1).describe("The file with the private key, from keygen --signing."),
});

/** The configuration file. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("The JSON Schema of this file, for editors."),
  databases: z.record(name, databaseSchema).default({}).describe("Databases by name. The first is the main one."),
  store: storeSchema.optional().describe("The store for backups."),
  buckets: z.record(name, bucketSchema).default({}).describe("Buckets that rows refer to, by name."),
  files: z.array(configuredFileSchema).default([]).describe("Files that operators manage: keys, trust anchors."),
  checks: z.array(z.discriminatedUnion("kind", checkKinds.map(({ schema }) => schema) as never)).default([]).describe(
    "Checks that a restored system must pass.",
  ) as unknown as z.ZodType<Check[]>,
  steps: z.array(stepSchema).min(1).optional().describe(
    "The order of a restore. Default: databases, checks, applications, their checks.",
  ),
  app: z.record(name, appSchema).default({}).describe("Applications that a drill starts, by name."),
  policy: policySchema.default({}).describe("Limits that a drill must keep."),
  evidence: evidenceSchema.optional().describe("Where to keep signed verdicts."),
  ...keysOf("", { ...ofDatabaseOptions, ...evidenceOptions }),
  notify: notifySchema.optional().describe("Notifications about runs."),
  controls: z.record(z.string().min(1), z.array(z.string().min(1)).min(1)).default({}).describe(
    "Compliance controls, and the commands whose verdicts are evidence for them.",
  ),
  backup: z.strictObject(keysOf("backup.", backupOptions)).default({}).describe("Options of backup."),
  drill: z.strictObject(keysOf("drill.", drillOptions)).default({}).describe("Options of drill."),
  prune: z.strictObject(keysOf("prune.", pruneOptions)).default({}).describe("What prune keeps."),
  status: z.strictObject(keysOf("status.", statusOptions)).default({}).describe("Options of status."),
  ...keysOf("", runOptions),
});

export type ConfigDocument = z.infer<typeof configSchema>;
export type StoreConfig = z.infer<typeof storeSchema>;
export type BucketConfig = z.infer<typeof bucketSchema>;
