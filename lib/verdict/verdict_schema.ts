import { z } from "zod";
import { listedBackupSchema, retentionSchema } from "./backups_schema.ts";
import { recoveryWindowSchema } from "./window_schema.ts";
import { evidenceLogSchema, evidenceSchema } from "./evidence_schema.ts";
import { controlSchema, historyRunSchema, trendSchema } from "./history_schema.ts";

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/** The audit chain at one moment: how many rows, and the hash at its head. */
export const chainSnapshotSchema = z.strictObject({
  phase: z.enum(["workload", "verify"]),
  row_count: count,
  /** `null` where the head row is missing. */
  chain_head_hash: sha256Hex.or(z.string()).nullable(),
  /** Absent when the chain is whole. */
  first_break_id: z.string().optional(),
  /** 0-based; absent when the chain is whole. */
  first_break_pos: count.optional(),
  /** False where the rows have no prev_hash and row_hash, so that the last of them is unknown. */
  head_compared: z.boolean().optional(),
  /** Rows the verifier walked: up to and with the break. */
  verifier_walked: count.optional(),
});

export const assertionSchema = z.strictObject({
  name: z.string(),
  ok: z.boolean(),
  expected: z.unknown(),
  actual: z.unknown(),
  /** The configured check that asserts it. */
  check: z.string().optional(),
  /** It could not be looked at, so it is not `ok`: never a pass, and no proof of a fault either. */
  not_run: z.literal(true).optional(),
  /** What it means when it is not `ok`: a warning, or that a person must look. Absent: the verdict is `fail`. */
  severity: z.enum(["warn", "review"]).optional(),
});

/** A configured check, as it went. */
export const checkSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  /** `warn` and `review`: it found something, and its severity says that this is not a failure. */
  state: z.enum(["pass", "fail", "warn", "review", "not_run"]),
  duration_ms: count,
});

/** Recovery time and point as measured, and their limits. What could not be measured is absent. */
export const recoverySchema = z.strictObject({
  /** From the start to the last required check. */
  rto_ms: count.optional(),
  rto_limit_ms: count.optional(),
  /**
   * From the backup's snapshot to the incident: the start, unless another moment was named. Of a physical backup, where a
   * mark came back: from the last commit that came back to the start.
   */
  rpo_ms: count.optional(),
  rpo_limit_ms: count.optional(),
  /** Of the backup, when the run started. */
  backup_age_ms: count.optional(),
  backup_age_limit_ms: count.optional(),
  // Of a physical backup:
  /** What was asked: `the newest point of the WAL`, `the time 2026-01-02T03:04:05Z`. */
  target: z.string().optional(),
  /** `end`: at the end of the WAL that can be read. */
  stopped_at: z.enum(["target", "end"]).optional(),
  /** Where recovery came to. */
  reached_lsn: z.string().optional(),
  /** The last commit that was replayed. */
  last_commit_at: z.iso.datetime().optional(),
  /** The newest mark of `mark --light` that came back; absent where the last stretch of WAL has none. */
  newest_mark: z.strictObject({ xid: z.string(), at: z.iso.datetime() }).optional(),
  /** The manifest that it was compared with; `0` transactions between is the proof that both show the same ones. */
  mark: z.strictObject({
    name: z.string(),
    database: z.string(),
    at: z.iso.datetime(),
    transactions_between: count,
  }).optional(),
  /** The newest segment of the archive, and when it came there. */
  newest_wal: z.string().optional(),
  newest_wal_at: z.iso.datetime().optional(),
  /** What a loss of the source at the start would have lost, at most: an idle database looks as if it lost much. */
  lost_at_most_ms: count.optional(),
  restore_ms: count.optional(),
  /** From the server's start to the target, in all. */
  recover_ms: count.optional(),
  /** Of it, what the server waited for WAL. */
  wal_fetch_ms: count.optional(),
  replay_ms: count.optional(),
  checks_ms: count.optional(),
  wal_segments: count.optional(),
  wal_bytes: count.optional(),
});

