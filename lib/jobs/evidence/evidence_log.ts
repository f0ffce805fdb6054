import { createHash } from "node:crypto";
import { inParallel } from "../../system/in_parallel.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Store } from "../../storage/store.ts";
import { type ExaminedEvidence, examineEvidence, sealEvidence } from "../../verdict/evidence.ts";
import type { SigningKey, VerificationKey } from "../../verdict/signing_key.ts";
import type { Evidence, Verdict } from "../../verdict/verdict.ts";

// The evidence log: signed verdicts, numbered from 1, each with the hash of the one before.

const prefix = "evidence-";
const pattern = /^evidence-(\d{8})\.dsse\.json$/;

/** A verdict with all its assertions has kilobytes. */
const largestRecordBytes = 64 * 1024 * 1024;

/** The name of a record. */
export function recordName(sequence: number): string {
  return `${prefix}${String(sequence).padStart(8, "0")}.dsse.json`;
}

/** Which records a store holds, oldest first, by their names alone. */
export async function recordsIn(store: Store): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { name } of store.list({ prefix })) {
    const [, digits] = pattern.exec(name) ?? [];
    if (digits !== undefined) sequences.push(Number(digits));
  }
  return sequences.sort((a, b) => a - b);
}

/** The whole of a record. */
export async function readRecord(store: Store, name: string): Promise<Uint8Array> {
  return await new Response(store.read(name, { length: largestRecordBytes })).bytes();
}

/** A record of the log, examined. */
export interface LogRecord extends ExaminedEvidence {
  name: string;
  /** As its name has it. */
  sequence: number;
}

/** Reads and examines the whole log, oldest first. */
export async function readLog(store: Store, keys: readonly VerificationKey[]): Promise<LogRecord[]> {
  return await inParallel(await recordsIn(store), 16, async (sequence) => {
    const name = recordName(sequence);
    return { ...examineEvidence(await readRecord(store, name), keys), name, sequence };
  });
}

/**
 * Adds a verdict to the log. Where somebody else adds one at the same moment, ours comes after it.
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
    const last = (await recordsOf(store)).at(-1);
    const previous = last === undefined
      ? undefined
      : createHash("sha256").update(await readRecord(store, recordName(last))).digest("hex");
    const sequence = (last ?? 0) + 1;
    const { text, sha256 } = sealEvidence(verdict, { sequence, previous, key });
    const name = recordName(sequence);
    const claim = await store.claim(name, new TextEncoder().encode(text));
    if (claim !== "taken") {
      const evidence = {
        record: `${store.address.replace(/\/+$/, "")}/${name}`,
        sha256,
        sequence,
        ...(previous !== undefined && { previous_sha256: previous }),
        key_id: key.verificationKey.id,
      };
      return { evidence, isGuarded: claim === "claimed" };
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * Math.min(attempt, 10)));
  }
  throw new OperatorError("EVIDENCE_CONTENDED", `Too many others write evidence into ${store.address} at once.`, {
    fix: "Give hosts that end runs by the dozen in the same second evidence stores of their own.",
  });
}

const mostAttempts = 100;

/** A directory that is not there yet holds no record. */
async function recordsOf(store: Store): Promise<number[]> {
  if (store.localPath && !await isThere(store.localPath(recordName(1)).replace(/\/[^/]*$/, ""))) return [];
  return await recordsIn(store);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
