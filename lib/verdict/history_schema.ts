import { z } from "zod";

const count = z.number().int().nonnegative();

/** A run that a store remembers. */
export const historyRunSchema = z.strictObject({
  command: z.string(),
  started_at: z.iso.datetime(),
  /** When it ended. A restore that never did has none. */
  at: z.iso.datetime().optional(),
  verdict: z.enum(["pass", "fail", "unknown"]),
  proof: z.enum(["exact", "checked", "recovered", "restored"]).optional(),
  backup: z.string().optional(),
  database: z.string().optional(),
  /** Of the dump. */
  size_bytes: count.optional(),
  duration_ms: count.optional(),
  rto_ms: count.optional(),
  rto_limit_ms: count.optional(),
  rpo_ms: count.optional(),
  rpo_limit_ms: count.optional(),
  /** Compliance controls that it is evidence for. */
  controls: z.array(z.string()).optional(),
  /** The files that remember it. */
  records: z.array(z.string()),
  /** Whether its evidence is what was signed; `unsigned` if there is none, `unchecked` without a key to check it by. */
  evidence: z.enum(["intact", "altered", "signed_by_other", "unchecked", "unsigned"]),
});

/** Where a quantity is going. */
export const trendSchema = z.strictObject({
  database: z.string(),
  quantity: z.enum(["rto_ms", "size_bytes"]),
  /** How many runs it rests on. */
  point_count: count,
  /** Fewer than five runs say nothing about where it goes: then the rest is absent. */
  state: z.enum(["too_few", "no_limit", "below_limit", "crosses_limit", "above_limit"]),
  /** Median of the slopes between any two runs. */
  per_day: z.number().optional(),
  /** By the trend, at the newest run. */
  now: z.number().optional(),
  limit: count.optional(),
  /** When the trend reaches the limit, if it ever does. */
  crosses_at: z.iso.datetime().optional(),
});

/** A compliance control and what there is to show for it. */
export const controlSchema = z.strictObject({
  control: z.string(),
  /** Absent if there never was one. */
  last_pass_at: z.iso.datetime().optional(),
  /** Newest first. */
  evidence: z.array(historyRunSchema.omit({ controls: true })),
});
