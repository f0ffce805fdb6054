import { z } from "zod";

const count = z.number().int().nonnegative();
const walName = z.string().regex(/^[0-9A-F]{24}$/);

const placeSchema = z.strictObject({
  timeline: count,
  lsn: z.string(),
  /** When a backup ended, or a segment was archived. */
  at: z.iso.datetime().optional(),
});

/** From when to when a cluster can be recovered. */
export const recoveryWindowSchema = z.strictObject({
  source: z.string(),
  system_identifier: z.string().optional(),
  /** The newest timeline. */
  timeline: count,
  /** On the way to it; absent where no backup leads there. */
  oldest: placeSchema.optional(),
  newest: placeSchema.optional(),
  newest_segment: walName.optional(),
  /** How much WAL the archive holds. */
  segments: count,
  size_bytes: count,
  windows: z.array(z.strictObject({
    timeline: count,
    /** The oldest backup that it starts from. */
    backup: z.string(),
    from: placeSchema,
    to: placeSchema,
    ends_at: z.enum(["gap", "newest"]),
  })),
  gaps: z.array(z.strictObject({
    first: walName,
    last: walName,
    segments: count,
    /** Whether it lies on the way to the newest timeline. */
    is_current: z.boolean(),
    /** No moment after it can be recovered … */
    after: z.iso.datetime().optional(),
    /** … until this one; absent: up to now. */
    before: z.iso.datetime().optional(),
  })),
  backups: z.array(z.strictObject({
    name: z.string(),
    timeline: count.optional(),
    /** From where on it can be recovered. */
    lsn: z.string().optional(),
    at: z.iso.datetime().optional(),
    /** Whether all WAL is there that makes it consistent; absent where the tool does not say what it needs. */
    usable: z.boolean().optional(),
    missing: walName.optional(),
  })),
});
