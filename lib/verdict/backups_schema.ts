import { z } from "zod";

const count = z.number().int().nonnegative();

/** A backup as `list` and `status` show it. */
export const listedBackupSchema = z.strictObject({
  name: z.string(),
  /** As its manifest has it, else its name. */
  database: z.string(),
  /** Of the cluster it is of. */
  system_identifier: z.string().optional(),
  /** Of what a restore was about to replace. */
  purpose: z.literal("safety").optional(),
  taken_at: z.iso.datetime(),
  age_ms: count,
  /** `unfinished` lacks its manifest, `dump_missing` its dump. */
  state: z.enum(["finished", "unfinished", "dump_missing"]),
  /** Of the dump, as it lies in the store. */
  size_bytes: count,
  format: z.enum(["custom", "directory"]).optional(),
  encrypted: z.boolean(),
  /** PostgreSQL's version. */
  server: z.string().optional(),
  /** The last drill; absent if there was none. */
  drill: z.strictObject({
    at: z.iso.datetime(),
    verdict: z.enum(["pass", "fail", "unknown"]),
    proof: z.enum(["exact", "checked", "recovered", "restored"]).optional(),
    /** The file in the store. */
    record: z.string(),
  }).optional(),
});

/** What `prune` keeps and removes. */
export const retentionSchema = z.strictObject({
  policy: z.strictObject({
    keep_last: count.optional(),
    keep_daily: count.optional(),
    keep_weekly: count.optional(),
    keep_monthly: count.optional(),
    /** How long backups are kept that a restore made of what it replaced; for ever, where it is absent. */
    keep_safety_ms: count.optional(),
  }),
  keep: z.array(z.strictObject({ name: z.string(), reasons: z.array(z.string()) })),
  remove: z.array(z.strictObject({
    name: z.string(),
    size_bytes: count,
    /** False before it happens, without `--yes`, and where it could not be. */
    removed: z.boolean(),
  })),
});
