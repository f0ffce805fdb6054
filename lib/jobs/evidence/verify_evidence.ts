import { Buffer } from "node:buffer";
import { parseEnvelope } from "../../evidence/dsse.ts";
import { readEntry } from "../../evidence/evidence_log.ts";
import { evidenceAltered, evidenceReformatted, evidenceSignedByOther, notEvidence } from "../../evidence/findings.ts";
import { type ExaminedEvidence, examineEvidence } from "../../evidence/sealed_verdict.ts";
import { readVerificationKey, type VerificationKey } from "../../evidence/signing_key.ts";
import { acquireStore, type Job, type JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { StoreOptions } from "../../storage/store.ts";
import { writeJson } from "../../system/files.ts";
import type { Evidence, Finding, Verdict } from "../../verdict/verdict.ts";
import { matchBackup } from "./match_backup.ts";

interface VerifyEvidenceOptions extends JobOptions {
  /** The record: a path, or `s3://bucket/prefix/NAME`. */
  record: string;
  /** Files with public keys; one of them must have signed. */
  keys: string[];
  /** A backup that must be the one it is about. */
  backup?: string;
  /** Where the record is written as a Sigstore bundle, if it is intact. */
  sigstoreBundle?: string;
  store?: Omit<StoreOptions, "signal">;
}

/** Says whether a record of evidence is as it was signed, and by whom. */
export function verifyEvidence(options: VerifyEvidenceOptions): Promise<Verdict> {
  return runJob("verify-evidence", options, async (job) => {
    const keys = await Promise.all(options.keys.map(readVerificationKey));
    const bytes = await job.phase("read", () => readRecordAt(job, options));
    const examined = examineEvidence(bytes, keys);
    job.record({ evidence: describe(options.record, examined) });
    const problem = problemOf(options.record, examined);
    if (examined.state === "not_evidence") return job.leaveOpen(problem!);
    job.expect("signed_by_this_key", { expected: "intact", actual: examined.state }, ...problem ? [problem] : []);
    if (problem) return;
    if (!examined.isAsWritten) job.note(evidenceReformatted({ record: options.record }));
    if (options.backup !== undefined) {
      await job.phase("backup", () => matchBackup(job, options.backup!, examined.statement!.subject, options.store));
    }
    if (options.sigstoreBundle !== undefined) {
      await writeJson(options.sigstoreBundle, sigstoreBundle(bytes, keys.find(({ id }) => id === examined.signer)!));
    }
  });
}

async function readRecordAt(job: Job, { record, store }: VerifyEvidenceOptions): Promise<Uint8Array> {
  const slash = record.lastIndexOf("/");
  const opened = await acquireStore(job, slash < 0 ? "." : record.slice(0, slash) || "/", store ?? {});
  return await readEntry(opened, record.slice(slash + 1));
}

function describe(record: string, { state, sha256, statement, signer }: ExaminedEvidence): Evidence {
  return {
    record,
    sha256,
    state: state as Evidence["state"], // a key was given: it is not unchecked
    ...(signer !== undefined && { key_id: signer }),
    ...(statement && {
      sequence: statement.predicate.log.sequence,
      ...(statement.predicate.log.previous_sha256 && { previous_sha256: statement.predicate.log.previous_sha256 }),
      says: {
        command: statement.predicate.verdict.command,
        verdict: statement.predicate.verdict.verdict,
        ...(statement.predicate.verdict.proof && { proof: statement.predicate.verdict.proof }),
        finished_at: statement.predicate.verdict.finished_at,
        subjects: statement.subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 })),
      },
    }),
  };
}

/** What is wrong with a record; `undefined` where nothing is. */
export function problemOf(record: string, { state, signer }: ExaminedEvidence): Finding | undefined {
  if (state === "altered") return evidenceAltered.verified({ record });
  if (state === "signed_by_other") return evidenceSignedByOther.verified({ record, signer });
  return state === "not_evidence" ? notEvidence({ record }) : undefined;
}

/** The same signature as cosign 3 wants it, which takes no bare envelope unless it is told to. */
function sigstoreBundle(bytes: Uint8Array, key: VerificationKey): object {
  const { payloadType, payload, signatures } = parseEnvelope(new TextDecoder().decode(bytes))!;
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: Buffer.from(key.id, "hex").toString("base64") } },
    dsseEnvelope: {
      payload: payload.toBase64(),
      payloadType,
      signatures: signatures.map(({ signature }) => ({ sig: signature.toBase64() })),
    },
  };
}
