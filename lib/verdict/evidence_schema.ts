import { z } from "zod";

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** A verdict that was signed and kept. */
export const evidenceSchema = z.strictObject({
  /** Where it lies. */
  record: z.string(),
  /** Of the record; the next one carries it. */
  sha256: sha256Hex,
  /** Its place in the evidence log, from 1. */
  sequence: z.number().int().positive().optional(),
  /** Of the record before. */
  previous_sha256: z.string().optional(),
  /** SHA-256 of the public key (SubjectPublicKeyInfo). Of a record that was looked at: whose signature it bears. */
  key_id: sha256Hex.optional(),
  /** Of a record that was looked at. */
  state: z.enum(["intact", "altered", "signed_by_other", "not_evidence"]).optional(),
  /** What a record that was looked at says; not to be believed unless it is intact. */
  says: z.strictObject({
    command: z.string(),
    verdict: z.enum(["pass", "fail", "unknown"]),
    proof: z.enum(["exact", "checked", "recovered", "restored"]).optional(),
    finished_at: z.string(),
    subjects: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
  }).optional(),
});

/** The evidence log as a whole. */
export const evidenceLogSchema = z.strictObject({
  store: z.string(),
  record_count: z.number().int().nonnegative(),
  /** Every signature, every link, no gap; and the head that was asked for is there. */
  is_whole: z.boolean(),
  /** Of the newest record: who remembers it notices later that the end was cut off. */
  head: z.strictObject({ sequence: z.number().int().positive(), sha256: sha256Hex }).optional(),
  /** Records since the head that was asked for. */
  since_head: z.number().int().nonnegative().optional(),
  /** Keys whose signatures are in it, with how many. */
  signers: z.array(z.strictObject({ key_id: sha256Hex, record_count: z.number().int().positive() })),
});
