import { createHash } from "node:crypto";
import { addressIn } from "../storage/backup_name.ts";
import { openStore } from "../storage/open_store.ts";
import type { Store, StoreOptions } from "../storage/store.ts";
import { inParallel } from "../system/in_parallel.ts";
import { afterGrace, pause } from "../system/timer.ts";
import type { Evidence, Finding, Verdict } from "../verdict/verdict.ts";
import { evidenceContended, evidenceUnguarded } from "./findings.ts";
import { type ExaminedEvidence, examineEvidence, sealEvidence } from "./sealed_verdict.ts";
import { readSigningKey, type SigningKey, type VerificationKey } from "./signing_key.ts";

// The evidence log: signed verdicts, numbered from 1, each with the hash of the one before.

const prefix = "evidence-";
const pattern = /^evidence-(\d{8,15})\.dsse\.json$/;

/** A verdict with all its assertions has kilobytes. */
const largestEntryBytes = 64 * 1024 * 1024;

/** The name of an entry. */
function entryName(sequence: number): string {
  return `${prefix}${String(sequence).padStart(8, "0")}.dsse.json`;
}

/** Which entries a store holds, oldest first, by their names alone. */
async function entriesIn(store: Store): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { name } of store.list({ prefix })) {
    const [, digits] = pattern.exec(name) ?? [];
    if (digits !== undefined && entryName(Number(digits)) === name) sequences.push(Number(digits));
  }
  return sequences.sort((a, b) => a - b);
}

/** The whole of an entry. */
export async function readEntry(store: Store, name: string): Promise<Uint8Array> {
  return await new Response(store.read(name, { length: largestEntryBytes })).bytes();
}

/** An entry of the log, examined. */
export interface LogEntry extends ExaminedEvidence {
  name: string;
  /** As its name has it. */
  sequence: number;
}

/** Reads and examines the whole log, oldest first. */
export async function readLog(store: Store, keys: readonly VerificationKey[]): Promise<LogEntry[]> {
  return await inParallel(await entriesIn(store), 16, async (sequence) => {
    const name = entryName(sequence);
    return { ...examineEvidence(await readEntry(store, name), keys), name, sequence };
  });
}

/**
 * Adds a verdict to the log. If another run adds one at the same moment, ours comes after it.
 *
 * @returns What the verdict says about where it is kept; `isGuarded` is false where the server lets two writers overwrite
 *   each other.
 */
export async function appendEvidence(
  store: Store,
  verdict: Verdict,
  key: SigningKey,
): Promise<{ evidence: Evidence; isGuarded: boolean }> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const last = await lastOfLog(store, await entriesOf(store), key.verificationKey);
    const previous = last === undefined
      ? undefined
      : createHash("sha256").update(await readEntry(store, entryName(last))).digest("hex");
    const sequence = (last ?? 0) + 1;
    const { text, sha256 } = sealEvidence(verdict, { sequence, previous, key });
    const name = entryName(sequence);
    const claim = await store.claim(name, new TextEncoder().encode(text));
    if (claim !== "taken") {
      const evidence = {
        record: addressIn(store.address, name),
        sha256,
        sequence,
        ...(previous !== undefined && { previous_sha256: previous }),
        key_id: key.verificationKey.id,
      };
      return { evidence, isGuarded: claim === "claimed" };
    }
    await pause(Math.random() * 20 * Math.min(attempt, 10));
  }
  throw evidenceContended.error({ store: store.address });
}

const mostAttempts = 100;

/** Records are removed, and whole beginnings archived; but nobody's log leaves out more than this. */
const widestGap = 10_000;
/** How many of a run's newest entries, and how many runs, are looked at for a signature of ours. */
const mostLookedAt = 20;

/**
 * Finds the entry that the next one comes after. An attacker may have planted one with a far number, to have the log go on
 * there and end soon: where numbers leap, the log is the run of numbers that has our own signature, else the longest.
 */
async function lastOfLog(
  store: Store,
  sequences: readonly number[],
  key: VerificationKey,
): Promise<number | undefined> {
  const runs: number[][] = [];
  for (const sequence of sequences) {
    const run = runs.at(-1);
    if (run && sequence - run.at(-1)! <= widestGap) run.push(sequence);
    else runs.push([sequence]);
  }
  if (runs.length < 2) return sequences.at(-1);
  for (const run of runs.slice(-mostLookedAt).reverse()) {
    for (const sequence of run.slice(-mostLookedAt).reverse()) {
      const { state, statement } = examineEvidence(await readEntry(store, entryName(sequence)), [key]);
      if (state === "intact" && statement?.predicate.log.sequence === sequence) return run.at(-1);
    }
  }
  return runs.toSorted((a, b) => b.length - a.length)[0].at(-1);
}

/** A directory that is not there yet holds no entry. */
async function entriesOf(store: Store): Promise<number[]> {
  if (store.localPath && !await isThere(store.localPath(entryName(1)).replace(/\/[^/]*$/, ""))) return [];
  return await entriesIn(store);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The run whose verdict is kept: what is asked of it. */
interface Run {
  keepVerdict(keep: (verdict: Verdict, signal: AbortSignal) => Promise<void>): void;
  record(fields: { evidence: Evidence }): void;
  find(finding: Finding): void;
}

/** How long a run that is to stop still has to keep its evidence. */
const graceMs = 10_000;

/**
 * Has the job's verdict signed and added to the evidence log when everything else has kept it, whatever it is: a failed
 * or interrupted run is evidence, too. If it cannot be, the verdict does not pass.
 *
 * The key is read now: who lacks it learns so before the work, not after.
 *
 * @throws {OperatorError} `SIGNING_KEY_EXPOSED`, `SIGNING_KEY_UNREADABLE`, `BAD_SIGNING_KEY`.
 */
export async function keepEvidence(run: Run, options: EvidenceOptions) {
  const key = await readSigningKey(options.signingKey);
  run.keepVerdict(async (verdict: Verdict, signal) => {
    using stopping = afterGrace(signal, graceMs);
    const store = await openStore(options.to, { ...options.store, signal: stopping.signal });
    try {
      const { evidence, isGuarded } = await appendEvidence(store, verdict, key);
      run.record({ evidence });
      if (isGuarded) return;
      run.find(evidenceUnguarded({ store: store.address }));
    } finally {
      await store.close();
    }
  });
}

/** Where a verdict is kept as evidence, and who signs it. */
interface EvidenceOptions {
  /** A directory or `s3://bucket/prefix`. */
  to: string;
  /** The file with the private key. */
  signingKey: string;
  /** How to reach the bucket. */
  store?: Omit<StoreOptions, "signal">;
}