export const findingSchema = z.strictObject({
  /** Stable, in capitals. */
  code: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  /** What is wrong. */
  message: z.string(),
  /** What to do. */
  fix: z.string(),
  /** What a tool or the server said. */
  detail: z.string().optional(),
  /** Which object: a table, an index, a file. */
  object: z.string().optional(),
  expected: z.unknown().optional(),
  actual: z.unknown().optional(),
  /** The configured check that found it. */
  check: z.string().optional(),
  /** A warning leaves the verdict as it is. */
  severity: z.enum(["error", "warning"]).optional(),
});

/** Something that differs and may: it leaves the verdict as it is. */
export const noteSchema = z.strictObject({
  code: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  message: z.string(),
  object: z.string().optional(),
});

/** Which backup a run made or used. */
export const backupSchema = z.strictObject({
  name: z.string(),
  /** Where it lies. */
  path: z.string(),
  manifest: z.string().optional(),
  size_bytes: count,
  /** Of a dump in one file. */
  sha256: sha256Hex.optional(),
  /** Of the manifest, as it lies there. */
  manifest_sha256: sha256Hex.optional(),
  /** The id of the key that signed the manifest: ours at backup, else one that is trusted. */
  signed_by: sha256Hex.optional(),
  snapshot_at: z.string().optional(),
  database: z.string().optional(),
  server: z.string().optional(),
  row_security_enabled: z.boolean().optional(),
});

/** What backups and drills need, as `doctor` found it. */
export const prerequisiteSchema = z.strictObject({
  name: z.string(),
  /** Of which of the configuration's databases. */
  object: z.string().optional(),
  state: z.enum(["pass", "warn", "fail"]),
  message: z.string(),
  fix: z.string().optional(),
});

/** How much was compared. */
export const comparedSchema = z.strictObject({
  tables: count,
  rows: count,
  definitions: count,
  sequences: count,
  large_objects: count,
});

/** What a dump without a manifest brought to a database. */
export const contentsSchema = z.strictObject({
  database: z.string(),
  tables: count,
  rows: count,
  /** Of the first 1,000 tables. */
  rows_by_table: z.array(z.strictObject({
    table: z.string(),
    rows: count,
    /** How many rows the dump's COPY brought; absent where the dump does not say. */
    copied: count.optional(),
  })),
  /** Sequences whose next value is in their column already. */
  sequences_behind: z.array(z.string()),
  /** Constraints that were never validated, and indexes that are not valid. */
  not_valid: z.array(z.string()),
});

/** One database of several that were restored. */
export const restoredSchema = z.strictObject({
  /** As the configuration names it. */
  database: z.string(),
  backup: backupSchema,
  proof: z.enum(["exact", "checked", "recovered", "restored"]).optional(),
  compared: comparedSchema.optional(),
  covers: z.array(z.string()).optional(),
});

/** One way in which the selftest broke a restored copy. */
export const triedMutationSchema = z.strictObject({
  name: z.string(),
  /** Code of the finding that names what was broken; `null` where the comparison missed it. */
  caught_by: z.string().nullable(),
  /** What was broken. */
  object: z.string(),
  /** Everything that had to be found was found, and nothing else. */
  ok: z.boolean(),
  duration_ms: count,
});

/** What kept the dump's code, and what reads the dump, from this host. */
export const isolationSchema = z.strictObject({
  /**
   * `full`; `namespaces`, as an account that database servers trust, and none in reach; `account`, with no more than an
   * separate account; `server`: it runs on a named server, with the rights of a role there; `none`.
   */
  level: z.enum(["full", "namespaces", "account", "server", "none"]),
  /** What it was not kept from, or shared. */
  lacks: z.array(z.enum(["account", "files", "network", "processes", "server"])),
});

export const phaseSchema = z.strictObject({
  name: z.string(),
  /** Absent in verdicts of older versions. Phases may overlap. */
  started_at: z.iso.datetime().optional(),
  duration_ms: count,
});

/** `pgrehearse.verdict/v1`: what every command prints. Fields are added, never renamed. */
export const verdictSchema = z.strictObject({
  schema: z.literal("pgrehearse.verdict/v1"),
  command: z.string(),
  verdict: z.enum(["pass", "fail", "unknown"]),
  proof: z.enum(["exact", "checked", "recovered", "restored"]).optional(),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
  duration_ms: count,
  tool: z.strictObject({ version: z.string(), deno: z.string() }),
  postgres: z.strictObject({
    server: z.string().optional(),
    pg_dump: z.string().optional(),
    pg_restore: z.string().optional(),
    /** Where the run took place. */
    target: z.enum(["throwaway", "scratch", "in_place", "named"]).optional(),
  }),
  /** Of what was restored. */
  isolation: isolationSchema.optional(),
  phases: z.array(phaseSchema),
  assertions: z.array(assertionSchema),
  findings: z.array(findingSchema),
  notes: z.array(noteSchema).optional(),
  backup: backupSchema.optional(),
  compared: comparedSchema.optional(),
  /** What the proof is about: `rows`, `definitions`, `grants`, …. Of several databases, what each of them has. */
  covers: z.array(z.string()).optional(),
  /** Of a dump without a manifest: each database that it brought. */
  contents: z.array(contentsSchema).optional(),
  /** Where the configuration names databases: each of them. */
  restored: z.array(restoredSchema).optional(),
  /** What was asked. */
  config: z.strictObject({
    path: z.string(),
    sha256: sha256Hex,
    /** Where the run was about a share of its databases only: `INDEX/COUNT`. */
    shard: z.string().optional(),
  }).optional(),
  checks: z.array(checkSchema).optional(),
  recovery: recoverySchema.optional(),
  /** What `mark` planted in the WAL. */
  mark: z.strictObject({
    /** The text of the message there. */
    id: z.string(),
    /** Of its transaction: a recovery target. */
    xid: z.string().regex(/^\d+$/),
    /** Behind the message. */
    message_lsn: z.string(),
    /** Behind its commit: another target. */
    lsn: z.string(),
    at: z.iso.datetime(),
    timeline: count,
    system_identifier: z.string(),
  }).optional(),
  /** Of `recovery-window`, and of `status --physical`. */
  recovery_window: recoveryWindowSchema.optional(),
  /** Who has looked at what needs a person's review. */
  reviewed_by: z.string().optional(),
  /** Compliance controls that this run is evidence for, such as `ISO27001-A.8.13`. */
  controls: z.array(z.string()).optional(),
  mutations: z.array(triedMutationSchema).optional(),
  prerequisites: z.array(prerequisiteSchema).optional(),
  /** Where the incident record of a restore lies. */
  restore_record: z.string().optional(),
  /** Newest first; of `list`, as many as are shown. */
  backups: z.array(listedBackupSchema).optional(),
  /** How many backups there are. */
  backup_count: count.optional(),
  retention: retentionSchema.optional(),
  /** The files that `init` wrote. */
  written: z.array(z.string()).optional(),
  /** Whom `backup --encrypt` encrypts for, to be read with the identity that `keygen` wrote. */
  recipient: z.string().optional(),
  /** The key pair that `keygen --signing` made. */
  signing_key: z.strictObject({ id: sha256Hex, public_key: z.string() }).optional(),
  /** Where this verdict was kept as evidence; of `verify-evidence`, what it looked at. */
  evidence: evidenceSchema.optional(),
  /** Of `history --verify`. */
  evidence_log: evidenceLogSchema.optional(),
  /** Every run that a store remembers, newest first. */
  history: z.array(historyRunSchema).optional(),
  trends: z.array(trendSchema).optional(),
  /** Compliance controls with their evidence. */
  control_evidence: z.array(controlSchema).optional(),
  pre: chainSnapshotSchema.optional(),
  post: chainSnapshotSchema.optional(),
  // `workload` and `verify` print their chain snapshot at the top level.
  ...chainSnapshotSchema.partial().shape,
});
